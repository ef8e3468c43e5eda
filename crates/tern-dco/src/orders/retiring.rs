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

    /// Destroys the old master keys whose window is over, where the DCO's are in force still.
    pub(super) fn destroy_what_is_due(&mut self) -> Result<(), DcoFault> {
        let today = london_day(self.now).to_string();
        for (key, _) in self.store.scan(OUTGOING, None, AT_ONCE)? {
            let Some((last, device, set)) = named(&key) else {
                return Err(DcoFault::unreadable(format!("record {OUTGOING} {key}")));
            };
            if last >= today.as_str() {
                break;
            }
            let due = self.package(device, set)?.map(|open| (open.package.chf, open.package.destroy_retired(), open));
            if let Some((chf, true, open)) = due {
                open.changed = true;
                let what = tern_wire::role_link::DcoRequest::QueryMasterKey;
                self.note(&DcoOrder { set, chf, device, what }, "the SMSO's master key destroyed, its window is over");
            }
            self.batch.removes.push(Remove { kind: OUTGOING, key, generation: None });
        }
        Ok(())
    }
}

/// Last day, device and set.
fn named(key: &str) -> Option<(&str, DeviceId, SetId)> {
    let mut parts = key.splitn(3, '/');
    Some((parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
