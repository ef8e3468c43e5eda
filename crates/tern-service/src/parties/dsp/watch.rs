//! The second judgement, just before the first device effect (CH1, CH2): the supplier-change window, the certificate under
//! which the set came, and on a later day than that of intake the rollback window too.
//!
//! What it needs of an installation is a record of its own, written when the set is taken in; the Common File is not read
//! again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, DeviceId, DeviceKind, DeviceModel, Fuel, Mpxn, Role, SetId, london_day};
use tern_rules::{Judged, WatchedMeter};
use tern_store::{Batch, Expect, Put};
use tern_wire::Verified;
use tern_wire::migration::{FileKind, MigrationCommonFile};
use tern_wire::role_link::{InventoryOrder, InventoryReply, LinkRefusal};
use tern_wire::smki::Usage;
use tern_wire::{FaultKind, migration};

use super::Dsp;
use crate::facts::subjects_of_watched;
use crate::fault::ServiceFault;
use crate::judging::Second;
use crate::parties::history::SetRecord;
use crate::parties::{history, inbox, of_set};
use crate::set_files::{OpenedSet, altered};

/// Kind of [`Watched`], see [`of_set`].
pub(super) const WATCHED: &str = "watched";

/// What the DSP keeps of an installation from intake until it goes on no more under its set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Watched {
    /// What the supplier-change window is judged by.
    pub(super) meters: Vec<WatchedMeter>,
    /// What the hub must report of itself (Table B5).
    pub(super) hub: DeviceModel,
    /// The devices that may go into the inventory, the CHF not among them.
    pub(super) devices: Vec<WatchedDevice>,
}

/// A device as the Common File names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WatchedDevice {
    pub(super) device: DeviceId,
    pub(super) kind: DeviceKind,
    /// None for kinds of which the Common File names none.
    pub(super) model: Option<DeviceModel>,
}

impl Watched {
    /// The change that keeps an entry of a Common File; none where there is no such entry. `entry` counts from 0 within
    /// the run of entries that `file` is.
    pub(crate) fn put(
        set: SetId,
        file: &Verified<MigrationCommonFile>,
        entry: usize,
    ) -> Result<Option<Put>, ServiceFault> {
        let Some(i) = file.installations.get(entry) else { return Ok(None) };
        let device = |kind, device, model| WatchedDevice { device, kind, model };
        let meter = |kind, m: &migration::Meter| device(kind, m.device_id, Some(m.device_model.clone()));
        let mut devices = vec![device(DeviceKind::Gpf, i.gpf.device_id, None), meter(DeviceKind::Esme, &i.esme)];
        devices.extend(i.gsme.iter().map(|m| meter(DeviceKind::Gsme, m)));
        let ppmid = |p: &migration::Ppmid| device(DeviceKind::Ppmid, p.device_id, Some(p.device_model.clone()));
        devices.extend(i.ppmids.iter().map(ppmid));
        devices.extend(i.ihds.iter().map(|ihd| device(DeviceKind::Ihd, ihd.device_id, None)));
        let watched = Watched { meters: WatchedMeter::of(file, entry), hub: i.chf.device_model.clone(), devices };
        of_set::put(WATCHED, set, i.chf_identifier, &watched).map(Some)
    }

    /// The metering point of a kind of meter.
    pub(super) fn point_of(&self, kind: DeviceKind) -> Option<Mpxn> {
        let fuel = match kind {
            DeviceKind::Esme => Fuel::Electricity,
            DeviceKind::Gsme => Fuel::Gas,
            _ => return None,
        };
        self.meters.iter().find(|meter| meter.fuel == fuel).map(|meter| meter.mpxn.clone())
    }
}

/// What stands against going on with an installation; or what is kept of it.
type Still = Result<Watched, LinkRefusal>;

impl Dsp {
    /// Judges the supplier-change window again, for today.
    pub(super) fn recheck(
        &mut self,
        order: &InventoryOrder,
    ) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let today = self.shared.today();
        let (record, watched) = match self.still(order)? {
            (record, Ok(watched)) => (record, watched),
            (_, Err(refusal)) => return Ok(Err(refusal)),
        };
        let facts = self.shared.facts.slice(subjects_of_watched(&watched.meters))?;
        let mut judged =
            tern_rules::recheck(&watched.meters, order.set.group, today, self.shared.rulebook.on(today), &facts);
        // The rollback window has moved with the day (FI8).
        if london_day(record.judged) != today {
            judged.extend(self.rollback_still_planned(order, &watched, today, &facts));
        }
        let unclean: Vec<_> = judged.iter().filter(|j| !j.verdict.is_clean()).collect();
        if unclean.is_empty() {
            return Ok(Ok(InventoryReply::Done));
        }
        let mut codes: Vec<_> = unclean.iter().map(|j| j.rule.clause).collect();
        codes.dedup();
        let code = codes.join(" ");
        let reason = unclean.iter().filter_map(|j| j.as_finding()).map(|f| f.message).collect::<Vec<_>>().join("; ");
        Ok(Err(LinkRefusal { code, reason }))
    }

    /// Clause 5.1(c) again.
    fn rollback_still_planned(
        &self,
        order: &InventoryOrder,
        watched: &Watched,
        today: Date,
        facts: &tern_model::facts::Facts,
    ) -> Vec<Judged> {
        let hub = (DeviceKind::Chf, order.chf.into());
        let devices: Vec<_> = std::iter::once(hub).chain(watched.devices.iter().map(|d| (d.kind, d.device))).collect();
        let days = (today, self.shared.rulebook.on(today));
        tern_rules::recheck_rollback(order.chf, &devices, order.set.group, days, (&self.shared.settings, facts))
    }

    /// What is kept of an installation, where the certificate under which its set came may still be used.
    pub(super) fn still(&mut self, order: &InventoryOrder) -> Result<(SetRecord, Still), ServiceFault> {
        let set = order.set;
        let (record, _) = history::set_record(&*self.store, set)?.ok_or_else(|| not_taken(set))?;
        let record = if record.sender.is_some() {
            record
        } else {
            match self.watch_again(set)? {
                Ok(record) => record,
                Err(refusal) => return Ok((record, Err(refusal))),
            }
        };
        if let Some(refusal) = record.sender.as_ref().and_then(|sender| self.revoked(sender)) {
            return Ok((record, Err(refusal)));
        }
        let watched = of_set::get(&*self.store, WATCHED, set, order.chf)?;
        let unknown = || LinkRefusal {
            code: "P-entries-agree".to_owned(),
            reason: format!("the set's Common File holds no installation {} that may go on", order.chf),
        };
        Ok((record, watched.ok_or_else(unknown)))
    }

    fn revoked(&self, sender: &CertificateId) -> Option<LinkRefusal> {
        let problem = self.shared.trust.check(sender, self.shared.clock.now(), Usage::Sign).err()?;
        Some(LinkRefusal { code: FaultKind::Certificate.rule().to_owned(), reason: problem.to_string() })
    }

    /// Keeps of a set what an earlier version of this program did not: its Common File is read once more.
    fn watch_again(&mut self, set: SetId) -> Result<Result<SetRecord, LinkRefusal>, ServiceFault> {
        let came = inbox::received(&mut *self.store, Role::RequestingParty, FileKind::MigrationCommonFile, set)?
            .ok_or_else(|| not_taken(set))?;
        let name = came.file.name.clone();
        let opened = OpenedSet::open(&[came.file], &self.shared.trust, self.shared.clock.now())?;
        let Some(common) = opened.common.file().filter(|file| file.digest() == came.digest) else {
            let fault = opened.faults.into_iter().next().unwrap_or_else(|| altered(&name));
            return Ok(Err(LinkRefusal { code: fault.kind.rule().to_owned(), reason: fault.message }));
        };
        let mut entries = Second::of(common, self.shared.at_once)?;
        while let Some(run) = entries.next()? {
            let mut batch = Batch::default();
            for entry in 0..run.installations.len() {
                batch.puts.extend(Watched::put(set, &run, entry)?);
            }
            self.store.commit(&batch)?;
        }
        // None of it counts before the record names the certificate.
        let (mut record, generation) = history::set_record(&*self.store, set)?.ok_or_else(|| not_taken(set))?;
        record.sender = Some(common.sender().certificate.clone());
        let puts = vec![record.put(set, Expect::Generation(generation))?];
        self.store.commit(&Batch { puts, ..Batch::default() })?;
        Ok(Ok(record))
    }
}

fn not_taken(set: SetId) -> ServiceFault {
    ServiceFault::Body(format!("the DSP holds no Common File of {set}"))
}
