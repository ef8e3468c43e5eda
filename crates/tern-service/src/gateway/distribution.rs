//! 11.1 at the DSP: whom of the listed devices the image may go to, and its way to the S1SPs and back.
//!
//! The answer on the request's own connection says who is left out. What becomes of each other device the User hears from its S1SP,
//! when that is known. A device has one update under way at a time. Nothing here may look into an image.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, DeviceKind, Digest, PartyId};
use tern_requests::families::distribution::{Distribution, Listed, sort};
use tern_requests::families::{self, FirmwareUpdate, Order, Work};
use tern_requests::machine::RequestKey;
use tern_requests::{Reason, Refusal, Srv};
use tern_store::{Batch, Body, Expect, OutboxEntry, Put, Remove, StoreFault, StoreView};
use tern_wire::Verified;
use tern_wire::dsig::sha256;
use tern_wire::duis::{Countersigned, Request, ResponseCode};

use super::decided::Said;
use super::door::{Door, Taken};
use super::record;
use super::replies::outbox_of;
use crate::equivalent::{FIRMWARE_TO_DSP, RequestDesk};
use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`ToSend`], by RequestID and Command Variant.
pub(super) const TO_SEND: &str = "duis-firmware-to-send";
/// Kind of the marks of devices with an update under way, by device: under which request.
const UNDER_WAY: &str = "duis-firmware-under-way";
/// Kind of the digests of images, by manufacturer, model and version.
const IMAGE: &str = "duis-firmware-image";
/// The code of an answer that leaves somebody out (DUIS: W110101 goes with the warning; unconfirmed).
const SOME_LEFT_OUT: &str = "W110101";
/// What S1SPs have is taken so many at once.
const PAGE: usize = 64;

/// An image that is to go to S1SPs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ToSend {
    /// The devices, by the S1SP that serves them.
    to: Vec<(PartyId, Vec<DeviceId>)>,
}

/// A device of the list as the inventory has it.
struct Entry {
    s1sp: PartyId,
    /// Manufacturer and model.
    model: Option<(String, String)>,
}

impl Door<'_> {
    /// What an Update Firmware leads to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn update_firmware(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        srv: &'static Srv,
    ) -> Result<Result<Said, Refusal>, ServiceFault> {
        let header = request.header();
        let key = RequestKey { id: header.request_id, command_variant: header.command_variant };
        let order = Order { srv, body: request.body(), kind: DeviceKind::Chf, id: key.id };
        let update = match families::plan(&order) {
            Ok(Work::Firmware(update)) => update,
            Ok(_) => return Ok(Err(Refusal::new(Reason::NotYetProcessed, "it updates no firmware"))),
            // The list holds something else than devices.
            Err(refusal) => return Ok(Err(Refusal::new(Reason::NoDeviceLeft, refusal.text))),
        };
        if update.image.is_empty() {
            return Ok(Err(Refusal::new(Reason::ImageUnfit, "there is no image")));
        }
        let (listed, entries) = self.listed(&update, (taken.sender(request).party, taken.at))?;
        let sorted = match sorted(&listed, &entries) {
            Ok(sorted) => sorted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut puts = match self.image_of(&update, &sorted, &entries)? {
            Ok(image) => image,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut to: BTreeMap<PartyId, Vec<DeviceId>> = BTreeMap::new();
        for device in &sorted.to {
            puts.push(inbox::put(UNDER_WAY, device.to_string(), Expect::Absent, &key)?);
            if let Some(entry) = entries.get(device) {
                to.entry(entry.s1sp).or_default().push(*device);
            }
        }
        let to = to.into_iter().collect();
        puts.push(inbox::put(TO_SEND, key.to_string(), Expect::Any, &ToSend { to })?);
        let warning = sorted.warning();
        let code = if warning.is_some() { ResponseCode::of(SOME_LEFT_OUT) } else { ResponseCode::I0 };
        Ok(Ok((code, warning, puts)))
    }

    /// The list, with what is known of each device.
    fn listed(
        &self,
        update: &FirmwareUpdate,
        (user, at): (PartyId, Timestamp),
    ) -> Result<(Vec<Listed>, HashMap<DeviceId, Entry>), ServiceFault> {
        let known = self.knowledge.now();
        let (mut listed, mut entries) = (Vec::new(), HashMap::new());
        for &device in &update.devices {
            let found = known.device(device, (user, "11.1"), at)?;
            // One that no S1SP serves is held by nobody.
            let found = found.and_then(|(target, entry)| entry.s1sp.map(|s1sp| (target, entry.model, s1sp)));
            let is_busy = inbox::get::<RequestKey>(known.view, UNDER_WAY, &device.to_string())?.is_some();
            let known = found.map(|(target, model, s1sp)| {
                let model = model.map(|model| (model.manufacturer, model.model));
                entries.insert(device, Entry { s1sp, model });
                target
            });
            listed.push(Listed { device, known, is_busy });
        }
        Ok((listed, entries))
    }

    /// Notes which image a version of a model is; another one is refused.
    fn image_of(
        &self,
        update: &FirmwareUpdate,
        sorted: &Distribution,
        entries: &HashMap<DeviceId, Entry>,
    ) -> Result<Result<Vec<Put>, Refusal>, ServiceFault> {
        let first = sorted.to.first().and_then(|device| entries.get(device));
        let Some((manufacturer, model)) = first.and_then(|entry| entry.model.as_ref()) else {
            return Ok(Ok(Vec::new()));
        };
        let (key, digest) = (format!("{manufacturer}/{model}/{}", update.version), sha256(&update.image));
        match inbox::get::<Digest>(self.ledger.view(), IMAGE, &key)? {
            Some((known, _)) if known != digest => {
                let words = format!("version {} of {model} is another image, SHA-256 {known}", update.version);
                Ok(Err(Refusal::new(Reason::ImageUnfit, words)))
            }
            Some(_) => Ok(Ok(Vec::new())),
            None => Ok(Ok(vec![inbox::put(IMAGE, key, Expect::Any, &digest)?])),
        }
    }

    /// Hands images to the S1SPs, takes what became of them to the Users, and gives how much that was.
    ///
    /// # Errors
    /// A store failed, or something cannot be written.
    pub(super) fn distribute(&self, s1sp: &RequestDesk<'_>) -> Result<usize, ServiceFault> {
        let waiting = inbox::all::<ToSend>(self.ledger.view(), TO_SEND, "")?;
        let mut count = waiting.len();
        for (key, waiting) in waiting {
            let named = key.parse().map_err(|_| ServiceFault::Body(format!("{TO_SEND} record {key}")))?;
            self.hand_over(named, &waiting, s1sp)?;
            let removes = vec![Remove { kind: TO_SEND, key, generation: None }];
            self.ledger.commit(Batch { removes, ..Batch::default() })?;
        }
        for (number, entry) in s1sp.with.ledger.view().unsent_to(FIRMWARE_TO_DSP, 0, PAGE)? {
            self.heard(&entry)?;
            s1sp.with.ledger.commit(Batch { sent: vec![number], ..Batch::default() })?;
            count += 1;
        }
        Ok(count)
    }

    fn hand_over(&self, key: RequestKey, waiting: &ToSend, s1sp: &RequestDesk<'_>) -> Result<(), ServiceFault> {
        let Some((record, _)) = record::find(self.ledger.view(), key)? else {
            return Err(ServiceFault::Body(format!("the request {key} is not there")));
        };
        let bytes = record::bytes_of(self.ledger.view(), key)?;
        for (party, devices) in &waiting.to {
            let (at, version, devices) = (self.clock.now(), record.version, devices.clone());
            let said = Countersigned { s1sp: *party, at, version, devices };
            let document = self.countersign(&said, &bytes)?;
            s1sp.take_image(key, (*party, &said.devices), &document)?;
        }
        Ok(())
    }

    /// What an S1SP says of one device goes to the User; the device may be updated again.
    fn heard(&self, entry: &OutboxEntry) -> Result<(), ServiceFault> {
        let named = entry.message.parse::<RequestKey>().ok().zip(device_of(&entry.message));
        let (key, device) = named.ok_or_else(|| ServiceFault::Body(format!("{:?} names no device", entry.message)))?;
        let Some((record, _)) = record::find(self.ledger.view(), key)? else {
            return Err(ServiceFault::Body(format!("an S1SP answers {key}, which nobody sent")));
        };
        let Body::Bytes(signed) = &entry.body else {
            return Err(ServiceFault::Body(format!("the answer {key} is in no row")));
        };
        let at = self.clock.now();
        let reply = self.around((key, record.version), None, (&String::from_utf8_lossy(signed), at))?.reply;
        let message = format!("{device} {}", key.of(&format!("firmware-{device}")));
        let to = outbox_of(record.user);
        let outbox = vec![OutboxEntry { to, message, at, body: reply.into_bytes().into() }];
        let removes = vec![Remove { kind: UNDER_WAY, key: device.to_string(), generation: None }];
        match self.ledger.commit(Batch { outbox, removes, ..Batch::default() }) {
            Ok(()) => self.hands.bells.replies.ring(),
            // It came before, and whoever took it ended before the S1SP heard so.
            Err(StoreFault::Conflict { .. }) => {}
            Err(fault) => return Err(fault.into()),
        }
        Ok(())
    }
}

/// The list by those who get the image and those who are left out. An image is for one model: that of the first device that could
/// get it (P).
fn sorted(listed: &[Listed], entries: &HashMap<DeviceId, Entry>) -> Result<Distribution, Refusal> {
    let model = |device: DeviceId| entries.get(&device).and_then(|entry| entry.model.as_ref());
    let first = sort(listed, |_| true)?.to.first().copied();
    let wanted = first.and_then(model);
    sort(listed, |entry| model(entry.device) == wanted)
}

/// The device that a message of the S1SP's is about.
fn device_of(message: &str) -> Option<DeviceId> {
    message.rsplit('/').next()?.parse().ok()
}
