//! What becomes of a request after its acknowledgement: it goes to the S1SP when it is due, and what the S1SP signed comes back and
//! goes to the User.
//!
//! Each step is durable before the next is tried, and each may be tried again: the S1SP takes a request once, and a reply has one
//! name in the User's outbox.

use jiff::Timestamp;
use tern_model::DeviceId;
use tern_requests::command_variant::WebService;
use tern_requests::stages::{countersign, hold, receipt};
use tern_requests::{Asked, Reason, Refusal};
use tern_store::{Batch, Body, Expect, OutboxEntry, StoreFault, StoreView};
use tern_wire::Verified;
use tern_wire::duis::{
    self, Countersigned, Received, Request, RequestId, ResponseBody, ResponseCode, ResponseHeader, Root, SchemaVersion,
    countersign as countersigned,
};
use tern_wire::xml::Limits;

use super::door::Door;
use super::record::{self, RequestRecord, RequestState};
use super::replies::outbox_of;
use crate::fault::ServiceFault;
use crate::parties::inventory;

/// Requests that go on at once.
const PAGE: usize = 64;
/// The DCC Alert that carries an S1SP's alert (unconfirmed).
const ALERT_OF_S1SP: &str = "N55";

/// Hands a countersigned request to the S1SP that serves the device: it holds it durably when this returns.
pub(super) type ToS1sp<'a> = &'a (dyn Fn(&str, &[u8]) -> Result<(), ServiceFault> + Sync);

impl Door<'_> {
    /// Sends on what is due, and gives how much that was.
    ///
    /// # Errors
    /// A store failed, or the S1SP does not take it now: the next call goes on.
    pub(super) fn send_due(&self, to_s1sp: ToS1sp<'_>) -> Result<usize, ServiceFault> {
        let due = record::due(self.ledger.view(), self.clock.now(), PAGE)?;
        for (mark, key) in &due {
            self.send_on(mark, key, to_s1sp)?;
        }
        Ok(due.len())
    }

    fn send_on(&self, mark: &str, key: &str, to_s1sp: ToS1sp<'_>) -> Result<(), ServiceFault> {
        let Some((mut record, generation)) = record::find(self.ledger.view(), key)? else {
            return Err(ServiceFault::Body(format!("the request {key} is marked and not there")));
        };
        if !matches!(record.state, RequestState::Accepted | RequestState::Held { .. }) {
            let removes = vec![record::closed(mark)];
            return Ok(self.ledger.commit(Batch { removes, ..Batch::default() })?);
        }
        let bytes = record::bytes_of(self.ledger.view(), key)?;
        let version = record.version.parse().unwrap_or(self.schema);
        let now = self.clock.now();
        let s1sp = match self.again(&record, &bytes, version) {
            Ok(request) => self.next(&record, &request, now)?,
            Err(refusal) => Err(refusal),
        };
        let document = match s1sp {
            Ok(s1sp) => {
                let said = Countersigned { s1sp, at: now, version };
                let document = countersigned(&said, &bytes, &self.signer);
                document.map_err(|why| ServiceFault::Body(format!("a request cannot be countersigned: {why}")))?
            }
            Err(refusal) => return self.refuse_later((record, generation), (mark, version), refusal),
        };
        to_s1sp(key, document.as_bytes())?;
        record.state = RequestState::WithS1sp { since: now };
        let puts = vec![record.put(Expect::Generation(generation))?];
        let removes = vec![record::closed(mark)];
        match self.ledger.commit(Batch { puts, removes, ..Batch::default() }) {
            // The S1SP's answer was quicker: the mark alone is left, and goes when it is looked at again.
            Err(StoreFault::Conflict { .. }) => Ok(()),
            done => Ok(done?),
        }
    }

    /// The request as it was verified when it came, unless its certificate was revoked since: that stops it alone.
    fn again(
        &self,
        record: &RequestRecord,
        bytes: &[u8],
        version: SchemaVersion,
    ) -> Result<Verified<Request>, Refusal> {
        let not_any_more = |why: String| Refusal::new(Reason::Certificate, format!("it holds no more: {why}"));
        let received = Received::new("request", bytes, &Limits::MESSAGE);
        let received = received.map_err(|fault| not_any_more(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not_any_more(fault.to_string()))?;
        let request = incoming.request(version).map_err(|faults| receipt::schema(&faults))?;
        // Its certificate counts as it stood when the request came.
        let verified = request.verify(&self.trusted.now(), record.received);
        verified.map_err(|fault| not_any_more(fault.to_string()))
    }

    /// The S1SP that a request goes to; or why it goes nowhere. One that was held is judged again.
    fn next(
        &self,
        record: &RequestRecord,
        request: &Verified<Request>,
        now: Timestamp,
    ) -> Result<Result<tern_model::PartyId, Refusal>, ServiceFault> {
        if let RequestState::Held { until } = record.state {
            if let Err(refusal) = hold::overdue(until, now, &self.limits) {
                return Ok(Err(refusal));
            }
            if let Err(refusal) = self.judge_due(request, now)? {
                return Ok(Err(refusal));
            }
        }
        let asked = match Asked::of(request, WebService::SendCommand) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let entry = inventory::entry(self.ledger.view(), DeviceId(request.header().request_id.target))?;
        Ok(countersign::s1sp(&asked, entry.and_then(|entry| entry.s1sp)))
    }

    /// A refusal after the acknowledgement: the User hears it as a reply.
    fn refuse_later(
        &self,
        (mut record, generation): (RequestRecord, u64),
        (mark, version): (&str, SchemaVersion),
        refusal: Refusal,
    ) -> Result<(), ServiceFault> {
        let (at, code) = (self.clock.now(), self.code(&refusal));
        let named = record.request.parse::<RequestId>().ok().zip(record.service.parse().ok());
        let (id, service) =
            named.ok_or_else(|| ServiceFault::Body(format!("the request {} has no name", record.key())))?;
        let reply = ResponseHeader::asynchronous(id, code, at);
        let body = ResponseBody::Message { service, content: None };
        let signed = written(duis::response(&reply, &body, version, &self.signer))?;
        record.state = RequestState::Refused {
            stage: refusal.stage().to_string(),
            reason: refusal.reason.key().to_owned(),
            words: refusal.text,
        };
        let outbox = vec![to_user(&record, id, signed, at)];
        let puts = vec![record.put(Expect::Generation(generation))?];
        let removes = vec![record::closed(mark)];
        Ok(self.ledger.commit(Batch { puts, removes, outbox, ..Batch::default() })?)
    }

    /// Takes what an S1SP signed about a request; the User's reply is durable when this returns. The same again changes nothing.
    ///
    /// # Errors
    /// The store failed, or it is not to be believed: then it stays where it is.
    pub(super) fn come_back(&self, key: &str, signed: &str) -> Result<(), ServiceFault> {
        let Some((mut record, generation)) = record::find(self.ledger.view(), key)? else {
            return Err(ServiceFault::Body(format!("an S1SP answers {key}, which nobody sent")));
        };
        if !matches!(record.state, RequestState::WithS1sp { .. } | RequestState::Accepted | RequestState::Held { .. }) {
            return Ok(());
        }
        let not_believed = |why: String| ServiceFault::NotBelieved { name: key.to_owned(), why };
        let version = record.version.parse().unwrap_or(self.schema);
        let received = Received::new(key, signed.as_bytes(), &Limits::MESSAGE);
        let received = received.map_err(|fault| not_believed(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not_believed(fault.to_string()))?;
        let said = incoming.of_s1sp(version).map_err(|faults| not_believed(format!("{} faults", faults.len())))?;
        let now = self.clock.now();
        let said = said.verify(&self.trusted.now(), now).map_err(|fault| not_believed(fault.to_string()))?;
        let id: RequestId = record.request.parse().map_err(|_| not_believed("no RequestID".to_owned()))?;
        let service = record.service.parse().ok();
        let is_alert = incoming.root() == Some(Root::S1spAlert);
        let (header, body) = if is_alert {
            let header = ResponseHeader { request_id: None, response_id: None, code: ResponseCode::I0, at: now };
            (header, ResponseBody::S1spAlert { code: ALERT_OF_S1SP, schedule: None, signed })
        } else {
            (
                ResponseHeader::asynchronous(id, ResponseCode::I0, now),
                ResponseBody::Smets1 { service, schedule: None, signed },
            )
        };
        let reply = written(duis::response(&header, &body, version, &self.signer))?;
        let code = if is_alert { ALERT_OF_S1SP.to_owned() } else { ResponseCode::I0.to_string() };
        record.state = RequestState::Answered { at: now, code };
        let outbox = vec![to_user(&record, id, reply, now)];
        let noting = super::inventory::Desk { view: self.ledger.view(), at: now, request: id.to_string() };
        let mut puts = noting.told_firmware(DeviceId(id.target), said.root())?;
        puts.push(record.put(Expect::Generation(generation))?);
        Ok(self.ledger.commit(Batch { puts, outbox, ..Batch::default() })?)
    }
}

/// A reply waits for the User, under the name of its request: of the device's, one after the other.
fn to_user(record: &RequestRecord, id: RequestId, signed: String, at: Timestamp) -> OutboxEntry {
    let message = format!("{} {}", id.target, record.key());
    OutboxEntry { to: outbox_of(record.user), message, at, body: signed.into_bytes().into() }
}

/// What an S1SP has for the DSP: names, and what it signed.
pub(super) fn waiting(
    store: &dyn StoreView,
    outbox: &str,
    after: u64,
) -> Result<Vec<(u64, String, String)>, ServiceFault> {
    let entries = store.unsent_to(outbox, after, PAGE)?.into_iter();
    let read = |(number, entry): (u64, OutboxEntry)| match entry.body {
        Body::Bytes(bytes) => Ok((number, entry.message, String::from_utf8_lossy(&bytes).into_owned())),
        Body::File { .. } => Err(ServiceFault::Body(format!("the answer {} is in no row", entry.message))),
    };
    entries.map(read).collect()
}

fn written(signed: Result<String, duis::NotWritten>) -> Result<String, ServiceFault> {
    signed.map_err(|why| ServiceFault::Body(format!("a response cannot be written: {why}")))
}
