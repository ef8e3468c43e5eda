//! Critical Service Requests: that a device obeys one is its User's to decide, and the DCO's to see to.
//!
//! The order brings the request as the User signed it, under the DSP's countersignature. The DCO verifies both itself, holds device, User and moment against what it
//! knows, and the S1SP's bytes against what the request says. Each instruction of a request is obeyed once: when the device has
//! said that it obeyed, nobody gets the same protected again, and no request has the RequestID of another.

use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, DeviceKind, Digest};
use tern_store::{Expect, Put};
use tern_wire::Verified;
use tern_wire::dsig::sha256;
use tern_wire::duis::{Element, Request, open_countersigned};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal, MasterKeyOf};

use super::critical::Says;
use super::{Dco, Desk, Told, footing};
use crate::fault::DcoFault;
use crate::instruction::{Circumstances, stands_for};
use crate::refusal::Refused;
use crate::site::Site;

/// Kind of the records of what a device obeyed: by device and RequestID; and by device alone, what it was asked last.
const OBEYED: &str = "request-obeyed";
/// Version of their bodies.
const VERSION: u16 = 1;

/// How long after the DSP countersigned it a request is obeyed: so nobody who kept one has it obeyed later (P).
const OBEYED_FOR_SECONDS: i64 = 24 * 3600;
/// How far the DSP's clock may be ahead (P).
const AHEAD_SECONDS: i64 = 300;

/// A request as far as a device obeyed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Obeyed {
    /// SHA-256 of what the request says: no other may have its RequestID.
    request: Digest,
    /// SHA-256 of each instruction that the device says it obeyed.
    instructions: Vec<Digest>,
}

/// The last instruction that was protected for a device, until the device has said what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    /// The key of the request's record.
    of: String,
    /// SHA-256 of the instruction.
    instruction: Digest,
}

impl Dco {
    pub(super) fn service_request(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        document: &[u8],
        (instruction, not_below): (&[u8], u32),
    ) -> Told {
        let Some(site) = Site::find(desk.store, order.set, order.chf)? else {
            return Ok(Err(Refused::KeyPackage.because(footing::UNKNOWN_SITE)));
        };
        let kind = site.devices.iter().find(|(device, _)| *device == order.device).map(|(_, kind)| *kind);
        let keeper = DcoOrder { device: footing::keeper(order, desk)?, ..order.clone() };
        let lacking = footing::lacking(kind, &desk.held(&keeper)?.package);
        let kind = match (kind, lacking) {
            (Some(kind), None) => kind,
            (_, why) => return Ok(Err(Refused::KeyPackage.because(why.unwrap_or_default()))),
        };
        let verified = match self.asked_by_user(order, desk, (&site, kind), document)? {
            Ok(verified) => verified,
            Err(refused) => return Ok(Err(refused)),
        };
        if matches!(kind, DeviceKind::Esme | DeviceKind::Gsme)
            && let Some(refusal) = desk.not_by_holder(order.device, &site, &verified)?
        {
            return Ok(Err(refusal));
        }
        let what = match stands_for(verified.body(), Circumstances { kind, now: desk.now }, instruction) {
            Ok(what) => what,
            Err(differs) => {
                return Ok(Err(Refused::DualControl.because(differs.to_what_is_said_by("the Service Request"))));
            }
        };
        let what = format!("{what} (RequestID {})", verified.header().request_id);
        if kind != DeviceKind::Esme {
            // They have no association of the DCO's: they obey what the S1SP signs.
            desk.note(order, &format!("consented: {what}"));
            return Ok(Ok(DcoReply::Done));
        }
        match desk.asks_once(order.device, &verified, sha256(instruction))? {
            Ok(true) => {}
            Ok(false) => {
                desk.note(order, &format!("obeyed before, not protected again: {what}"));
                return Ok(Ok(DcoReply::Done));
            }
            Err(refused) => return Ok(Err(refused)),
        }
        self.protect(order, desk, instruction, (MasterKeyOf::Dco, not_below), &what)
    }

    /// What became of the last instruction of a Service Request, as the device itself says.
    pub(super) fn verify_service_answer(&self, order: &DcoOrder, desk: &mut Desk<'_>, answer: &[u8]) -> Told {
        let told = self.verify_critical(order, desk, MasterKeyOf::Dco, (answer, Says::WhatBecame))?;
        if let Ok(DcoReply::Done) = told {
            desk.was_obeyed(order.device)?;
        }
        Ok(told)
    }

    /// The request, where it may be believed, is for this device and moment, and of a User who may ask it.
    fn asked_by_user(
        &self,
        order: &DcoOrder,
        desk: &Desk<'_>,
        (site, kind): (&Site, DeviceKind),
        document: &[u8],
    ) -> Result<Result<Verified<Request>, LinkRefusal>, DcoFault> {
        let refused = |why: String| Ok(Err(Refused::DualControl.because(why)));
        let verified = match self.believed(order, desk, document)? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let signer = verified.document().sender();
        if signer.role != tern_model::Role::Supplier {
            return refused(format!("{} ({}) is no supplier", signer.name, signer.party));
        }
        // Whose gas it is, the DCO is not told: it is the DSP that judges so, and the DCO by the meter's credentials.
        if kind != DeviceKind::Gsme
            && let Some(records) = &self.records
            && let Some(why) = footing::not_supplied_by(signer, site, &**records, desk.now)?
        {
            return refused(why);
        }
        Ok(Ok(verified))
    }

    /// The request, where both signatures hold and it is for this device and moment.
    pub(super) fn believed(
        &self,
        order: &DcoOrder,
        desk: &Desk<'_>,
        document: &[u8],
    ) -> Result<Result<Verified<Request>, LinkRefusal>, DcoFault> {
        let refused = |why: String| Ok(Err(Refused::DualControl.because(why)));
        let Some(records) = &self.records else {
            return refused("the DCO has no certificates to verify a Service Request by".to_owned());
        };
        let (said, verified) = match open_countersigned(document, &records.trust(), desk.now) {
            Ok(opened) => opened,
            Err(fault) => return refused(format!("the Service Request is not believed: {fault}")),
        };
        let age = desk.now.as_second().saturating_sub(said.at.as_second());
        if !(-AHEAD_SECONDS..=OBEYED_FOR_SECONDS).contains(&age) {
            return refused(format!("the DSP countersigned the Service Request at {}: that is no longer now", said.at));
        }
        let id = verified.header().request_id;
        if DeviceId(id.target) != order.device {
            return refused(format!("the Service Request is for {}, not for {}", DeviceId(id.target), order.device));
        }
        if let Some(due) = verified.execution()
            && desk.now < due
        {
            return refused(format!("the Service Request is to be executed at {due}"));
        }
        Ok(Ok(verified))
    }
}

/// SHA-256 of what a request says: signed again it is the same.
pub(super) fn said_by(verified: &Verified<Request>) -> Digest {
    let said = verified.root().children().take_while(|part| part.name() != "Signature").map(Element::source);
    sha256(said.collect::<String>().as_bytes())
}

impl Desk<'_> {
    /// Notes that an instruction of a request is protected for a device; `false` where the device obeyed it before.
    fn asks_once(
        &mut self,
        device: DeviceId,
        verified: &Verified<Request>,
        instruction: Digest,
    ) -> Result<Result<bool, LinkRefusal>, DcoFault> {
        let request = said_by(verified);
        let instructions = match self.obeyed_before(device, verified, request)? {
            Ok(Some(instructions)) if instructions.contains(&instruction) => return Ok(Ok(false)),
            Ok(instructions) => instructions.unwrap_or_default(),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let key = key_of(device, verified);
        self.keep(key.clone(), &Obeyed { request, instructions })?;
        self.keep(device.to_string(), &Asked { of: key, instruction })?;
        Ok(Ok(true))
    }

    /// What was obeyed of a request before, where it came; a refusal where another had its RequestID.
    pub(super) fn obeyed_before(
        &self,
        device: DeviceId,
        verified: &Verified<Request>,
        request: Digest,
    ) -> Result<Result<Option<Vec<Digest>>, LinkRefusal>, DcoFault> {
        Ok(match self.last::<Obeyed>(&key_of(device, verified))? {
            Some(obeyed) if obeyed.request != request => {
                Err(Refused::DualControl.because("another Service Request had this RequestID"))
            }
            obeyed => Ok(obeyed.map(|obeyed| obeyed.instructions)),
        })
    }

    /// Notes what was obeyed of a request that no device has to be asked for.
    pub(super) fn was_obeyed_as(
        &mut self,
        device: DeviceId,
        verified: &Verified<Request>,
        (request, what): (Digest, Digest),
    ) -> Result<(), DcoFault> {
        self.keep(key_of(device, verified), &Obeyed { request, instructions: vec![what] })
    }

    /// A device says that it obeyed the last instruction that was protected for it.
    fn was_obeyed(&mut self, device: DeviceId) -> Result<(), DcoFault> {
        let Some(asked) = self.last::<Asked>(&device.to_string())? else { return Ok(()) };
        let Some(mut obeyed) = self.last::<Obeyed>(&asked.of)? else { return Ok(()) };
        if !obeyed.instructions.contains(&asked.instruction) {
            obeyed.instructions.push(asked.instruction);
        }
        self.keep(asked.of, &obeyed)
    }

    fn last<T: for<'d> Deserialize<'d>>(&self, key: &str) -> Result<Option<T>, DcoFault> {
        self.latest((OBEYED, VERSION), key)
    }

    /// A record as the batch has it, or as it is stored.
    pub(super) fn latest<T: for<'d> Deserialize<'d>>(
        &self,
        (kind, version): (&'static str, u16),
        key: &str,
    ) -> Result<Option<T>, DcoFault> {
        let mut puts = self.batch.puts.iter();
        let body = match puts.rfind(|put| put.kind == kind && put.key == key) {
            Some(put) => Some(put.body.clone()),
            None => match self.store.get(kind, key)? {
                Some(record) if record.version != version => {
                    return Err(DcoFault::unreadable(format!("{kind} of version {}", record.version)));
                }
                record => record.map(|record| record.body),
            },
        };
        body.map(|body| serde_json::from_slice(&body).map_err(DcoFault::unreadable)).transpose()
    }

    fn keep(&mut self, key: String, value: &impl Serialize) -> Result<(), DcoFault> {
        let body = serde_json::to_vec(value).map_err(DcoFault::unreadable)?;
        self.batch.puts.push(Put { kind: OBEYED, key, expect: Expect::Any, version: VERSION, body });
        Ok(())
    }
}

/// The key of a request's record.
fn key_of(device: DeviceId, verified: &Verified<Request>) -> String {
    format!("{device}/{}", verified.header().request_id)
}
