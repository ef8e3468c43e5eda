//! Critical instructions: protected with keys that exist nowhere but in the device and here, and the device's answers.

use tern_dlms::apdu::{ActionResponse, ActionResult, Apdu, GetResponse};
use tern_dlms::security::{Ciphering, Form, Protection};
use tern_dlms::{Codec, SystemTitle};
use tern_model::{DeviceId, Digest};
use tern_wire::role_link::{DcoOrder, DcoReply, MasterKeyOf};

use super::{Dco, Desk, Told, refusal};
use crate::counters::Heard;
use crate::critical_keys;
use crate::fault::DcoFault;
use crate::instruction::{DUAL_CONTROL, reads_device_id};
use crate::package::Package;

/// The project-defined number under which a device's answer is not believed.
const ANSWER: &str = "P-critical-answer";
/// So many numbers are left to a device's critical keys at the least: `not_below` comes from the S1SP (P).
const NUMBERS_LEFT: u32 = 1 << 16;

impl Dco {
    pub(super) fn make_critical(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        instruction: &[u8],
        (under, not_below): (MasterKeyOf, u32),
    ) -> Told {
        if let Err(differs) = reads_device_id(instruction) {
            return Ok(Err(refusal(DUAL_CONTROL, differs.to_string())));
        }
        self.protect(order, desk, instruction, (under, not_below), "read Device ID")
    }

    /// Protects an instruction that was held against the file set; every one uses up an invocation counter.
    pub(super) fn protect(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        instruction: &[u8],
        (under, not_below): (MasterKeyOf, u32),
        what: &str,
    ) -> Told {
        if not_below > u32::MAX - NUMBERS_LEFT {
            return Ok(Err(refusal(
                DUAL_CONTROL,
                format!("the invocation counter {not_below} leaves too few after it"),
            )));
        }
        let (elsewhere, _) = desk.counters_elsewhere(order)?;
        let open = desk.held(order)?;
        let Some(ciphering) = self.ciphering(&open.package, under)? else { return Ok(Err(no_key(under))) };
        let used = elsewhere.max(open.package.highest_counters().0);
        let Some(not_below) = used.checked_add(1).map(|next| next.max(not_below)) else { return Ok(Err(no_number())) };
        let Some(number) = open.package.version_mut(under).and_then(|v| v.counters.next(not_below)) else {
            return Ok(Err(no_number()));
        };
        open.changed = true;
        let apdu = ciphering.seal(Form::General, Protection::AuthenticatedEncrypted, number, instruction);
        let apdu = apdu.map_err(|_| DcoFault::Crypto("protection of an instruction"))?;
        desk.note(order, &format!("critical instruction {number} protected: {what}"));
        Ok(Ok(DcoReply::Critical { apdu }))
    }

    pub(super) fn verify_critical(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        under: MasterKeyOf,
        (answer, says): (&[u8], Says),
    ) -> Told {
        let (_, elsewhere) = desk.counters_elsewhere(order)?;
        let open = desk.held(order)?;
        let Some(ciphering) = self.ciphering(&open.package, under)? else { return Ok(Err(no_key(under))) };
        let Some(version) = open.package.version_mut(under) else { return Ok(Err(no_key(under))) };
        if !version.counters.asked() {
            return Ok(Err(refusal(ANSWER, "nothing was asked under these critical keys")));
        }
        let number = match believed(&ciphering, answer, order.device, says) {
            Ok(number) => number,
            Err(why) => return Ok(Err(refusal(ANSWER, why))),
        };
        let digest = digest(answer)?;
        match version.counters.judge(number, digest) {
            Heard::Again => {}
            Heard::New if number <= elsewhere => {
                return Ok(Err(refusal(ANSWER, "an answer that was given under an earlier file set")));
            }
            Heard::Stale => {
                return Ok(Err(refusal(ANSWER, "an older answer, or one under a number that was used before")));
            }
            Heard::New => {
                version.counters.believed(number, digest);
                open.changed = true;
            }
        }
        Ok(Ok(DcoReply::MasterKeyHolds))
    }

    /// The DCO's master key is in force, because the device answered under it.
    pub(super) fn activate_by(&self, order: &DcoOrder, desk: &mut Desk<'_>, evidence: &[u8]) -> Told {
        match self.verify_critical(order, desk, MasterKeyOf::Dco, (evidence, Says::DeviceId))? {
            Ok(_) => self.activate(order, desk),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// The critical keys of one of a device's master keys; none where it has no such key.
    fn ciphering(&self, package: &Package, under: MasterKeyOf) -> Result<Option<Ciphering>, DcoFault> {
        let Some(master) = package.master(under, &self.custody)? else { return Ok(None) };
        let peer = title(package.device);
        let keys = critical_keys::derive(&master, peer)?;
        Ok(Some(Ciphering { keys, own: SystemTitle(self.settings.title.0.to_be_bytes()), peer }))
    }
}

/// What an answer may say to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// The Device ID: whoever says it under these keys holds them.
    DeviceId,
    /// That, or that what was asked was done.
    DeviceIdOrDone,
}

/// The number of an answer under these keys, or why it is not believed.
fn believed(ciphering: &Ciphering, answer: &[u8], device: DeviceId, says: Says) -> Result<u32, String> {
    let opened = ciphering.open(answer).map_err(|error| format!("the device's answer is not believed: {error}"))?;
    if opened.protection != Protection::AuthenticatedEncrypted {
        return Err("the device's answer is not authenticated and encrypted".to_owned());
    }
    match Apdu::decode(&opened.apdu) {
        Ok(Apdu::GetResponse(GetResponse::Normal { result: Ok(data), .. })) => match data.as_octets() {
            Ok(octets) if octets == device.0.0.to_be_bytes() => Ok(opened.invocation_counter),
            _ => Err(format!("the device's answer tells another Device ID than {device}")),
        },
        Ok(Apdu::ActionResponse(ActionResponse::Normal { response, .. })) if says == Says::DeviceIdOrDone => {
            match response.result {
                ActionResult::Success => Ok(opened.invocation_counter),
                refused => Err(format!("the device says that it was not done: {refused}")),
            }
        }
        _ => Err("the device's answer tells no value".to_owned()),
    }
}

/// A device's system title: the 8 bytes of its Device ID.
fn title(device: DeviceId) -> SystemTitle {
    SystemTitle(device.0.0.to_be_bytes())
}

fn no_number() -> tern_wire::role_link::LinkRefusal {
    refusal(DUAL_CONTROL, "no invocation counter is left to this device's critical keys")
}

pub(super) fn no_key(under: MasterKeyOf) -> tern_wire::role_link::LinkRefusal {
    let whose = match under {
        MasterKeyOf::Smso => "no master key of the SMSO's is kept for this device",
        MasterKeyOf::Dco => "no next master key was made for this device",
    };
    refusal(DUAL_CONTROL, whose)
}

pub(super) fn digest(bytes: &[u8]) -> Result<Digest, DcoFault> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().try_into().map(Digest).map_err(|_| DcoFault::Crypto("a digest"))
}
