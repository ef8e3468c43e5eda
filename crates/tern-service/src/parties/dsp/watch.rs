//! What the S1SP orders of the DSP while it commissions: a second judgement just before the first device effect, and the
//! Smart Metering Inventory's entries.

use std::collections::HashMap;

use jiff::civil::Date;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Role, SetId, london_day};
use tern_rules::{Judged, SetHistory, SetJudgement, WatchedMeter};
use tern_store::{Batch, Expect, Remove};
use tern_wire::migration::FileKind;
use tern_wire::role_link::{HubDetails, InventoryOrder, InventoryReply, InventoryRequest, LinkRefusal};

use super::Dsp;
use crate::facts::subjects_of_watched;
use crate::fault::ServiceFault;
use crate::parties::inventory::{INVENTORY, InventoryEntry};
use crate::parties::{history, inbox};
use crate::set_files::OpenedSet;

/// So many sets' Common Files are kept read.
const WATCHED_MAX: usize = 8;

/// A set judged again on a later day.
pub(super) struct Later {
    set: SetId,
    day: Date,
    verdicts: SetJudgement,
}

/// A set's Common File, read again.
pub(super) struct Watched {
    /// Why nothing of the set may go on: its Common File no longer holds, for example because the certificate was revoked.
    refused: Option<LinkRefusal>,
    meters: HashMap<ChfIdentifier, Vec<WatchedMeter>>,
    hubs: HashMap<ChfIdentifier, Hub>,
}

/// A hub and what stands behind it, as the Common File has them.
struct Hub {
    model: DeviceModel,
    devices: Vec<DeviceId>,
}

impl Dsp {
    /// Obeys the S1SP's orders about the inventory; durable when this returns.
    ///
    /// # Errors
    /// The store failed: none was obeyed.
    pub fn obey(
        &mut self,
        orders: &[InventoryOrder],
    ) -> Result<Vec<Result<InventoryReply, LinkRefusal>>, ServiceFault> {
        let mut batch = Batch::default();
        let mut pending: HashMap<DeviceId, Option<InventoryEntry>> = HashMap::new();
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            answers.push(match &order.what {
                InventoryRequest::Recheck => self.recheck(order)?,
                InventoryRequest::Add { hub, devices } => {
                    match self.watch(order.set)?.may_add(order.chf, hub, devices) {
                        Ok(()) => self.add(order, devices, &mut pending)?,
                        Err(refusal) => Err(refusal),
                    }
                }
                InventoryRequest::Remove => {
                    let held = self.held(order, &pending)?;
                    pending.extend(held.into_iter().map(|d| (d, None)));
                    Ok(InventoryReply::Done)
                }
                InventoryRequest::Query => {
                    Ok(InventoryReply::Present { present: !self.held(order, &pending)?.is_empty() })
                }
            });
        }
        for (device, entry) in &pending {
            match entry {
                Some(e) => batch.puts.push(inbox::put(INVENTORY, device.to_string(), Expect::Any, e)?),
                None => batch.removes.push(Remove { kind: INVENTORY, key: device.to_string(), generation: None }),
            }
        }
        if !batch.is_empty() {
            self.store.commit(&batch)?;
        }
        Ok(answers)
    }

    /// Judges the supplier-change window again, for today.
    fn recheck(&mut self, order: &InventoryOrder) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let today = self.shared.clock.today();
        self.watch(order.set)?;
        let watched = self.watched.get(&order.set).ok_or_else(|| not_watched(order.set))?;
        if let Some(refusal) = &watched.refused {
            return Ok(Err(refusal.clone()));
        }
        let Some(meters) = watched.meters.get(&order.chf) else {
            let reason = format!("the set's Common File holds no installation {}", order.chf);
            return Ok(Err(LinkRefusal { code: "P-entries-agree".to_owned(), reason }));
        };
        let facts = self.shared.facts.slice(subjects_of_watched(meters))?;
        let mut judged = tern_rules::recheck(meters, today, today, &facts);
        judged.extend(self.rollback_still_planned(order, today)?);
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

    /// Clause 5.1(c) again where a later day than that of intake has come: the rollback window has moved with it (FI8).
    fn rollback_still_planned(&mut self, order: &InventoryOrder, today: Date) -> Result<Vec<Judged>, ServiceFault> {
        let taken = history::set_record(&*self.store, order.set)?.map(|(r, _)| london_day(r.judged));
        if taken == Some(today) {
            return Ok(Vec::new());
        }
        if self.later.as_ref().is_none_or(|l| (l.set, l.day) != (order.set, today)) {
            let opened = self.common_again(order.set)?;
            let facts = self.facts_of(&opened)?;
            let bench = self.shared.bench(&facts, today);
            let verdicts = bench.judge(Role::Dsp, &opened, &SetHistory::default(), None).verdicts;
            self.later = Some(Later { set: order.set, day: today, verdicts });
        }
        let of = |l: &Later| {
            l.verdicts.of(order.chf).map(|i| i.unclean().filter(|j| j.rule.clause == "5.1(c)").cloned().collect())
        };
        Ok(self.later.as_ref().and_then(of).unwrap_or_default())
    }

    /// A set's Common File, opened again: its certificate is judged by today's clock.
    fn common_again(&self, set: SetId) -> Result<OpenedSet, ServiceFault> {
        let file = inbox::received(&*self.store, Role::RequestingParty, FileKind::MigrationCommonFile, set)?
            .ok_or_else(|| not_watched(set))?;
        Ok(OpenedSet::open(&[file], &self.shared.trust, self.shared.clock.now()))
    }

    /// Reads a set's Common File again, once for each run of the process.
    fn watch(&mut self, set: SetId) -> Result<&Watched, ServiceFault> {
        if !self.watched.contains_key(&set) {
            if self.watched.len() >= WATCHED_MAX {
                self.watched.clear();
            }
            let opened = self.common_again(set)?;
            self.watched.insert(set, Watched::new(&opened));
        }
        self.watched.get(&set).ok_or_else(|| not_watched(set))
    }

    fn add(
        &self,
        order: &InventoryOrder,
        devices: &[(DeviceId, DeviceKind)],
        pending: &mut HashMap<DeviceId, Option<InventoryEntry>>,
    ) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let all: Vec<_> = std::iter::once((order.chf.into(), DeviceKind::Chf)).chain(devices.iter().copied()).collect();
        for (device, _) in &all {
            let held = self.inventory(*device)?.is_some_and(|r| r.by_set != Some(order.set));
            if held || pending.get(device).is_some_and(|p| p.as_ref().is_some_and(|e| e.set != order.set)) {
                return Ok(Err(dp01(format!("device {device} is in the inventory already"))));
            }
        }
        pending.extend(all.into_iter().map(|(device, kind)| {
            let status = "Commissioned".to_owned();
            (device, Some(InventoryEntry { device, kind, chf: order.chf, status, set: order.set }))
        }));
        Ok(Ok(InventoryReply::Done))
    }

    /// Devices of the installation that this set put into the inventory.
    fn held(
        &mut self,
        order: &InventoryOrder,
        pending: &HashMap<DeviceId, Option<InventoryEntry>>,
    ) -> Result<Vec<DeviceId>, ServiceFault> {
        let mut devices = vec![order.chf.into()];
        if let Some(hub) = self.watch(order.set)?.hubs.get(&order.chf) {
            devices.extend(&hub.devices);
        }
        let mut held = Vec::new();
        for device in devices {
            let by_this_set = match pending.get(&device) {
                Some(pending) => pending.as_ref().is_some_and(|e| (e.chf, e.set) == (order.chf, order.set)),
                None => self.inventory(device)?.is_some_and(|r| (r.chf, r.by_set) == (order.chf, Some(order.set))),
            };
            if by_this_set {
                held.push(device);
            }
        }
        Ok(held)
    }
}

impl Watched {
    fn new(opened: &OpenedSet) -> Watched {
        let refused =
            opened.faults.first().map(|f| LinkRefusal { code: f.kind.rule().to_owned(), reason: f.message.clone() });
        let (mut meters, mut hubs) = (HashMap::new(), HashMap::new());
        if let Some(file) = opened.common.file() {
            for (entry, installation) in file.installations.iter().enumerate() {
                meters.insert(installation.chf_identifier, WatchedMeter::of(file, entry));
                let i = installation;
                let meters = std::iter::once(&i.esme).chain(&i.gsme).map(|m| m.device_id);
                let others = i.ppmids.iter().map(|p| p.device_id).chain(i.ihds.iter().map(|d| d.device_id));
                let devices = meters.chain([i.gpf.device_id]).chain(others).collect();
                hubs.insert(i.chf_identifier, Hub { model: i.chf.device_model.clone(), devices });
            }
        }
        Watched { refused, meters, hubs }
    }

    /// Whether the hub is the one, and the devices are those, that the Common File names.
    fn may_add(
        &self,
        chf: ChfIdentifier,
        hub: &HubDetails,
        devices: &[(DeviceId, DeviceKind)],
    ) -> Result<(), LinkRefusal> {
        if let Some(refusal) = &self.refused {
            return Err(refusal.clone());
        }
        let known = self.hubs.get(&chf).ok_or_else(|| dp01(format!("the Common File holds no installation {chf}")))?;
        if hub.device != chf.into() || hub.model != known.model {
            return Err(dp01(format!("the hub reports itself as {} ({})", hub.device, hub.model)));
        }
        match devices.iter().find(|(device, _)| !known.devices.contains(device)) {
            Some((device, _)) => Err(dp01(format!("device {device} is none of the installation's in the Common File"))),
            None => Ok(()),
        }
    }
}

fn not_watched(set: SetId) -> ServiceFault {
    ServiceFault::Body(format!("the DSP holds no Common File of {set}"))
}

fn dp01(reason: String) -> LinkRefusal {
    LinkRefusal { code: "DP01".to_owned(), reason }
}
