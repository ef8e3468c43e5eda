//! The end of the SMSO's master keys: kept, wrapped, until the rollback window of their device closes, and then destroyed.

use jiff::ToSpan;
use tern_model::{DeviceId, SetId, london_day};
use tern_store::{Expect, Put, Remove};
use tern_wire::role_link::{DcoOrder, MasterKeyOf};

use super::Desk;
use crate::fault::DcoFault;

/// Kind of the records that say what is destroyed when; their keys are `{last day}/{device}/{set}`.
const OUTGOING: &str = "outgoing";
const VERSION: u16 = 1;
/// So many are destroyed with one batch of orders.
const AT_ONCE: usize = 64;

impl Desk<'_> {
    /// Notes that a device's old master key is to be destroyed once its rollback window is over.
    pub(super) fn retire_later(&mut self, order: &DcoOrder, rollback_days: i32) -> Result<(), DcoFault> {
        if self.held(order)?.package.in_force() == MasterKeyOf::Dco {
            return Ok(());
        }
        let last = london_day(self.now).saturating_add(rollback_days.days());
        let key = format!("{last}/{}/{}", order.device, order.set);
        let (expect, body) = (Expect::Any, b"{}".to_vec());
        self.batch.puts.push(Put { kind: OUTGOING, key, expect, version: VERSION, body });
        Ok(())
    }

    /// Destroys the old master keys whose window is over, where the DCO's are in force still. A record that cannot be used is
    /// left as it is and keeps no other waiting; one whose name says nothing is taken out, and the audit keeps the name.
    pub(super) fn destroy_what_is_due(&mut self) -> Result<(), DcoFault> {
        let (today, mut after) = (london_day(self.now).to_string(), None);
        loop {
            let due: Vec<_> = self.store.scan(OUTGOING, after.as_deref(), AT_ONCE)?;
            let due: Vec<_> = due.into_iter().map(|(key, _)| key).filter(|key| is_due(key, &today)).collect();
            for key in &due {
                match named(key) {
                    Some((device, set)) => self.destroy(key, device, set)?,
                    None => self.take_out(key),
                }
            }
            // Enough was destroyed for one batch, or nothing else is due.
            if due.len() < AT_ONCE || self.batch.removes.len() >= AT_ONCE {
                return Ok(());
            }
            after = due.last().cloned();
        }
    }

    fn destroy(&mut self, key: &str, device: DeviceId, set: SetId) -> Result<(), DcoFault> {
        let destroyed = match self.package(device, set) {
            Ok(Some(open)) => {
                let destroyed = open.package.destroy_retired();
                open.changed |= destroyed;
                destroyed
            }
            Ok(None) => false,
            Err(fault) if fault.is_of_one_record() => return Ok(()),
            Err(fault) => return Err(fault),
        };
        if destroyed {
            self.note_of(device, set, "the SMSO's master key destroyed, its window is over");
        }
        self.batch.removes.push(Remove { kind: OUTGOING, key: key.to_owned(), generation: None });
        Ok(())
    }

    fn take_out(&mut self, key: &str) {
        self.batch.removes.push(Remove { kind: OUTGOING, key: key.to_owned(), generation: None });
        self.note_upkeep("a record of what is to be destroyed that cannot be read was taken out", key);
    }
}

/// Whether the last day of a record is over.
fn is_due(key: &str, today: &str) -> bool {
    key.split('/').next().is_some_and(|last| last < today)
}

/// Device and set.
fn named(key: &str) -> Option<(DeviceId, SetId)> {
    let mut parts = key.splitn(3, '/').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
