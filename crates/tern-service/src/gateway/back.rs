//! What an S1SP signed comes back: the DSP believes it or not, and has its own message around it wait for the User.
//!
//! The same again changes nothing. What is not believed must never go to a User; it stays with the S1SP and holds up nothing else.

use std::collections::HashSet;

use jiff::Timestamp;
use tern_requests::codes::DccAlert;
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::{Effect, Event, Reply};
use tern_store::{Body, OutboxEntry, StoreView};
use tern_wire::Verified;
use tern_wire::duis::{
    NestedDocument, Received, ResponseBody, ResponseCode, ResponseHeader, Root, SchemaVersion, ServiceReferenceVariant,
};
use tern_wire::xml::Limits;

use super::course::Course;
use super::door::Door;
use super::inventory;
use super::record::Told;
use crate::fault::ServiceFault;

/// Answers that are taken at once.
const PAGE: usize = 64;

impl Door<'_> {
    /// Takes what an S1SP signed about requests, and gives what is here by now: the Users' replies are durable when this returns. The
    /// same again changes nothing. What is not to be believed is told, and stays where it is.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn come_back<'s>(
        &self,
        answers: &'s [FromS1sp],
        refuse: &mut dyn FnMut(&FromS1sp, ServiceFault),
    ) -> Result<Vec<&'s FromS1sp>, ServiceFault> {
        let (mut here, mut open): (Vec<&FromS1sp>, Vec<&FromS1sp>) = (Vec::new(), answers.iter().collect());
        while !open.is_empty() {
            // Of each device one at a time: its replies keep their order, whichever of them has to be looked at again.
            let mut devices = HashSet::new();
            let (first, later): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|answer| devices.insert(answer.key.device()));
            let (mut courses, mut taken) = (Vec::new(), Vec::new());
            for answer in first {
                match self.answered(answer) {
                    Ok(Some(course)) => {
                        courses.push(course);
                        taken.push(answer);
                    }
                    Ok(None) => here.push(answer),
                    Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                    Err(fault) => refuse(answer, fault),
                }
            }
            // Where somebody else changed something meanwhile, it is looked at as it stands now.
            let overtaken = Course::commit_each(courses, self.ledger)?;
            (open, taken) = taken.into_iter().partition(|answer| overtaken.contains(&answer.key));
            here.extend(taken);
            open.extend(later);
            open.sort_by_key(|answer| answer.number);
        }
        Ok(here)
    }

    /// A request with the reply around what an S1SP signed; none where it was told already.
    fn answered(&self, answer: &FromS1sp) -> Result<Option<Course>, ServiceFault> {
        let (now, key) = (self.clock.now(), answer.key);
        let Some(mut course) = Course::find(self.ledger.view(), key)? else {
            return Err(ServiceFault::Body(format!("an S1SP answers {key}, which nobody sent")));
        };
        let Some(effects) = course.on(Event::FromS1sp, now, &self.rules)? else { return Ok(None) };
        if effects.contains(&Effect::Reply(Reply::FromS1sp)) {
            self.passed_on(&mut course, &answer.signed, now)?;
        }
        Ok(Some(course))
    }

    /// The reply around what an S1SP signed.
    fn passed_on(&self, course: &mut Course, signed: &str, now: Timestamp) -> Result<(), ServiceFault> {
        let (key, record) = (course.record.request, &course.record);
        let around = self.around((key, record.version), Some(record.service), (signed, now))?;
        course.reply(around.reply, Told { at: now, code: around.code });
        let noting = inventory::Desk { view: self.ledger.view(), at: now, request: key.id.to_string() };
        course.batch.puts.extend(noting.told_firmware(key.device(), around.said.root())?);
        Ok(())
    }

    /// The DSP's message around what an S1SP signed, once that is believed: the response of a service, or what is no request's own
    /// answer.
    ///
    /// # Errors
    /// It is not to be believed.
    pub(super) fn around(
        &self,
        (key, version): (RequestKey, SchemaVersion),
        service: Option<ServiceReferenceVariant>,
        (signed, at): (&str, Timestamp),
    ) -> Result<Around, ServiceFault> {
        let name = key.to_string();
        let not_believed = |why: String| ServiceFault::NotBelieved { name: name.clone(), why };
        let received = Received::new(&name, signed.as_bytes(), &Limits::MESSAGE);
        let received = received.map_err(|fault| not_believed(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not_believed(fault.to_string()))?;
        let said = incoming.of_s1sp(version).map_err(|faults| not_believed(format!("{} faults", faults.len())))?;
        let said = said.verify(&self.trusted.now(), at).map_err(|fault| not_believed(fault.to_string()))?;
        let of_none = ResponseHeader { request_id: None, response_id: None, code: ResponseCode::I0, at };
        let (header, body, code) = if incoming.root() == Some(Root::S1spAlert) {
            let code = self.codes.alert(DccAlert::S1spAlert);
            (of_none, ResponseBody::S1spAlert { code, schedule: None, signed }, code.to_owned())
        } else {
            let header = service.map_or(of_none, |_| ResponseHeader::asynchronous(key.id, ResponseCode::I0, at));
            (header, ResponseBody::Smets1 { service, schedule: None, signed }, ResponseCode::I0.to_string())
        };
        Ok(Around { reply: self.signed(&header, body, version)?, code, said })
    }
}

/// What goes to a User around what an S1SP signed.
pub(super) struct Around {
    /// The DSP's message.
    pub(super) reply: String,
    /// The code that it tells.
    pub(super) code: String,
    said: Verified<NestedDocument>,
}

/// What an S1SP has for the DSP.
pub(crate) struct FromS1sp {
    /// Its number in the outbox of the S1SP.
    pub(crate) number: u64,
    /// What it is about.
    pub(crate) key: RequestKey,
    signed: String,
}

/// What an S1SP has for the DSP behind a number, oldest first.
pub(super) fn waiting(store: &dyn StoreView, outbox: &str, after: u64) -> Result<Vec<FromS1sp>, ServiceFault> {
    let entries = store.unsent_to(outbox, after, PAGE)?.into_iter();
    let read = |(number, entry): (u64, OutboxEntry)| {
        let named = || ServiceFault::Body(format!("the answer {} names no request", entry.message));
        let key = entry.message.parse().map_err(|_| named())?;
        match entry.body {
            Body::Bytes(bytes) => Ok(FromS1sp { number, key, signed: String::from_utf8_lossy(&bytes).into_owned() }),
            Body::File { .. } => Err(ServiceFault::Body(format!("the answer {key} is in no row"))),
        }
    };
    entries.map(read).collect()
}
