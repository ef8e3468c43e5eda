//! What the DSP answers by itself of the Smart Metering Inventory: 8.2 reads it, 8.4 and 12.2 change it; and what a device's own
//! answer changes in it: the firmware that it tells (11.2, 11.3).
//!
//! Each gives what is to be answered and what becomes durable with it; nothing is changed before that is. Who may ask was
//! judged before. It must never tell more of a device than the schema has a place for.

use jiff::Timestamp;
use tern_model::{
    CSP_REGION, ChfIdentifier, DeviceId, DeviceKind, DeviceModel, InventoryChange, InventoryStatus, Mpxn, PartyId,
    london_day,
};
use tern_requests::Reason;
use tern_store::{Put, StoreView};
use tern_wire::duis::{Draft, Element, RequestId};

use super::known::Known;
use crate::fault::ServiceFault;
use crate::parties::inventory::{self, InventoryCause, InventoryEntry, InventoryEvent, Notified};

/// Devices in an answer, at most (the schema's).
const DEVICES_MAX: usize = 17;
/// A firmware version longer than this has no place in the schema.
const VERSION_MAX_CHARS: usize = 8;
/// A manufacturer or model longer than this has no place in the schema.
const NAME_MAX_CHARS: usize = 30;

/// What is asked and done under one request.
pub(super) struct Desk<'a> {
    pub(super) view: &'a dyn StoreView,
    pub(super) at: Timestamp,
    /// The RequestID.
    pub(super) request: String,
}

/// What was asked, or why not.
type Done<T> = Result<Result<T, Reason>, ServiceFault>;

impl Desk<'_> {
    /// 8.2: the devices of the installation that the key leads to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn read(&self, body: Element<'_>) -> Done<Draft> {
        let found = if let Some(device) = body.child("DeviceID").and_then(Element::parse::<DeviceId>) {
            inventory::entry(self.view, device)?.into_iter().collect()
        } else if let Some(point) = body.child("MPxN").and_then(Element::parse::<Mpxn>) {
            inventory::of_point(self.view, &point)?
        } else {
            return Ok(Err(Reason::KeyNotKept));
        };
        let held: Vec<_> = found.into_iter().filter(InventoryEntry::is_held).collect();
        let mut devices = Vec::new();
        for entry in held {
            match entry.chf {
                Some(chf) => devices.extend(inventory::of_hub(self.view, chf)?),
                None => devices.push(entry),
            }
        }
        devices.retain(InventoryEntry::is_held);
        devices.dedup_by_key(|entry| entry.device);
        if devices.is_empty() {
            return Ok(Err(Reason::NothingFound));
        }
        let told = devices.iter().take(DEVICES_MAX).map(|entry| told(entry, &devices));
        Ok(Ok(Draft::new("DSPInventory").with_all(told)))
    }

    /// 12.2: a device is notified before it is there; with a CHF its GPF.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn pre_notify(&self, body: Element<'_>) -> Done<Vec<Put>> {
        let Some(device) = body.child("DeviceID").and_then(Element::parse::<DeviceId>) else {
            return Ok(Err(Reason::KindNotServed));
        };
        let Some(kind) = body.text_at("DeviceType").and_then(kind_of) else { return Ok(Err(Reason::KindNotServed)) };
        let gpf = body.child("AssociatedGPFDeviceID").and_then(Element::parse::<DeviceId>);
        if gpf == Some(device) {
            return Ok(Err(Reason::SameDeviceIds));
        }
        let chf = (kind == DeviceKind::Chf).then_some(ChfIdentifier(device.0));
        let notified = Notified { gpf, ..Notified::default() };
        let mut entries = vec![(device, kind, notified)];
        entries.extend(gpf.filter(|_| chf.is_some()).map(|gpf| (gpf, DeviceKind::Gpf, Notified::default())));
        let mut puts = Vec::new();
        for (device, kind, notified) in entries {
            let known = inventory::entry(self.view, device)?;
            if known.as_ref().is_some_and(InventoryEntry::is_held) {
                return Ok(Err(Reason::AlreadyNotified));
            }
            let history = known.map(|known| known.history).unwrap_or_default();
            let (model, mpxn, s1sp) = (None, None, None);
            let mut entry = InventoryEntry { device, kind, model, chf, mpxn, notified, s1sp, history };
            detail(&mut entry, body);
            puts.extend(self.changed(entry, InventoryChange::PreNotified).puts()?);
        }
        Ok(Ok(puts))
    }

    /// 8.4: another status, other details, or out with it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn update(&self, body: Element<'_>) -> Done<Vec<Put>> {
        let device = body.child("DeviceID").and_then(Element::parse::<DeviceId>);
        let known = device.map(|device| inventory::entry(self.view, device)).transpose()?.flatten();
        let Some(mut entry) = known.filter(InventoryEntry::is_held) else {
            return Ok(Err(Reason::UpdateUnknownDevice));
        };
        let is_hub = matches!(entry.kind, DeviceKind::Chf | DeviceKind::Gpf);
        let Some(what) = body.children().find(|child| child.name() != "DeviceID") else {
            return Ok(Err(Reason::UpdateKind));
        };
        let change = match what.name() {
            "UpdateDeviceStatusExceptCH" if !is_hub => set(&entry, what),
            "UpdateDeviceStatusCH" if is_hub => set(&entry, what),
            "UpdateDeviceDetails" => {
                detail(&mut entry, what);
                Ok(InventoryChange::DetailsUpdated)
            }
            "DeleteDevice" if is_untouched(&entry) => Ok(InventoryChange::Deleted),
            "DeleteDevice" => Err(Reason::UpdateCommissioned),
            "UpdateMPxN" => point(&mut entry, what),
            _ => Err(Reason::UpdateKind),
        };
        Ok(match change {
            Ok(change) => Ok(self.changed(entry, change).puts()?),
            Err(not) => Err(not),
        })
    }

    /// What an S1SP signed of a device's answer: where the device told its firmware, and it is other than what is noted, that is
    /// noted. A GPF tells its hub's, which is one program with it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn told_firmware(&self, device: DeviceId, signed: Element<'_>) -> Result<Vec<Put>, ServiceFault> {
        let data = signed.at("SMETS1Response/Body/ResponseMessage/SMETSData").and_then(Element::first);
        let says = |answer: &Element<'_>| ["ReadFirmwareVersionRsp", "ActivateFirmwareRsp"].contains(&answer.name());
        let Some(version) = data.filter(says).and_then(|answer| answer.text_at("FirmwareVersion")) else {
            return Ok(Vec::new());
        };
        let Some(entry) = self.with_model(device)? else { return Ok(Vec::new()) };
        let Some(model) = entry.model.clone().filter(|model| model.firmware != version) else { return Ok(Vec::new()) };
        let model = Some(DeviceModel { firmware: version.to_owned(), ..model });
        self.changed(InventoryEntry { model, ..entry }, InventoryChange::FirmwareTold).puts()
    }

    /// The entry that has a device's model: its own, or of a GPF its hub's.
    fn with_model(&self, device: DeviceId) -> Result<Option<InventoryEntry>, ServiceFault> {
        let entry = inventory::entry(self.view, device)?.filter(InventoryEntry::is_held);
        let hub = entry.as_ref().filter(|entry| entry.kind == DeviceKind::Gpf && entry.model.is_none());
        match hub.and_then(|gpf| gpf.chf) {
            Some(chf) => Ok(inventory::entry(self.view, chf.into())?.filter(InventoryEntry::is_held)),
            None => Ok(entry),
        }
    }

    fn changed(&self, mut entry: InventoryEntry, change: InventoryChange) -> InventoryEntry {
        let by = InventoryCause::Request(self.request.clone());
        entry.history.push(InventoryEvent { at: Some(self.at), change, by });
        entry
    }
}

impl Known<'_> {
    /// Whether a User may change what 8.4 names: it is registered for the device, and for the metering point that the device is to
    /// have; of one that no migration put in, whoever notified it may (P). What is not there the change itself finds.
    ///
    /// # Errors
    /// The store or the records cannot be read.
    pub(super) fn may_update(&self, body: Element<'_>, user: PartyId, at: Timestamp) -> Done<()> {
        let device = body.child("DeviceID").and_then(Element::parse::<DeviceId>);
        let entry = device.map(|device| inventory::entry(self.view, device)).transpose()?.flatten();
        let Some(entry) = entry.filter(InventoryEntry::is_held) else { return Ok(Ok(())) };
        if !is_notified_by(&entry, user) && self.registered(&entry, user, at)?.is_empty() {
            return Ok(Err(Reason::NotRegistered));
        }
        let is_meter = matches!(entry.kind, DeviceKind::Esme | DeviceKind::Gsme);
        let point = body.at("UpdateMPxN/ImportMPxN").and_then(Element::parse::<Mpxn>).filter(|_| is_meter);
        let Some(point) = point else { return Ok(Ok(())) };
        let moved = InventoryEntry { mpxn: Some(point), ..entry };
        let is_own = !self.registered(&moved, user, at)?.is_empty();
        Ok(if is_own { Ok(()) } else { Err(Reason::UpdatePoint) })
    }
}

/// Whether a User notified a device that no migration put in.
fn is_notified_by(entry: &InventoryEntry, user: PartyId) -> bool {
    let by = |event: &InventoryEvent| match &event.by {
        InventoryCause::Request(id) => id.parse::<RequestId>().is_ok_and(|id| id.originator == user.0),
        InventoryCause::Set(_) => false,
    };
    let mut notified = entry.history.iter().rev().filter(|event| event.change == InventoryChange::PreNotified);
    entry.held_by().is_none() && notified.next().is_some_and(by)
}

/// The status that a User sets: one before commissioning, from one before commissioning; of a hub also out of service again.
fn set(entry: &InventoryEntry, what: Element<'_>) -> Result<InventoryChange, Reason> {
    use InventoryStatus::{Commissioned, InstalledNotCommissioned, Pending, Withdrawn};
    let wanted = InventoryStatus::ALL.into_iter().find(|status| status.to_string() == what.text());
    let Some((wanted, now)) = wanted.zip(entry.status()) else { return Err(Reason::UpdateStatus) };
    let reached = match wanted {
        Pending => now > Pending && now <= InstalledNotCommissioned,
        InstalledNotCommissioned => now < InstalledNotCommissioned,
        Commissioned => now == InstalledNotCommissioned,
        Withdrawn => now == Commissioned,
        _ => false,
    };
    if reached { Ok(InventoryChange::Set(wanted)) } else { Err(Reason::UpdateStatus) }
}

/// Whether it never got beyond its notification.
fn is_untouched(entry: &InventoryEntry) -> bool {
    entry.status().is_none_or(|status| status < InventoryStatus::Commissioned)
}

/// A meter's metering point is another.
fn point(entry: &mut InventoryEntry, what: Element<'_>) -> Result<InventoryChange, Reason> {
    let is_meter = matches!(entry.kind, DeviceKind::Esme | DeviceKind::Gsme);
    let point = what.child("ImportMPxN").and_then(Element::parse::<Mpxn>).filter(|_| is_meter);
    entry.mpxn = Some(point.ok_or(Reason::UpdatePoint)?);
    Ok(InventoryChange::DetailsUpdated)
}

/// Takes over what a request says of a device; what it leaves out stays.
fn detail(entry: &mut InventoryEntry, said: Element<'_>) {
    let text = |name: &str| said.text_at(name).map(str::to_owned);
    let before = entry.model.take().unwrap_or(DeviceModel {
        manufacturer: String::new(),
        model: String::new(),
        firmware: String::new(),
    });
    entry.model = Some(DeviceModel {
        manufacturer: text("DeviceManufacturer").unwrap_or(before.manufacturer),
        model: text("DeviceModel").unwrap_or(before.model),
        firmware: text("FirmwareVersion").unwrap_or(before.firmware),
    });
    let known = &mut entry.notified;
    known.smets_version = text("SMETSCHTSVersion").or_else(|| known.smets_version.take());
    known.esme_variant = text("ESMEVariant").or_else(|| known.esme_variant.take());
}

/// The kinds of devices that a SMETS1 installation has here.
fn kind_of(text: &str) -> Option<DeviceKind> {
    use DeviceKind::{Chf, Esme, Gpf, Gsme, Ihd, Ppmid};
    [Chf, Gpf, Esme, Gsme, Ppmid, Ihd].into_iter().find(|kind| kind.to_string() == text)
}

/// A device as 8.2 tells it. CHF and GPF are one program, so the hub's model is the GPF's too.
fn told(entry: &InventoryEntry, all: &[InventoryEntry]) -> Draft {
    let hub = || all.iter().find(|other| other.kind == DeviceKind::Chf);
    let of_hub = || hub().filter(|_| entry.kind == DeviceKind::Gpf).and_then(|hub| hub.model.as_ref());
    let model = entry.model.as_ref().or_else(of_hub);
    let name = |of: fn(&DeviceModel) -> &String| {
        model.map(of).map_or_else(String::new, |text| text.chars().take(NAME_MAX_CHARS).collect())
    };
    let fits = |version: &&String| (1..=VERSION_MAX_CHARS).contains(&version.chars().count());
    let firmware = model.map(|model| &model.firmware).filter(fits);
    Draft::new("Device")
        .with(Draft::leaf("DeviceID", entry.device))
        .with(Draft::leaf("DeviceType", entry.kind))
        .with_some(entry.status().map(|status| Draft::leaf("DeviceStatus", status)))
        .with(Draft::leaf("DeviceManufacturer", name(|model| &model.manufacturer)))
        .with(Draft::leaf("DeviceModel", name(|model| &model.model)))
        .with_some(entry.notified.smets_version.as_ref().map(|version| Draft::leaf("SMETSCHTSVersion", version)))
        .with_some(firmware.map(|version| Draft::leaf("DeviceFirmwareVersion", version)))
        .with_some(commissioned(entry).map(|at| Draft::leaf("DateCommissioned", london_day(at))))
        .with_some(entry.mpxn.as_ref().map(|mpxn| Draft::leaf("ImportMPxN", mpxn.as_str())))
        .with_some(entry.notified.esme_variant.as_ref().map(|variant| Draft::leaf("ESMEVariant", variant)))
        .with(Draft::leaf("CSPRegion", CSP_REGION))
        .with_some(entry.s1sp.as_ref().map(|s1sp: &PartyId| Draft::leaf("S1SP", s1sp)))
}

/// When it was last commissioned, where that is known and it stayed so.
fn commissioned(entry: &InventoryEntry) -> Option<Timestamp> {
    let came = entry.statuses().filter(|(_, status)| *status == Some(InventoryStatus::Commissioned));
    came.last().and_then(|(event, _)| event.at).filter(|_| entry.status() == Some(InventoryStatus::Commissioned))
}
