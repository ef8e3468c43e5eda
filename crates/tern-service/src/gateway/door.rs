//! The door for Users: takes signed Service Requests in, judges them in the stages' order, and answers once that is durable.
//!
//! Identical bytes again get the stored acknowledgement; a RequestID is never processed twice under one Command Variant. What
//! goes to a device is acknowledged here and goes on elsewhere. It must never say of a request what is not on the disk.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{DeviceId, Eui64, PartyId, Role};
use tern_requests::codes::Told;
use tern_requests::command_variant::WebService;
use tern_requests::machine::RequestKey;
use tern_requests::stages::receipt::{self, PreCommand, Seen, Signature};
use tern_requests::{Accepted, Codes, Facts, Occasion, Reason, Refusal, find, judge};
use tern_wire::duis::{
    self, Incoming, Received, Request, RequestId, ResponseBody, ResponseCode, ResponseHeader, Root, SchemaVersion,
    ServiceReferenceVariant,
};
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;
use tern_wire::{Sender, Verified};

use super::course::Rules;
use super::known::{self, Knowledge};
use super::ledger::Ledger;
use super::record::{self, RequestRecord};
use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::links::entry::OpenDesk;
use crate::links::http::Request as Asked;
use crate::links::server::{Answer, Body, Content, Desk, Room};
use crate::links::tls::Trusted;
use crate::roles::Hands;

/// Who answers Users.
pub(super) struct Door<'a> {
    pub(super) request_bytes_max: u64,
    /// The schema by which a request is judged whose own version is not held.
    pub(super) schema: SchemaVersion,
    pub(super) rules: Rules,
    pub(super) codes: &'a Codes,
    pub(super) ledger: &'a Ledger,
    pub(super) signer: Arc<Signer>,
    pub(super) trusted: &'a Trusted,
    pub(super) knowledge: Knowledge<'a>,
    pub(super) clock: Arc<dyn Clock>,
    /// Rings when a request goes on, or a reply waits.
    pub(super) hands: Hands<'a>,
}

/// A request on its way through the door.
pub(super) struct Taken<'r> {
    pub(super) service: WebService,
    /// Who connected; none by plain HTTP, where nobody but the signature says who is there.
    connection: Option<&'r Sender>,
    pub(super) received: &'r Received,
    pub(super) version: SchemaVersion,
    pub(super) at: Timestamp,
    before: Before,
}

/// What is kept of what came before.
#[derive(Default)]
struct Before {
    /// The request itself, where it came before.
    known: Option<RequestRecord>,
    /// What it was answered then.
    answered: Option<String>,
    /// The highest counter of its originator.
    highest: Option<u64>,
}

impl Taken<'_> {
    /// The highest counter of the request's originator before it.
    pub(super) fn highest(&self) -> u64 {
        self.before.highest.unwrap_or(0)
    }

    /// Whose a request is whose signature holds.
    pub(super) fn sender<'s>(&'s self, request: &'s Verified<Request>) -> &'s Sender {
        self.connection.unwrap_or_else(|| request.document().sender())
    }

    /// What the very bytes were answered before, on the same party's connection where connections are a party's.
    fn repeated(&self) -> Option<&str> {
        let is_same = |known: &&RequestRecord| {
            known.digest == self.received.digest() && self.connection.is_none_or(|peer| known.user == peer.party)
        };
        self.before.known.as_ref().filter(is_same).and(self.before.answered.as_deref())
    }
}

impl Door<'_> {
    /// Takes a request in; what is answered is durable. What is no request is answered in words.
    fn take(&self, service: WebService, connection: Option<&Sender>, bytes: &[u8]) -> Result<Answer, ServiceFault> {
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
        loop {
            let before = self.before(&incoming)?;
            let taken = Taken { service, connection, received: &received, version, at: self.clock.now(), before };
            if let Some(stored) = taken.repeated()
                && (connection.is_some() || self.holds(&incoming, &taken))
            {
                return Ok(xml(stored.to_owned()));
            }
            let verified = match self.judged(&incoming, &taken)? {
                Ok(verified) => verified,
                Err(refusal) => {
                    // A response must name a service, and a message that the schema refuses may name one that there is not.
                    let service = incoming.claimed_service().filter(|service| find(&service.to_string()).is_some());
                    let Some(service) = service else { return no_request(refusal.to_string()) };
                    return self.refused(incoming.claimed_request_id(), service, &refusal, &taken).map(xml);
                }
            };
            // Where somebody else changed something meanwhile, it is judged by what is there now.
            if let Some(answer) = self.believed(&verified, &taken, bytes)? {
                return Ok(xml(answer));
            }
        }
    }

    fn before(&self, incoming: &Incoming<'_>) -> Result<Before, ServiceFault> {
        let Some(id) = incoming.claimed_request_id() else { return Ok(Before::default()) };
        let view = self.ledger.view();
        let highest = record::highest(view, PartyId(id.originator))?;
        let Some(command_variant) = incoming.claimed_command_variant() else {
            return Ok(Before { highest, ..Before::default() });
        };
        let key = RequestKey { id, command_variant };
        let known = record::find(view, key)?.map(|(known, _)| known);
        let answered = known.as_ref().map(|_| record::acknowledgement_of(view, key)).transpose()?.flatten();
        Ok(Before { known, answered, highest })
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
        let refused = |signature| self.judge(&claimed, taken, (signature, taken.connection)).map(|judged| judged.err());
        match request.verify(&self.trusted.now(), taken.at) {
            Ok(verified) => Ok(Ok(verified)),
            // The stages before the signature come first.
            Err(fault) => match refused(Signature::of(Some(&fault)))? {
                Some(refusal) => Ok(Err(refusal)),
                None => Ok(Err(Refusal::new(Reason::Signature, fault.to_string()))),
            },
        }
    }

    /// Whether a request's signature holds now: without a certificate on the connection it alone says that its party may still
    /// ask.
    fn holds(&self, incoming: &Incoming<'_>, taken: &Taken<'_>) -> bool {
        incoming.request(taken.version).is_ok_and(|request| request.verify(&self.trusted.now(), taken.at).is_ok())
    }

    /// Judges receipt and access of what a signature is worth and who sent it, as far as that is known.
    pub(super) fn judge(
        &self,
        request: &Request,
        taken: &Taken<'_>,
        (signature, sender): (Signature, Option<&Sender>),
    ) -> Result<Result<Accepted, Refusal>, ServiceFault> {
        let connection = taken.connection.map(|peer| peer.party);
        let (service, at) = (taken.service, taken.at);
        // What nobody signed is held against nothing.
        let is_asked = self.rules.limits.pre_commands && signature == Signature::Good;
        let pre_command = if is_asked { self.returned(request)? } else { PreCommand::Unknown };
        let facts = self.facts(request, (service, at), (connection, sender), (signature, &taken.before))?;
        let facts = Facts { pre_command, ..facts };
        Ok(judge(request, &facts, Occasion::Receipt, &self.rules.limits))
    }

    /// Judges a request that was held and is due: access control alone.
    pub(super) fn judge_due(
        &self,
        request: &Verified<Request>,
        at: Timestamp,
    ) -> Result<Result<Accepted, Refusal>, ServiceFault> {
        let (sender, before) = (Some(request.document().sender()), Before::default());
        let facts = self.facts(request, (WebService::SendCommand, at), (None, sender), (Signature::Good, &before))?;
        Ok(judge(request, &facts, Occasion::Due, &self.rules.limits))
    }

    /// What the stages are handed.
    fn facts(
        &self,
        request: &Request,
        (service, at): (WebService, Timestamp),
        (connection, sender): (Option<PartyId>, Option<&Sender>),
        (signature, before): (Signature, &Before),
    ) -> Result<Facts, ServiceFault> {
        let header = request.header();
        let id = header.request_id;
        let required = request.execution().filter(|later| *later > at).unwrap_or(at);
        let srv = header.service_reference_variant.to_string();
        let device = self.knowledge.now().device(DeviceId(id.target), (PartyId(id.originator), &srv), required)?;
        Ok(Facts {
            now: at,
            service,
            signature,
            connection,
            seen: if before.known.is_some() { Seen::ForOtherBytes } else { Seen::Never },
            highest_counter: before.highest,
            pre_command: PreCommand::Unknown,
            dcc: self.dcc(),
            user: sender.and_then(|sender| known::user(sender.role)),
            device: device.map(|(device, _)| device),
        })
    }

    /// The answer to a request that leaves nothing behind.
    pub(super) fn refused(
        &self,
        id: Option<RequestId>,
        service: ServiceReferenceVariant,
        refusal: &Refusal,
        taken: &Taken<'_>,
    ) -> Result<String, ServiceFault> {
        let by = taken.connection.map_or("plain HTTP", |peer| &peer.name);
        (self.hands.say)(&format!("a request by {by} was refused: {refusal}"));
        let header = ResponseHeader::synchronous(id, self.code(refusal), taken.at);
        self.signed(&header, ResponseBody::Message { service, content: None }, taken.version)
    }

    /// A response of the DSP, signed.
    pub(super) fn signed(
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
}

fn xml(text: String) -> Answer {
    Answer { status: 200, content: Content::Xml(text.into_bytes()) }
}

impl Door<'_> {
    fn admits_user(&self, request: &Asked) -> Result<Room, Answer> {
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

    fn failed(&self, by: &str, fault: ServiceFault) -> Answer {
        (self.hands.say)(&format!("a request by {by} could not be taken in: {fault}"));
        // A store that fails is opened again by the next start: until then nothing is promised.
        if matches!(fault, ServiceFault::Store(_)) {
            self.hands.halt.fail(fault);
        }
        Answer::refusal(500, "the service failed, and its operator is told; send the same bytes again later\n")
    }
}

fn paths() -> String {
    WebService::ALL.map(WebService::path).join(", ")
}

impl Desk for Door<'_> {
    fn admits(&self, peer: &Sender, request: &Asked) -> Result<Room, Answer> {
        if peer.role == Role::Dsp {
            return Door::admits_operator(request);
        }
        if WebService::of_path(&request.path).is_none() {
            return Err(Answer::refusal(404, format!("requests are POSTed to {}\n", paths())));
        }
        self.admits_user(request)
    }

    fn answer(&self, peer: &Sender, request: &Asked, body: Body) -> Answer {
        let answered = match (WebService::of_path(&request.path), &body) {
            _ if peer.role == Role::Dsp => self.operated(request, &body),
            (Some(service), Body::Bytes(bytes)) => self.take(service, Some(peer), bytes),
            _ => return Answer::refusal(404, "requests are POSTed as a whole\n"),
        };
        answered.unwrap_or_else(|fault| self.failed(&peer.name, fault))
    }
}

/// Without TLS requests alone are taken: whose they are is by their signatures.
impl OpenDesk for Door<'_> {
    fn admits(&self, request: &Asked) -> Result<Room, Answer> {
        if WebService::of_path(&request.path).is_none() {
            let words = format!("by plain HTTP requests alone are taken, at {}; all else needs TLS\n", paths());
            return Err(Answer::refusal(404, words));
        }
        self.admits_user(request)
    }

    fn answer(&self, request: &Asked, body: Body) -> Answer {
        let (Some(service), Body::Bytes(bytes)) = (WebService::of_path(&request.path), &body) else {
            return Answer::refusal(404, "requests are POSTed as a whole\n");
        };
        self.take(service, None, bytes).unwrap_or_else(|fault| self.failed("plain HTTP", fault))
    }
}
