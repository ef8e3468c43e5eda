//! An image that is verified is used: on the Responsible Supplier's signed word, with the DCO's consent, and, where no answer
//! came, by asking the device what became of it.

use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{FirmwareError, FirmwareStage, Keys, Recipient};
use tern_model::DeviceId;
use tern_wire::Verified;
use tern_wire::migration::{FirmwareInstruction, open};
use tern_wire::role_link::{
    DcoOrder, DcoReply, DcoRequest, InventoryOrder, InventoryRequest, LinkRefusal, MasterKeyOf, SignedDocument,
};
use tern_wire::xml::Limits;

use super::desk::{End, FirmwareDesk, Told, firmware_of, note};
use super::record::{FirmwareRecord, Standing};
use super::target::Target;
use crate::fault::ServiceFault;

/// The number under which a Firmware Instruction is refused that is not what was sent.
const INSTRUCTION: &str = "P-firmware-instruction";
/// Numbers for one short association.
const NUMBERS_SHORT: u32 = 16;

/// What became of asking a device to use its image.
enum Asked {
    /// The device says better than any answer.
    Perhaps,
    /// It was not done, in the words of the device or of whoever stands before it; the same again may pass.
    NotDone(String),
    /// A party refuses.
    Refused(End),
}

impl FirmwareDesk<'_> {
    /// Has a device use the image that it verified, as a Firmware Instruction says.
    ///
    /// # Errors
    /// The device is none that this S1SP may send firmware to, nothing was sent to it, or a store failed.
    pub fn activate(&mut self, device: DeviceId, document: &SignedDocument) -> Result<Told, ServiceFault> {
        let (mut target, keys, kept) = self.open(device)?;
        let Some(mut record) = kept else { return Err(nothing_sent(device)) };
        if let Err(why) = self.believed(document).and_then(|verified| fits(&verified, &record)) {
            return Ok(Told { record, end: refused(INSTRUCTION, why) });
        }
        let mut not_done = None;
        for last in (0..=self.attempts.max(1)).rev() {
            if let Some(end) = self.hear((&mut target, &keys), &mut record)? {
                return Ok(Told { record, end });
            }
            let end = match &record.standing {
                Standing::Verified if last > 0 => match self.order((&mut target, &keys), &mut record, document)? {
                    Asked::Perhaps => continue,
                    Asked::NotDone(why) => {
                        not_done = Some(why);
                        continue;
                    }
                    Asked::Refused(end) => end,
                },
                Standing::Verified => not_done.take().map_or(End::LineLost, |why| refused("", why)),
                Standing::Activating | Standing::InUse { .. } => End::Done,
                Standing::NotAccepted { why } => refused("", why.clone()),
                Standing::Sending | Standing::Verifying => refused("", NOT_VERIFIED.to_owned()),
            };
            return Ok(Told { record, end });
        }
        Ok(Told { record, end: End::LineLost })
    }

    /// Asks a device how its image stands, and notes what it says.
    ///
    /// # Errors
    /// As [`FirmwareDesk::activate`].
    pub fn ask_device(&mut self, device: DeviceId) -> Result<Told, ServiceFault> {
        let (mut target, keys, kept) = self.open(device)?;
        let Some(mut record) = kept else { return Err(nothing_sent(device)) };
        let end = self.hear((&mut target, &keys), &mut record)?.unwrap_or(End::Done);
        Ok(Told { record, end })
    }

    /// What the device says of its image, durable; an end where nothing can be heard of it.
    fn hear(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &mut FirmwareRecord,
    ) -> Result<Option<End>, ServiceFault> {
        if !record.begun {
            return Ok(None);
        }
        let asked = matches!(record.standing, Standing::Activating | Standing::InUse { .. });
        match self.heard((target, keys), record)? {
            Ok(FirmwareStage::Activated) if asked => return self.in_use((target, keys), record),
            Ok(FirmwareStage::Activated) => {
                // It knows of no transfer: whatever it had of the image is gone.
                (record.begun, record.blocks_there, record.standing) = (false, 0, Standing::Sending);
            }
            Ok(stage) => note(record, stage),
            Err(error) if error.may_pass() => return Ok(Some(self.lost())),
            Err(error) if error.is_about_the_image() => {
                record.standing = Standing::NotAccepted { why: error.to_string() };
            }
            Err(error) => return Ok(Some(refused("", error.to_string()))),
        }
        self.keep(record, None)?;
        Ok(None)
    }

    /// The device says that the image is in use: its version goes into the inventory (RQ4).
    fn in_use(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &mut FirmwareRecord,
    ) -> Result<Option<End>, ServiceFault> {
        let (cohort, to) = (tern_cohorts::cohort(record.set.group), target.to);
        let Ok(model) = self.ask((target, keys), NUMBERS_SHORT, |site| cohort.running_firmware(to, site))? else {
            return Ok(Some(self.lost()));
        };
        let version = model.firmware.clone();
        let what = InventoryRequest::Runs { device: record.device, model };
        let told = (self.dsp)(&[InventoryOrder { set: record.set, chf: record.chf, what }])?.pop();
        if let Some(Err(LinkRefusal { code, reason })) = told {
            return Ok(Some(End::Refused { code, why: reason }));
        }
        let new = !matches!(&record.standing, Standing::InUse { version: known } if *known == version);
        record.standing = Standing::InUse { version };
        self.keep(record, new.then_some("firmware in use"))?;
        Ok(None)
    }

    /// Has the device use the image, once: that it may is durable before anything leaves.
    fn order(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &mut FirmwareRecord,
        document: &SignedDocument,
    ) -> Result<Asked, ServiceFault> {
        let cohort = tern_cohorts::cohort(record.set.group);
        let instruction = cohort.firmware_activation(&firmware_of(record, &[]));
        let Some(not_below) = self.critical_number((target, keys))? else { return Ok(Asked::Perhaps) };
        let what = DcoRequest::ActivateFirmware { document: document.clone(), instruction, not_below };
        let reply = match self.dco(record, what)? {
            Ok(reply) => reply,
            Err(LinkRefusal { code, reason }) => return Ok(Asked::Refused(End::Refused { code, why: reason })),
        };
        record.standing = Standing::Activating;
        self.keep(record, Some("firmware activation asked of the device"))?;
        if let DcoReply::Critical { apdu } = reply {
            return self.relay((target, keys), record, apdu);
        }
        let (firmware, to) = (firmware_of(record, &[]), target.to);
        let outcome = self.ask((target, keys), 0, |site| cohort.activate_firmware(&firmware, to, site))?;
        Ok(outcome.map_or_else(not_done, |_| Asked::Perhaps))
    }

    /// Carries the DCO's request to the ESME, and its answer back: the DCO alone can read it.
    fn relay(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &FirmwareRecord,
        apdu: Vec<u8>,
    ) -> Result<Asked, ServiceFault> {
        let cohort = tern_cohorts::cohort(record.set.group);
        let row = Row::RelayCritical { apdu };
        Ok(match self.ask((target, keys), 0, |site| cohort.carry_out(&row, site))? {
            Some(Ok(Reply::Critical { apdu: answer })) => {
                let what = DcoRequest::VerifyCritical { under: MasterKeyOf::Dco, answer };
                match self.dco(record, what)? {
                    Ok(_) => Asked::Perhaps,
                    Err(refusal) => Asked::NotDone(refusal.reason),
                }
            }
            Some(Err(error)) => not_done(FirmwareError::Device(error)),
            Some(Ok(_)) | None => Asked::Perhaps,
        })
    }

    /// What the ESME last heard on its critical association, and one; 0 for other devices, nothing where it does not answer.
    fn critical_number(&mut self, (target, keys): (&mut Target, &Keys)) -> Result<Option<u32>, ServiceFault> {
        if !matches!(target.to, Recipient::Esme(_)) {
            return Ok(Some(0));
        }
        let cohort = tern_cohorts::cohort(target.installation.plan.set.group);
        let said = self.ask((target, keys), 0, |site| cohort.carry_out(&Row::ReadCounters, site))?;
        Ok(match said {
            Some(Ok(Reply::Counters(counters))) => Some(counters.critical.saturating_add(1)),
            _ => None,
        })
    }

    fn dco(
        &mut self,
        record: &FirmwareRecord,
        what: DcoRequest,
    ) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault> {
        let order = DcoOrder { set: record.set, chf: record.chf, device: record.device, what };
        let answer = (self.dco)(&[order], self.clock.now())?.pop();
        answer.ok_or_else(|| ServiceFault::Body("the DCO gave no answer".to_owned()))
    }

    /// Verifies a Firmware Instruction, as the DCO will again.
    fn believed(&self, document: &SignedDocument) -> Result<Verified<FirmwareInstruction>, String> {
        let trust = &self.way.identity.trust;
        open(&document.name, &document.bytes, trust, self.clock.now(), &Limits::DEFAULT)
            .map_err(|faults| faults.first().map_or_else(String::new, ToString::to_string))
    }

    fn lost(&self) -> End {
        if self.way.is_to_stop() { End::Interrupted } else { End::LineLost }
    }
}

/// Whether an instruction is for what was sent.
fn fits(verified: &FirmwareInstruction, record: &FirmwareRecord) -> Result<(), String> {
    let image = &verified.firmware_image;
    let differs = |what: &str, says: String, sent: String| {
        Err(format!("the Firmware Instruction names another {what}: {says}; what was sent is {sent}"))
    };
    if verified.device_id != record.device {
        return differs("device", verified.device_id.to_string(), record.device.to_string());
    }
    if image.image_identifier.as_str() != record.identifier {
        return differs("image", image.image_identifier.to_string(), record.identifier.clone());
    }
    if (image.image_size, image.image_digest) != (record.size, record.digest) {
        let words = |size: u32, digest: &tern_model::Digest| format!("{size} bytes, SHA-256 {digest}");
        return differs("content", words(image.image_size, &image.image_digest), words(record.size, &record.digest));
    }
    Ok(())
}

/// What a device, or the way to it, said in place of doing it.
fn not_done(error: FirmwareError) -> Asked {
    match error {
        FirmwareError::Lost | FirmwareError::Device(DeviceError::NoWan) => Asked::Perhaps,
        error => Asked::NotDone(error.to_string()),
    }
}

/// The device is not so far.
const NOT_VERIFIED: &str = "the device has not verified the image: `tern firmware send` sends it to its end";

fn refused(code: &str, why: String) -> End {
    End::Refused { code: code.to_owned(), why }
}

fn nothing_sent(device: DeviceId) -> ServiceFault {
    ServiceFault::Refused {
        what: format!("no firmware was sent to {device}"),
        suggestion: "`tern firmware send` sends an image".to_owned(),
    }
}
