//! Firmware: that a device uses an image is the Responsible Supplier's to decide, and the DCO's to see to.
//!
//! The order brings the supplier's signed Firmware Instruction. The DCO verifies it itself, holds device, supplier and
//! moment against what it knows, and the S1SP's bytes against what the supplier says of the image. The same order again does
//! no harm: it names what the device is to use, and the device hears no number twice.

use std::fmt::Debug;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, DeviceKind, Digest, Mpxn, PartyId};
use tern_store::{Expect, Put};
use tern_wire::Verified;
use tern_wire::dsig::sha256;
use tern_wire::migration::{FirmwareInstruction, open};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal, MasterKeyOf, SignedDocument};
use tern_wire::schema::write;
use tern_wire::smki::Trust;
use tern_wire::xml::Limits;

use super::{Dco, Desk, Told, footing};
use crate::fault::DcoFault;
use crate::instruction::activates;
use crate::package::Package;
use crate::refusal::Refused;
use crate::site::Site;

/// Kind of the record which instruction a device last obeyed, by device.
const OBEYED: &str = "firmware-obeyed";
/// Version of its body.
const VERSION: u16 = 1;

/// What the DCO looks up beside its own store, each time anew: certificates are revoked, and suppliers change.
pub trait Records: Debug + Send + Sync {
    /// Certificates and revocation lists.
    fn trust(&self) -> Arc<Trust>;

    /// The Electricity Supplier whom Registration Data names for a metering point on a day; none where it names nobody.
    ///
    /// # Errors
    /// The records cannot be read; in words.
    fn electricity_supplier(&self, mpan: &Mpxn, on: Date) -> Result<Option<PartyId>, String>;
}

/// The last instruction that a device obeyed: none that was made before it is obeyed any more, so that nobody brings an
/// older image back with an instruction whose last moment is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Obeyed {
    made: Timestamp,
    instruction: Digest,
}

impl Dco {
    /// What this DCO looks things up in from now on. Without it no Firmware Instruction is believed.
    pub fn look_up_in(&mut self, records: Arc<dyn Records>) {
        self.records = Some(records);
    }

    pub(super) fn activate_firmware(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        document: &SignedDocument,
        (instruction, not_below): (&[u8], u32),
    ) -> Told {
        let Some(site) = Site::find(desk.store, order.set, order.chf)? else {
            return Ok(Err(Refused::KeyPackage.because(footing::UNKNOWN_SITE)));
        };
        let kind = site.devices.iter().find(|(device, _)| *device == order.device).map(|(_, kind)| *kind);
        let keeper = DcoOrder { device: footing::keeper(order, desk)?, ..order.clone() };
        if let Some(why) = lacking(kind, &desk.held(&keeper)?.package) {
            return Ok(Err(Refused::KeyPackage.because(why)));
        }
        let verified = match self.consented_by_supplier(order, desk, (&site, document))? {
            Ok(verified) => verified,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(differs) = activates(instruction, &verified.firmware_image) {
            return Ok(Err(Refused::DualControl.because(differs.to_what_is_said_by("the Firmware Instruction"))));
        }
        if let Err(refused) = desk.obeys_newest(order, &verified)? {
            return Ok(Err(refused));
        }
        let what = format!("use firmware {}", verified.firmware_image.image_identifier);
        if kind == Some(DeviceKind::Esme) {
            return self.protect(order, desk, instruction, (MasterKeyOf::Dco, not_below), &what);
        }
        // Hub and PPMID have no association of the DCO's: they obey what the S1SP signs.
        desk.note(order, &format!("consented: {what}"));
        Ok(Ok(DcoReply::Done))
    }

    /// The instruction, where it may be believed, is for this device and moment, and of the device's own supplier.
    fn consented_by_supplier(
        &self,
        order: &DcoOrder,
        desk: &Desk<'_>,
        (site, document): (&Site, &SignedDocument),
    ) -> Result<Result<Verified<FirmwareInstruction>, LinkRefusal>, DcoFault> {
        let refused = |why: String| Ok(Err(Refused::DualControl.because(why)));
        let Some(records) = &self.records else {
            return refused("the DCO has no certificates to verify a Firmware Instruction by".to_owned());
        };
        let (name, bytes) = (document.name.as_str(), document.bytes.as_slice());
        let verified = match open::<FirmwareInstruction>(name, bytes, &records.trust(), desk.now, &Limits::DEFAULT) {
            Ok(verified) => verified,
            Err(faults) => {
                let why = faults.first().map_or_else(String::new, ToString::to_string);
                return refused(format!("the Firmware Instruction is not believed: {why}"));
            }
        };
        if verified.device_id != order.device {
            return refused(format!(
                "the Firmware Instruction is for {}, not for {}",
                verified.device_id, order.device
            ));
        }
        let (from, until) = (verified.not_before, verified.not_after);
        if desk.now < from || until < desk.now {
            return refused(format!("the Firmware Instruction may be obeyed from {from} to {until}"));
        }
        match footing::not_supplied_by(verified.document().sender(), site, &**records, desk.now)? {
            None => Ok(Ok(verified)),
            Some(why) => refused(why),
        }
    }
}

impl Desk<'_> {
    /// Notes that a device obeys an instruction, unless it obeyed a later one before.
    fn obeys_newest(
        &mut self,
        order: &DcoOrder,
        verified: &Verified<FirmwareInstruction>,
    ) -> Result<Result<(), LinkRefusal>, DcoFault> {
        let now = Obeyed {
            made: verified.firmware_instruction_header.creation_date_time,
            // Signed again it is the same: what counts is what it says.
            instruction: sha256(write(verified.value()).as_bytes()),
        };
        let last = self.obeyed(order.device)?;
        if last.as_ref() == Some(&now) {
            return Ok(Ok(()));
        }
        if let Some(last) = last.filter(|last| now.made <= last.made) {
            let why = format!(
                "this device obeyed an instruction that was made at {}, this one is of {}",
                last.made, now.made
            );
            return Ok(Err(Refused::DualControl.because(why)));
        }
        let body = serde_json::to_vec(&now).map_err(DcoFault::unreadable)?;
        let key = order.device.to_string();
        self.batch.puts.push(Put { kind: OBEYED, key, expect: Expect::Any, version: VERSION, body });
        Ok(Ok(()))
    }

    /// The last instruction that a device obeyed, in this batch or before it.
    fn obeyed(&self, device: DeviceId) -> Result<Option<Obeyed>, DcoFault> {
        let key = device.to_string();
        let mut puts = self.batch.puts.iter();
        let body = match puts.rfind(|put| put.kind == OBEYED && put.key == key) {
            Some(put) => Some(put.body.clone()),
            None => match self.store.get(OBEYED, &key)? {
                Some(record) if record.version != VERSION => {
                    return Err(DcoFault::unreadable(format!("{OBEYED} of version {}", record.version)));
                }
                record => record.map(|record| record.body),
            },
        };
        body.map(|body| serde_json::from_slice(&body).map_err(DcoFault::unreadable)).transpose()
    }
}

/// What is lacking to have a device use firmware.
fn lacking(kind: Option<DeviceKind>, package: &Package) -> Option<String> {
    match kind {
        // Whose gas it is, the DCO is not told; of 11.3 the DSP judges so.
        Some(DeviceKind::Gsme) => Some("a GSME uses firmware by a Service Request (11.3) alone".to_owned()),
        Some(kind @ (DeviceKind::Gpf | DeviceKind::Ihd)) => Some(format!("a {kind} takes no firmware")),
        kind => footing::lacking(kind, package),
    }
}
