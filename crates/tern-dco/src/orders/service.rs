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
        if let Err(refused) = desk.asks_once(order.device, &verified, sha256(instruction))? {
            return Ok(Err(refused));
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
        if let Some(due) = verified.body().child("ExecutionDateTime").and_then(Element::timestamp)
            && desk.now < due
        {
            return refused(format!("the Service Request is to be executed at {due}"));
        }
        let signer = verified.document().sender();
        if signer.role != tern_model::Role::Supplier {
            return refused(format!("{} ({}) is no supplier", signer.name, signer.party));
        }
        // Whose gas it is, the DCO is not told: it is the DSP that judges so.
        if kind != DeviceKind::Gsme
            && let Some(why) = footing::not_supplied_by(signer, site, &**records, desk.now)?
        {
            return refused(why);
        }
        Ok(Ok(verified))
    }
}

impl Desk<'_> {
    /// Notes that an instruction of a request is protected for a device, unless the device obeyed it before.
    fn asks_once(
        &mut self,
        device: DeviceId,
        verified: &Verified<Request>,
        instruction: Digest,
    ) -> Result<Result<(), LinkRefusal>, DcoFault> {
        let refused = |why: &str| Ok(Err(Refused::DualControl.because(why)));
        let key = format!("{device}/{}", verified.header().request_id);
        // Signed again it is the same: what counts is what it says.
        let said = verified.root().children().take_while(|part| part.name() != "Signature").map(Element::source);
        let request = sha256(said.collect::<String>().as_bytes());
        let obeyed = match self.last::<Obeyed>(&key)? {
            Some(obeyed) if obeyed.request != request => {
                return refused("another Service Request had this RequestID");
            }
            Some(obeyed) if obeyed.instructions.contains(&instruction) => {
                return refused("the device obeyed this instruction of the Service Request before");
            }
            Some(obeyed) => obeyed,
            None => Obeyed { request, instructions: Vec::new() },
        };
        self.keep(key.clone(), &obeyed)?;
        self.keep(device.to_string(), &Asked { of: key, instruction })?;
        Ok(Ok(()))
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

    /// A record as the batch has it, or as it is stored.
    fn last<T: for<'d> Deserialize<'d>>(&self, key: &str) -> Result<Option<T>, DcoFault> {
        let mut puts = self.batch.puts.iter();
        let body = match puts.rfind(|put| put.kind == OBEYED && put.key == key) {
            Some(put) => Some(put.body.clone()),
            None => match self.store.get(OBEYED, key)? {
                Some(record) if record.version != VERSION => {
                    return Err(DcoFault::unreadable(format!("{OBEYED} of version {}", record.version)));
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
