//! Critical instructions: protected with keys that exist nowhere but in the device and here, and the device's answers.

use tern_dlms::apdu::{ActionResponse, ActionResult, Apdu, DataAccessResult, GetResponse, SetResponse};
use tern_dlms::security::{Ciphering, Form, Protection};
use tern_dlms::{Codec, SystemTitle};
use tern_model::DeviceId;
use tern_wire::dsig::sha256;
use tern_wire::role_link::{DcoOrder, DcoReply, MasterKeyOf};

use super::{Dco, Desk, Told, no_consent};
use crate::counters::Heard;
use crate::critical_keys;
use crate::fault::DcoFault;
use crate::instruction::reads_device_id;
use crate::package::{KeyVersion, Package};
use crate::refusal::Refused;

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
            return Ok(Err(Refused::DualControl.because(differs.to_string())));
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
            return Ok(Err(
                Refused::DualControl.because(format!("the invocation counter {not_below} leaves too few after it"))
            ));
        }
        let elsewhere = desk.elsewhere(order)?.used;
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
        let elsewhere = desk.elsewhere(order)?.heard;
        let open = desk.held(order)?;
        let newest = open.package.highest_counters().1.max(elsewhere);
        let Some(ciphering) = self.ciphering(&open.package, under)? else { return Ok(Err(no_key(under))) };
        let Some(version) = open.package.version_mut(under) else { return Ok(Err(no_key(under))) };
        if !version.counters.asked() {
            return Ok(Err(Refused::CriticalAnswer.because("nothing was asked under these critical keys")));
        }
        let (number, reply) = match believed(&ciphering, answer, order.device, says) {
            Ok(believed) => believed,
            Err(why) => return Ok(Err(Refused::CriticalAnswer.because(why))),
        };
        let digest = sha256(answer);
        match version.counters.judge(number, digest) {
            Heard::Again => {}
            Heard::New if number > newest => {
                version.counters.believed(number, digest);
                open.changed = true;
            }
            Heard::New | Heard::Stale => {
                let older = "an older answer, or one under a number that was used before";
                return Ok(Err(Refused::CriticalAnswer.because(older)));
            }
        }
        Ok(Ok(reply))
    }

    /// The DCO's master key is in force, because the device answered under it.
    pub(super) fn activate_by(&self, order: &DcoOrder, desk: &mut Desk<'_>, evidence: &[u8]) -> Told {
        match self.verify_critical(order, desk, MasterKeyOf::Dco, (evidence, Says::DeviceId))? {
            Ok(_) => self.activate(order, desk),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// The SMSO's master key is in force, because the device answered under it since it last did under the DCO's.
    pub(super) fn restore_by(&self, order: &DcoOrder, desk: &mut Desk<'_>, evidence: &[u8]) -> Told {
        if desk.held(order)?.package.version(MasterKeyOf::Smso).and_then(KeyVersion::kek).is_none() {
            return Ok(Err(no_consent("the rollback window is over: the SMSO's master key was destroyed")));
        }
        if let Err(refusal) = self.verify_critical(order, desk, MasterKeyOf::Smso, (evidence, Says::DeviceId))? {
            return Ok(Err(refusal));
        }
        let package = &desk.held(order)?.package;
        let heard = |of| package.version(of).map_or(0, |version| version.counters.highest().1);
        if heard(MasterKeyOf::Smso) < heard(MasterKeyOf::Dco) {
            let before = "an answer from before the device held the DCO's master key";
            return Ok(Err(Refused::CriticalAnswer.because(before)));
        }
        self.put_in_force(order, desk, MasterKeyOf::Smso, "key package retired, the SMSO's master key in force")
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
    /// What became of what was asked.
    WhatBecame,
}

/// The number of an answer under these keys, and what it tells; or why it is not believed.
fn believed(ciphering: &Ciphering, answer: &[u8], device: DeviceId, says: Says) -> Result<(u32, DcoReply), String> {
    let opened = ciphering.open(answer).map_err(|error| format!("the device's answer is not believed: {error}"))?;
    if opened.protection != Protection::AuthenticatedEncrypted {
        return Err("the device's answer is not authenticated and encrypted".to_owned());
    }
    let apdu = Apdu::decode(&opened.apdu);
    let number = opened.invocation_counter;
    if says == Says::WhatBecame {
        return Ok((number, became(apdu.map_err(|error| error.to_string())?)?));
    }
    match apdu {
        Ok(Apdu::GetResponse(GetResponse::Normal { result: Ok(data), .. })) => match data.as_octets() {
            Ok(octets) if octets == device.0.0.to_be_bytes() => Ok((number, DcoReply::MasterKeyHolds)),
            _ => Err(format!("the device's answer tells another Device ID than {device}")),
        },
        Ok(Apdu::ActionResponse(ActionResponse::Normal { response, .. })) if says == Says::DeviceIdOrDone => {
            match response.result {
                ActionResult::Success => Ok((number, DcoReply::MasterKeyHolds)),
                refused => Err(format!("the device says that it was not done: {refused}")),
            }
        }
        _ => Err("the device's answer tells no value".to_owned()),
    }
}

/// What a device says that became of an instruction. Where one of several things was not done, not all was.
fn became(answer: Apdu) -> Result<DcoReply, String> {
    let refused = match answer {
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => {
            (response.result != ActionResult::Success).then(|| response.result.to_string())
        }
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => not_written(&[result]),
        Apdu::SetResponse(SetResponse::WithList { results, .. }) => not_written(&results),
        _ => return Err("the device's answer does not tell what became of it".to_owned()),
    };
    Ok(refused.map_or(DcoReply::Done, |reason| DcoReply::NotDone { reason }))
}

fn not_written(results: &[DataAccessResult]) -> Option<String> {
    results.iter().find(|result| **result != DataAccessResult::Success).map(ToString::to_string)
}

/// A device's system title: the 8 bytes of its Device ID.
fn title(device: DeviceId) -> SystemTitle {
    SystemTitle(device.0.0.to_be_bytes())
}

fn no_number() -> tern_wire::role_link::LinkRefusal {
    Refused::DualControl.because("no invocation counter is left to this device's critical keys")
}

pub(super) fn no_key(under: MasterKeyOf) -> tern_wire::role_link::LinkRefusal {
    let whose = match under {
        MasterKeyOf::Smso => "no master key of the SMSO's is kept for this device",
        MasterKeyOf::Dco => "no next master key was made for this device",
    };
    Refused::DualControl.because(whose)
}
