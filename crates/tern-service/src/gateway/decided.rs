//! A request whose signature holds: what it leads to at the door, and what becomes durable before anything is said of it.
//!
//! Whatever becomes of a request that was received as it should be is kept under its RequestID. What the DCC answers itself
//! changes nothing before the answer is durable too.

use jiff::Timestamp;
use tern_requests::command_variant::WebService;
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::{Effect, Event, Reply, RequestAtDsp, State};
use tern_requests::stages::Stage;
use tern_requests::stages::hold::Timing;
use tern_requests::stages::receipt::Signature;
use tern_requests::{Accepted, Reason, Refusal};
use tern_store::{AuditEntry, Put};
use tern_wire::duis::{Draft, Request, ResponseBody, ResponseCode, ResponseHeader};
use tern_wire::{Sender, Verified};

use super::course::Course;
use super::distribution;
use super::door::{Door, Taken};
use super::inventory;
use super::record::{self, RequestRecord, Told};
use crate::fault::ServiceFault;

/// What is said on the request's own connection, and what becomes durable before.
pub(super) type Said = (ResponseCode, Option<Draft>, Vec<Put>);

/// What a request leads to, before any of it is durable.
struct Decided {
    event: Event,
    /// What is said where the DCC answers itself.
    code: ResponseCode,
    content: Option<Draft>,
    puts: Vec<Put>,
}

impl Decided {
    fn by(event: Event) -> Decided {
        Decided { event, code: ResponseCode::I99, content: None, puts: Vec::new() }
    }

    fn refused(refusal: Refusal) -> Decided {
        Decided::by(Event::Refused(refusal))
    }

    fn answered((code, content, puts): Said) -> Decided {
        Decided { event: Event::Answered, code, content, puts }
    }
}

impl Door<'_> {
    /// Goes on with a request whose signature holds, and gives what is said on its own connection; none where somebody else
    /// changed something meanwhile, and nothing became durable.
    pub(super) fn believed(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        bytes: &[u8],
    ) -> Result<Option<String>, ServiceFault> {
        let header = request.header();
        let sender = taken.sender(request);
        let decided = match self.judge(request, taken, (Signature::Good, Some(sender)))? {
            // What was not sent as it should be uses no RequestID up.
            Err(refusal) if refusal.stage() == Stage::Receipt => {
                let service = header.service_reference_variant;
                return self.refused(Some(header.request_id), service, &refusal, taken).map(Some);
            }
            Err(refusal) => {
                (self.hands.say)(&format!("{} by {} was refused: {refusal}", header.request_id, sender.name));
                Decided::refused(refusal)
            }
            Ok(accepted) => self.decide(request, taken, &accepted)?,
        };
        let mut course = Course::begin(new(request, taken));
        course.batch.inbox.push(course.record.entry(bytes.to_vec()));
        if header.request_id.counter > taken.highest() {
            course.batch.puts.push(record::note_highest(sender.party, header.request_id.counter)?);
        }
        let acknowledgement = self.follow(&mut course, decided, (taken, sender))?;
        let is_to_send = course.batch.puts.iter().any(|put| put.kind == distribution::TO_SEND);
        let goes_on = is_to_send || course.record.machine.state == State::Sending;
        if !self.kept(course)? {
            return Ok(None);
        }
        if goes_on {
            self.hands.bells.requests.ring();
        }
        Ok(Some(acknowledgement))
    }

    /// Tells the machine, and writes what is said on the request's own connection.
    fn follow(
        &self,
        course: &mut Course,
        decided: Decided,
        (taken, sender): (&Taken<'_>, &Sender),
    ) -> Result<String, ServiceFault> {
        let Decided { event, code, content, puts } = decided;
        course.batch.audit.push(audit(&course.record, &event, (sender, taken.at)));
        course.batch.puts.extend(puts);
        let effects = course.on(event, taken.at, &self.rules)?;
        let key = course.record.request;
        let effects = effects.ok_or_else(|| ServiceFault::Body(format!("the request {key} cannot begin")))?;
        let mut said = (code, content);
        for effect in effects {
            match effect {
                Effect::Refuse(refusal) => said = (self.code(&refusal), None),
                Effect::TakeBack => self.take_back(course, taken)?,
                Effect::Reply(Reply::Done) => self.replied(course, ResponseCode::I0, taken.at)?,
                // The record's marks are what these come to.
                Effect::Acknowledge | Effect::Answer | Effect::Send | Effect::WakeAt(_) => {}
                Effect::Judge | Effect::Reply(_) => return Err(ServiceFault::Body(format!("{key}: nothing is due"))),
            }
        }
        let (code, content) = said;
        let header = ResponseHeader::synchronous(Some(key.id), code.clone(), taken.at);
        let body = ResponseBody::Message { service: course.record.service, content };
        let acknowledgement = self.signed(&header, body, taken.version)?;
        course.batch.puts.push(record::acknowledged(key, &acknowledgement));
        course.record.told.insert(0, Told { at: self.clock.now(), code: code.to_string() });
        Ok(acknowledgement)
    }

    /// Takes back what is held of the same service, device and User.
    fn take_back(&self, course: &mut Course, taken: &Taken<'_>) -> Result<(), ServiceFault> {
        for key in record::held_alike(self.ledger.view(), &course.record)? {
            let Some(mut held) = Course::find(self.ledger.view(), key)? else { continue };
            if held.on(Event::TakenBack, taken.at, &self.rules)?.is_some() {
                course.with(held)?;
            }
        }
        Ok(())
    }

    /// What an accepted request leads to.
    fn decide(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        accepted: &Accepted,
    ) -> Result<Decided, ServiceFault> {
        match accepted.asked.service {
            WebService::Transform => Ok(Decided::answered(self.transformed(request)?)),
            WebService::SendCommand => Ok(Decided::by(Event::Accepted(accepted.timing))),
            WebService::NonDevice => self.answered_here(request, taken, accepted),
        }
    }

    /// What the DCC answers itself.
    fn answered_here(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        accepted: &Accepted,
    ) -> Result<Decided, ServiceFault> {
        let body = request.body();
        let inventory = inventory::Desk {
            view: self.ledger.view(),
            at: taken.at,
            request: request.header().request_id.to_string(),
        };
        let plain = |reason: Reason| Refusal::new(reason, reason.row().meaning);
        let noted = |done: Result<Vec<Put>, Reason>| done.map(|puts| (ResponseCode::I99, None, puts)).map_err(plain);
        let said: Result<Said, Refusal> = match accepted.srv.number {
            "8.2" => inventory.read(body)?.map(|told| (ResponseCode::I0, Some(told), Vec::new())).map_err(plain),
            "8.4" => match self.knowledge.now().may_update(body, taken.sender(request).party, taken.at)? {
                Ok(()) => noted(inventory.update(body)?),
                Err(reason) => Err(plain(reason)),
            },
            "11.1" => self.update_firmware(request, taken, accepted.srv)?,
            "12.2" => noted(inventory.pre_notify(body)?),
            other => Err(Refusal::new(Reason::NotYetProcessed, format!("{other} is not yet answered here"))),
        };
        Ok(said.map_or_else(Decided::refused, Decided::answered))
    }
}

/// What is kept of a request that nothing was said of.
fn new(request: &Verified<Request>, taken: &Taken<'_>) -> RequestRecord {
    let header = request.header();
    RequestRecord {
        request: RequestKey { id: header.request_id, command_variant: header.command_variant },
        service: header.service_reference_variant,
        version: taken.version,
        user: taken.sender(request).party,
        digest: taken.received.digest(),
        received: taken.at,
        told: Vec::new(),
        machine: RequestAtDsp::default(),
        wakes: None,
        due: None,
    }
}

fn audit(record: &RequestRecord, event: &Event, (sender, at): (&Sender, Timestamp)) -> AuditEntry {
    let action = match event {
        Event::Refused(refusal) => format!("Service Request refused: {}", refusal.reason.key()),
        Event::Accepted(Timing::Later(_)) => "Service Request held".to_owned(),
        Event::Accepted(Timing::Cancel) => "Service Request takes back what is held".to_owned(),
        Event::Answered => "Service Request answered".to_owned(),
        _ => "Service Request accepted".to_owned(),
    };
    AuditEntry {
        at,
        actor: sender.name.clone(),
        action,
        subject: record.request.to_string(),
        evidence: format!("SRV {}, SHA-256 {}", record.service, record.digest),
    }
}
