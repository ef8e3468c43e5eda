//! What becomes of a request after its acknowledgement: it goes to the S1SP when it is due, or is refused.
//!
//! Each step is durable before the next is tried, and each may be tried again: the S1SP takes a request once. Nothing here may say that
//! a request was carried out.

use jiff::Timestamp;
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::{Effect, Event, Reply, State};
use tern_requests::stages::hold::Timing;
use tern_requests::stages::{countersign, receipt};
use tern_requests::{Reason, Refusal};
use tern_store::Batch;
use tern_wire::Verified;
use tern_wire::duis::{self, Countersigned, Received, Request, ResponseBody, ResponseCode, ResponseHeader};
use tern_wire::xml::Limits;

use super::course::Course;
use super::door::Door;
use super::record::{self, RequestRecord, Told};
use crate::fault::ServiceFault;
use crate::parties::inventory::entry;

/// Requests that go on at once.
const PAGE: usize = 64;

/// Hands countersigned requests to the S1SP that serves their devices: it holds them durably when this returns.
pub(super) type ToS1sp<'a> = &'a (dyn Fn(Vec<(RequestKey, Vec<u8>)>) -> Result<(), ServiceFault> + Sync);

impl Door<'_> {
    /// Takes up what was on its way when the DSP last ended. What is held, and what the S1SP has, waits for its moment by itself.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn resume(&self) -> Result<(), ServiceFault> {
        let now = self.clock.now();
        let mut after = None;
        loop {
            let due = record::due(self.ledger.view(), (after.as_ref(), now), PAGE)?;
            let Some((last, _)) = due.last() else { return Ok(()) };
            after = Some(last.clone());
            for (_, key) in due {
                let Some(mut course) = Course::find(self.ledger.view(), key)? else { continue };
                let is_on_its_way = matches!(course.record.machine.state, State::Sending | State::Rejudging { .. });
                if is_on_its_way && course.on(Event::Resumed, now, &self.rules)?.is_some() {
                    // Nobody else has it yet.
                    course.commit(self.ledger)?;
                }
            }
        }
    }

    /// Goes on with what is due, and gives how much that was.
    ///
    /// # Errors
    /// A store failed, or the S1SP does not take it now: the next call goes on.
    pub(super) fn go_on(&self, to_s1sp: ToS1sp<'_>) -> Result<usize, ServiceFault> {
        let due = record::due(self.ledger.view(), (None, self.clock.now()), PAGE)?;
        let (count, mut to_send, mut wrong) = (due.len(), Vec::new(), None);
        for (mark, key) in due {
            match Course::find(self.ledger.view(), key)?.filter(|course| course.is_marked(&mark)) {
                // One that somebody else changed meanwhile is found by its mark again, if it has one.
                Some(course) => to_send.extend(set_aside(self.woken(course), &mut wrong)?.flatten()),
                None => self.ledger.commit(Batch { removes: vec![mark.gone()], ..Batch::default() })?,
            }
        }
        self.send(to_send, &mut wrong, to_s1sp)?;
        wrong.map_or(Ok(count), Err)
    }

    /// A request whose moment has come goes on; gives it where it is to be sent now.
    fn woken(&self, mut course: Course) -> Result<Option<Course>, ServiceFault> {
        let now = self.clock.now();
        if course.record.machine.state == State::Sending {
            return Ok(Some(course));
        }
        let mut next = match course.record.machine.state {
            State::Rejudging { .. } => vec![Effect::Judge],
            _ => course.on(Event::Woke, now, &self.rules)?.unwrap_or_default(),
        };
        let mut sends = false;
        while let Some(effect) = next.pop() {
            match effect {
                Effect::Judge => {
                    let event = self.judged_again(&course.record, now)?;
                    next = course.on(event, now, &self.rules)?.unwrap_or_default();
                }
                Effect::Reply(Reply::Refused(refusal)) => self.replied(&mut course, self.code(&refusal), now)?,
                Effect::Send => sends = true,
                _ => {}
            }
        }
        let key = course.record.request;
        if !self.kept(course)? || !sends {
            return Ok(None);
        }
        Course::find(self.ledger.view(), key)
    }

    /// Makes a course durable, and calls whoever takes its replies to the User; `false` where somebody else changed something
    /// meanwhile.
    pub(super) fn kept(&self, course: Course) -> Result<bool, ServiceFault> {
        let is_replied = !course.batch.outbox.is_empty();
        let kept = course.commit(self.ledger)?;
        if kept && is_replied {
            self.hands.bells.replies.ring();
        }
        Ok(kept)
    }

    /// Countersigns requests and hands them to their S1SP, but for those that have to be refused.
    fn send(
        &self,
        courses: Vec<Course>,
        wrong: &mut Option<ServiceFault>,
        to_s1sp: ToS1sp<'_>,
    ) -> Result<(), ServiceFault> {
        let (now, mut documents, mut sent) = (self.clock.now(), Vec::new(), Vec::new());
        for mut course in courses {
            let Some(document) = set_aside(self.countersigned(&course.record, now), wrong)? else { continue };
            match document {
                Ok(document) => {
                    documents.push((course.record.request, document));
                    sent.push(course);
                }
                Err(refusal) => {
                    for effect in course.on(Event::Refused(refusal), now, &self.rules)?.unwrap_or_default() {
                        if let Effect::Reply(Reply::Refused(refusal)) = effect {
                            self.replied(&mut course, self.code(&refusal), now)?;
                        }
                    }
                    self.kept(course)?;
                }
            }
        }
        if sent.is_empty() {
            return Ok(());
        }
        to_s1sp(documents)?;
        for course in &mut sent {
            course.on(Event::Handed, now, &self.rules)?;
        }
        // One that somebody else changed meanwhile was answered already.
        Course::commit_each(sent, self.ledger).map(drop)
    }

    /// A request as it goes to its S1SP; or why it goes nowhere. Its signature was verified when it came, and is again by whoever
    /// acts on it.
    fn countersigned(&self, record: &RequestRecord, at: Timestamp) -> Result<Result<Vec<u8>, Refusal>, ServiceFault> {
        let (view, key) = (self.ledger.view(), record.request);
        let s1sp = match countersign::s1sp(key.device(), entry(view, key.device())?.and_then(|entry| entry.s1sp)) {
            Ok(s1sp) => s1sp,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let said = Countersigned { s1sp, at, version: record.version, devices: Vec::new() };
        self.countersign(&said, &record::bytes_of(view, key)?).map(Ok)
    }

    /// Judges a request that was held, with the facts of now.
    fn judged_again(&self, record: &RequestRecord, now: Timestamp) -> Result<Event, ServiceFault> {
        let bytes = record::bytes_of(self.ledger.view(), record.request)?;
        Ok(match self.again(record, &bytes) {
            Ok(request) => match self.judge_due(&request, now)? {
                Ok(_) => Event::Accepted(Timing::Now),
                Err(refusal) => Event::Refused(refusal),
            },
            Err(refusal) => Event::Refused(refusal),
        })
    }

    /// The request as it was verified when it came, unless its certificate was revoked since: that stops it alone.
    fn again(&self, record: &RequestRecord, bytes: &[u8]) -> Result<Verified<Request>, Refusal> {
        let not_any_more = |why: String| Refusal::new(Reason::Certificate, format!("it holds no more: {why}"));
        let received = Received::new("request", bytes, &Limits::MESSAGE);
        let received = received.map_err(|fault| not_any_more(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not_any_more(fault.to_string()))?;
        let request = incoming.request(record.version).map_err(|faults| receipt::schema(&faults))?;
        // Its certificate counts as it stood when the request came.
        let verified = request.verify(&self.trusted.now(), record.received);
        verified.map_err(|fault| not_any_more(fault.to_string()))
    }

    /// A reply of the DSP's own, which is its code.
    pub(super) fn replied(&self, course: &mut Course, code: ResponseCode, at: Timestamp) -> Result<(), ServiceFault> {
        let record = &course.record;
        let header = ResponseHeader::asynchronous(record.request.id, code.clone(), at);
        let body = ResponseBody::Message { service: record.service, content: None };
        let signed = self.signed(&header, body, record.version)?;
        course.reply(signed, Told { at, code: code.to_string() });
        Ok(())
    }

    /// A request under the DSP's countersignature.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn countersign(&self, said: &Countersigned, bytes: &[u8]) -> Result<Vec<u8>, ServiceFault> {
        let document = duis::countersign(said, bytes, &self.signer);
        let cannot = |why| ServiceFault::Body(format!("a request cannot be countersigned: {why}"));
        document.map(String::into_bytes).map_err(cannot)
    }
}

/// Sets a request aside that cannot go on, so that it holds up no other; the first reason is kept. A store that fails is everybody's.
fn set_aside<T>(done: Result<T, ServiceFault>, wrong: &mut Option<ServiceFault>) -> Result<Option<T>, ServiceFault> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(fault @ ServiceFault::Store(_)) => Err(fault),
        Err(fault) => {
            wrong.get_or_insert(fault);
            Ok(None)
        }
    }
}
