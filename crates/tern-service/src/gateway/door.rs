//! The door for Users: takes signed Service Requests in, judges them in the stages' order, and answers once that is durable.
//!
//! Identical bytes again get the stored acknowledgement; a RequestID is never processed twice under one Command Variant. What
//! goes to a device is acknowledged here and goes on elsewhere. It must never say of a request what is not on the disk.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::{DeviceId, Eui64, PartyId};
use tern_requests::codes::Told;
use tern_requests::command_variant::WebService;
use tern_requests::stages::hold::Timing;
use tern_requests::stages::receipt::{self, PreCommand, Seen, Signature};
use tern_requests::stages::{Limits as StageLimits, Stage};
use tern_requests::{Accepted, Codes, Facts, Occasion, Reason, Refusal, find, judge};
use tern_rules::Rulebook;
use tern_store::{AuditEntry, Batch, Expect, Put, StoreFault};
use tern_wire::duis::{
    self, Draft, Incoming, Received, Request, RequestId, ResponseBody, ResponseCode, ResponseHeader, Root,
    SchemaVersion, ServiceReferenceVariant,
};
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;
use tern_wire::{Sender, Verified};

use super::inventory;
use super::known::{self, Known};
use super::ledger::Ledger;
use super::record::{self, RequestRecord, RequestState};
use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::links::http::Request as Asked;
use crate::links::server::{Answer, Body, Content, Desk, Room};
use crate::links::tls::Trusted;
use crate::roles::Hands;
use crate::roles::renewal::Records;

/// Who answers Users.
pub(super) struct Door<'a> {
    pub(super) request_bytes_max: u64,
    /// The schema by which a request is judged whose own version is not held.
    pub(super) schema: SchemaVersion,
    pub(super) limits: StageLimits,
    pub(super) codes: &'a Codes,
    pub(super) ledger: &'a Ledger,
    pub(super) signer: Arc<Signer>,
    pub(super) trusted: &'a Trusted,
    pub(super) records: &'a Records,
    pub(super) rulebook: Arc<Rulebook>,
    /// The day whose books hold, where that is not the day of a request.
    pub(super) as_of: Option<Date>,
    pub(super) clock: Arc<dyn Clock>,
    /// Rings when a request goes on, or a reply waits.
    pub(super) hands: Hands<'a>,
}

/// A request on its way through the door.
struct Taken<'r> {
    service: WebService,
    peer: &'r Sender,
    received: &'r Received,
    version: SchemaVersion,
    at: Timestamp,
}

/// What a request leads to, before any of it is durable.
struct Decided {
    code: ResponseCode,
    content: Option<Draft>,
    state: RequestState,
    puts: Vec<Put>,
    /// When it goes on, where it does.
    goes_on: Option<Timestamp>,
}

impl Decided {
    /// It ends here.
    fn ends(code: ResponseCode, state: RequestState) -> Decided {
        Decided { code, content: None, state, puts: Vec::new(), goes_on: None }
    }

    /// It is answered on its own connection.
    fn answered(code: ResponseCode, at: Timestamp) -> Decided {
        let state = RequestState::Answered { at, code: code.to_string() };
        Decided::ends(code, state)
    }
}

impl Door<'_> {
    /// Takes a request in; what is answered is durable. What is no request is answered in words.
    fn take(&self, service: WebService, peer: &Sender, bytes: &[u8]) -> Result<Answer, ServiceFault> {
        let no_request = |words: String| Ok(Answer::refusal(400, format!("{words}\n")));
        let received = match Received::new("request", bytes, &Limits::MESSAGE) {
            Ok(received) => received,
            Err(fault) => return no_request(fault.to_string()),
        };
        let incoming = match received.parse() {
            Ok(incoming) => incoming,
            Err(fault) => return no_request(fault.to_string()),
        };
        if incoming.root() != Some(Root::Request) {
            return no_request("the message is no Request of the DCC User Interface".to_owned());
        }
        let version = incoming.version().unwrap_or(self.schema);
        let taken = Taken { service, peer, received: &received, version, at: self.clock.now() };
        if let Some(stored) = self.repeated(&incoming, &taken)? {
            return Ok(xml(stored));
        }
        let answer = match self.judged(&incoming, &taken) {
            Err(fault) => return Err(fault),
            Ok(Err(refusal)) => {
                // A response must name a service, and a message that the schema refuses may name one that there is not.
                let service = incoming.claimed_service().filter(|service| find(&service.to_string()).is_some());
                let Some(service) = service else { return no_request(refusal.to_string()) };
                self.refused(incoming.claimed_request_id(), service, &refusal, &taken)
            }
            Ok(Ok(verified)) => self.believed(&verified, &taken, bytes),
        };
        answer.map(xml)
    }

    /// What the very bytes were answered before, on the same party's connection.
    fn repeated(&self, incoming: &Incoming<'_>, taken: &Taken<'_>) -> Result<Option<String>, ServiceFault> {
        let Some(id) = incoming.claimed_request_id() else { return Ok(None) };
        let Some(variant) = incoming.claimed_command_variant() else { return Ok(None) };
        let known = record::find(self.ledger.view(), &record::key(id, variant))?;
        let same = known.filter(|(known, _)| known.digest == taken.received.digest() && known.user == taken.peer.party);
        Ok(same.map(|(known, _)| known.acknowledgement))
    }

    /// Judges form and schema; a message that the schema refuses has no header to ask facts for.
    fn judged(
        &self,
        incoming: &Incoming<'_>,
        taken: &Taken<'_>,
    ) -> Result<Result<Verified<Request>, Refusal>, ServiceFault> {
        let request = match incoming.request(taken.version) {
            Ok(request) => request,
            Err(faults) => return Ok(Err(receipt::schema(&faults))),
        };
        let claimed = request.claimed().clone();
        let refused = |signature| self.judge(&claimed, taken, signature).map(|judged| judged.err());
        match request.verify(&self.trusted.now(), taken.at) {
            Ok(verified) => Ok(Ok(verified)),
            // The stages before the signature come first.
            Err(fault) => match refused(Signature::of(Some(&fault)))? {
                Some(refusal) => Ok(Err(refusal)),
                None => Ok(Err(Refusal::new(Reason::Signature, fault.to_string()))),
            },
        }
    }

    /// Judges receipt and access.
    fn judge(
        &self,
        request: &Request,
        taken: &Taken<'_>,
        signature: Signature,
    ) -> Result<Result<Accepted, Refusal>, ServiceFault> {
        let facts = self.facts(request, (taken.service, taken.peer, taken.at), signature)?;
        Ok(judge(request.header(), request.body(), &facts, Occasion::Receipt, &self.limits))
    }

    /// Judges a request that was held and is due: access control alone.
    pub(super) fn judge_due(
        &self,
        request: &Verified<Request>,
        at: Timestamp,
    ) -> Result<Result<Accepted, Refusal>, ServiceFault> {
        let sender = request.document().sender();
        let facts = self.facts(request, (WebService::SendCommand, sender, at), Signature::Good)?;
        Ok(judge(request.header(), request.body(), &facts, Occasion::Due, &self.limits))
    }

    /// What the stages are handed.
    fn facts(
        &self,
        request: &Request,
        (service, sender, at): (WebService, &Sender, Timestamp),
        signature: Signature,
    ) -> Result<Facts, ServiceFault> {
        let (header, view) = (request.header(), self.ledger.view());
        let id = header.request_id;
        let user = PartyId(id.originator);
        let known = record::find(view, &record::key(id, header.command_variant))?;
        let execution = request.body().child("ExecutionDateTime").and_then(|moment| moment.timestamp());
        let required = execution.filter(|later| *later > at).unwrap_or(at);
        let srv = header.service_reference_variant.to_string();
        let records = self.records.now();
        let known_device = Known { view, facts: &records, rulebook: &self.rulebook, as_of: self.as_of };
        let device = known_device.device(DeviceId(id.target), (user, &srv), required)?;
        Ok(Facts {
            now: at,
            service,
            signature,
            connection: Some(sender.party),
            seen: if known.is_some() { Seen::ForOtherBytes } else { Seen::Never },
            highest_counter: record::highest(view, user)?.map(|(counter, _)| counter),
            pre_command: PreCommand::Unknown,
            dcc: self.dcc(),
            user: known::user(sender.role),
            device: device.map(|(device, _)| device),
        })
    }

    /// Goes on with a request whose signature holds: once it was received as it should be, whatever becomes of it is kept under its
    /// RequestID.
    fn believed(&self, request: &Verified<Request>, taken: &Taken<'_>, bytes: &[u8]) -> Result<String, ServiceFault> {
        let header = request.header();
        let decided = match self.judge(request, taken, Signature::Good)? {
            // What was not sent as it should be uses no RequestID up.
            Err(refusal) if refusal.stage() == Stage::Receipt => {
                return self.refused(Some(header.request_id), header.service_reference_variant, &refusal, taken);
            }
            Err(refusal) => {
                (self.hands.say)(&format!("{} by {} was refused: {refusal}", header.request_id, taken.peer.name));
                self.decline(refusal)
            }
            Ok(accepted) => self.decide(request, taken, &accepted)?,
        };
        let acknowledgement = self.written(request, &decided, taken)?;
        let user = taken.peer.party;
        let record = RequestRecord {
            request: header.request_id.to_string(),
            command_variant: header.command_variant.number(),
            service: header.service_reference_variant.to_string(),
            version: taken.version.to_string(),
            user,
            digest: taken.received.digest(),
            received: taken.at,
            acknowledgement: acknowledgement.clone(),
            state: decided.state,
        };
        let mut puts = decided.puts;
        puts.push(record.put(Expect::Absent)?);
        if let Some(at) = decided.goes_on {
            puts.push(record.opened(at)?);
        }
        let highest = record::highest(self.ledger.view(), user)?.map_or(0, |(counter, _)| counter);
        if header.request_id.counter > highest {
            puts.push(record::note_highest(user, header.request_id.counter)?);
        }
        let audit = vec![self.audit(&record, taken)];
        let inbox = vec![record.entry(bytes.to_vec())];
        match self.ledger.commit(Batch { puts, inbox, audit, ..Batch::default() }) {
            Ok(()) => {}
            // The same RequestID came twice at once: the other one counts.
            Err(StoreFault::Conflict { .. }) => return self.overtaken(request, &record, taken),
            Err(fault) => return Err(fault.into()),
        }
        self.hands.bell.ring();
        Ok(acknowledgement)
    }

    /// Another message under the same name became durable meanwhile; the very same one gets the same answer.
    fn overtaken(&self, request: &Request, record: &RequestRecord, taken: &Taken<'_>) -> Result<String, ServiceFault> {
        let header = request.header();
        match record::find(self.ledger.view(), &record.key())? {
            Some((known, _)) if known.digest == record.digest => Ok(known.acknowledgement),
            _ => {
                let words = "another message came under the same RequestID at the same time";
                let refusal = Refusal::new(Reason::RequestIdReused, words);
                self.refused(Some(header.request_id), header.service_reference_variant, &refusal, taken)
            }
        }
    }

    /// What an accepted request leads to.
    fn decide(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        accepted: &Accepted,
    ) -> Result<Decided, ServiceFault> {
        if accepted.srv.is_non_device() {
            return self.answered_here(request, taken, accepted);
        }
        let (state, at) = match accepted.timing {
            Timing::Now => (RequestState::Accepted, taken.at),
            Timing::Later(until) => (RequestState::Held { until }, until),
            Timing::Cancel => {
                let words = format!("what is held of {} cannot be taken back yet", accepted.srv.number);
                return Ok(self.decline(Refusal::new(Reason::NotYetProcessed, words)));
            }
        };
        Ok(Decided { goes_on: Some(at), ..Decided::ends(ResponseCode::I99, state) })
    }

    /// What the DCC answers itself.
    fn answered_here(
        &self,
        request: &Verified<Request>,
        taken: &Taken<'_>,
        accepted: &Accepted,
    ) -> Result<Decided, ServiceFault> {
        let desk = inventory::Desk {
            view: self.ledger.view(),
            at: taken.at,
            request: request.header().request_id.to_string(),
        };
        let body = request.body();
        let changed = |done: Result<Vec<Put>, Reason>| done.map(|puts| (ResponseCode::I99, None, puts));
        let done = match accepted.srv.number {
            "8.2" => desk.read(body)?.map(|told| (ResponseCode::I0, Some(told), Vec::new())),
            "8.4" => changed(desk.update(body)?),
            "12.2" => changed(desk.pre_notify(body)?),
            _ => {
                let words = format!("{} is not yet answered here", accepted.srv.number);
                return Ok(self.decline(Refusal::new(Reason::NotYetProcessed, words)));
            }
        };
        Ok(match done {
            Ok((code, content, puts)) => Decided { content, puts, ..Decided::answered(code, taken.at) },
            Err(reason) => self.decline(Refusal::new(reason, reason.row().meaning)),
        })
    }

    /// What a refusal leads to, of a request whose signature holds.
    fn decline(&self, refusal: Refusal) -> Decided {
        let code = self.code(&refusal);
        let state = RequestState::Refused {
            stage: refusal.stage().to_string(),
            reason: refusal.reason.key().to_owned(),
            words: refusal.text,
        };
        Decided::ends(code, state)
    }

    /// The answer to a request that leaves nothing behind.
    fn refused(
        &self,
        id: Option<RequestId>,
        service: ServiceReferenceVariant,
        refusal: &Refusal,
        taken: &Taken<'_>,
    ) -> Result<String, ServiceFault> {
        (self.hands.say)(&format!("a request by {} was refused: {refusal}", taken.peer.name));
        let header = ResponseHeader::synchronous(id, self.code(refusal), taken.at);
        self.signed(&header, ResponseBody::Message { service, content: None }, taken.version)
    }

    /// The answer on the request's own connection.
    fn written(&self, request: &Request, decided: &Decided, taken: &Taken<'_>) -> Result<String, ServiceFault> {
        let asked = request.header();
        let header = ResponseHeader::synchronous(Some(asked.request_id), decided.code.clone(), taken.at);
        let (service, content) = (asked.service_reference_variant, decided.content.clone());
        self.signed(&header, ResponseBody::Message { service, content }, taken.version)
    }

    fn signed(
        &self,
        header: &ResponseHeader,
        body: ResponseBody<'_>,
        version: SchemaVersion,
    ) -> Result<String, ServiceFault> {
        let written = duis::response(header, &body, version, &self.signer);
        written.map_err(|why| ServiceFault::Body(format!("a response cannot be written: {why}")))
    }

    pub(super) fn code(&self, refusal: &Refusal) -> ResponseCode {
        match self.codes.of(refusal.reason) {
            Told::Response(code) => code,
            // The stages at this door are told by a response alone.
            Told::S1spAlert(_) => ResponseCode::of("E1000"),
        }
    }

    /// The DCC's own identifier, which Non-Device requests name.
    fn dcc(&self) -> Eui64 {
        self.signer.certificate().party().0
    }

    fn audit(&self, record: &RequestRecord, taken: &Taken<'_>) -> AuditEntry {
        let action = match &record.state {
            RequestState::Refused { reason, .. } => format!("Service Request refused: {reason}"),
            RequestState::Held { .. } => "Service Request held".to_owned(),
            RequestState::Accepted | RequestState::WithS1sp { .. } => "Service Request accepted".to_owned(),
            RequestState::Answered { .. } => "Service Request answered".to_owned(),
        };
        AuditEntry {
            at: taken.at,
            actor: taken.peer.name.clone(),
            action,
            subject: record.key(),
            evidence: format!("SRV {}, SHA-256 {}", record.service, record.digest),
        }
    }
}

fn xml(text: String) -> Answer {
    Answer { status: 200, content: Content::Xml(text.into_bytes()) }
}

impl Desk for Door<'_> {
    fn admits(&self, _: &Sender, request: &Asked) -> Result<Room, Answer> {
        if WebService::of_path(&request.path).is_none() {
            let paths: Vec<_> = WebService::ALL.iter().map(|service| service.path()).collect();
            return Err(Answer::refusal(404, format!("requests are POSTed to {}\n", paths.join(", "))));
        }
        if request.method != "POST" {
            return Err(Answer::refusal(405, "requests are POSTed\n"));
        }
        let kind = request.content_type.as_deref().unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !["application/xml", "text/xml"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(Answer::refusal(415, "a request is application/xml\n"));
        }
        Ok(Room::Memory(self.request_bytes_max))
    }

    fn answer(&self, peer: &Sender, request: &Asked, body: Body) -> Answer {
        let (Some(service), Body::Bytes(bytes)) = (WebService::of_path(&request.path), body) else {
            return Answer::refusal(404, "requests are POSTed as a whole\n");
        };
        self.take(service, peer, &bytes).unwrap_or_else(|fault| {
            (self.hands.say)(&format!("a request by {} could not be taken in: {fault}", peer.name));
            // A store that fails is opened again by the next start: until then nothing is promised.
            if matches!(fault, ServiceFault::Store(_)) {
                self.hands.halt.fail(fault);
            }
            Answer::refusal(500, "the service failed, and its operator is told; send the same bytes again later\n")
        })
    }
}
