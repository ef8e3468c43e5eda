//! What a role does with what its peers ask: signed files into its inbox, orders obeyed, sets judged.
//!
//! Each request is admitted by the peer's role before its body is read, and answered once what it brought about is durable.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tern_model::{Finding, PartyId, Role, SetId};
use tern_wire::Sender;
use tern_wire::migration::FileName;
use tern_wire::xml::Limits;

use super::handed_in::{HandedIn, Laid};
use super::renewal::Records;
use super::ways::{decisions_to, orders_to, senders_to, sets_to};
use super::{Hands, decisions};
use crate::clock::Clock;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::links::http::{Request, decoded};
use crate::links::server::{Answer, Body, Content, Desk, Room};
use crate::links::tls::Trusted;
use crate::parties::{CommissioningParty, DcoParty, Dsp, Party, S1sp, SetTaken, hand_over};
use crate::set_files::FileAt;

/// The longest batch of orders, in bytes.
const ORDERS_MAX_BYTES: u64 = 16 << 20;
/// The longest decision, with its evidence, in bytes.
const DECISION_MAX_BYTES: u64 = 64 << 10;

/// Who sits at the desk.
pub(super) enum Seat {
    Dsp(Dsp),
    S1sp(S1sp),
    Dco(DcoParty),
    Commissioning(CommissioningParty),
}

impl Seat {
    fn party(&mut self) -> &mut dyn Party {
        match self {
            Seat::Dsp(party) => party,
            Seat::S1sp(party) => party,
            Seat::Dco(party) => party,
            Seat::Commissioning(party) => party,
        }
    }
}

/// What the DSP says of a set that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TakenIn {
    /// Its name; none where no file of it could be believed, or it was refused.
    pub(super) set: Option<SetId>,
    /// Whether the very same set was taken in before.
    pub(super) known: bool,
    /// Why the set as a whole was refused; empty where it was taken in.
    pub(super) refused: Vec<Finding>,
}

/// The desk of one role.
pub(super) struct FrontDesk<'a> {
    pub(super) role: Role,
    /// Whose it is.
    pub(super) party: PartyId,
    pub(super) seat: Mutex<Seat>,
    pub(super) config: &'a Config,
    pub(super) trusted: Arc<Trusted>,
    pub(super) records: &'a Records,
    pub(super) clock: Arc<dyn Clock>,
    /// Where files lie until they are taken over.
    pub(super) incoming: &'a Path,
    pub(super) hands: Hands<'a>,
}

/// What may be asked.
enum Asked {
    /// Is anybody there?
    Presence,
    /// Take this file in.
    File(String),
    /// Obey.
    Orders,
    /// Lay this file of a set beside the others that were handed in under the same number.
    OfSet(String, String),
    /// Judge the set that was handed in under a number.
    Judge(String),
    /// Carry out what a person decided on a stuck installation.
    Decide,
    /// The Common Validation File of a set.
    Validation(SetId),
}

impl FrontDesk<'_> {
    fn asked(request: &Request) -> Option<Asked> {
        let parts: Vec<&str> = request.path.strip_prefix('/')?.split('/').collect();
        let number =
            |text: &str| (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_owned());
        match (request.method.as_str(), &parts[..]) {
            ("GET", [""]) => Some(Asked::Presence),
            ("POST", ["inbox", name]) => {
                let name = decoded(name)?;
                matches!(name.parse(), Ok(FileName::OfSet(..))).then_some(Asked::File(name))
            }
            ("POST", ["orders"]) => Some(Asked::Orders),
            ("POST", ["decisions"]) => Some(Asked::Decide),
            ("POST", ["sets", id]) => Some(Asked::Judge(number(id)?)),
            ("POST", ["sets", id, name]) => Some(Asked::OfSet(number(id)?, decoded(name)?)),
            ("GET", ["sets", set, "validation"]) => Some(Asked::Validation(decoded(set)?.parse().ok()?)),
            _ => None,
        }
    }

    fn do_it(&self, peer: &Sender, asked: Asked, body: Body) -> Result<Answer, ServiceFault> {
        let now = self.clock.now();
        let mut seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner);
        seat.party().renew(self.trusted.now(), self.records.now());
        match (asked, body, &mut *seat) {
            (Asked::Presence, ..) => Ok(Answer::json(&self.role)),
            (Asked::File(name), Body::File(came), seat) => {
                let file = FileAt { name, path: came.path.clone() };
                hand_over(seat.party(), peer.role, &file, now)?;
                Ok(Answer::json(&"taken"))
            }
            (Asked::Orders, Body::Bytes(body), Seat::Dco(dco)) => match serde_json::from_slice::<Vec<_>>(&body) {
                Ok(orders) => Ok(Answer::json(&dco.obey(&orders, now)?)),
                Err(error) => Ok(Answer::refusal(400, format!("no orders: {error}"))),
            },
            (Asked::Orders, Body::Bytes(body), Seat::Dsp(dsp)) => match serde_json::from_slice::<Vec<_>>(&body) {
                Ok(orders) => Ok(Answer::json(&dsp.obey(peer.party, &orders)?)),
                Err(error) => Ok(Answer::refusal(400, format!("no orders: {error}"))),
            },
            (Asked::Decide, Body::Bytes(body), Seat::S1sp(s1sp)) => match serde_json::from_slice(&body) {
                Ok(decision) => decisions::take(s1sp, self.config, &self.trusted, decision),
                Err(error) => Ok(Answer::refusal(400, format!("no decision: {error}"))),
            },
            (Asked::OfSet(id, name), Body::File(came), Seat::Dsp(_)) => {
                Ok(match HandedIn::of(self.incoming, peer.party).lay(&id, &name, &came.path)? {
                    Laid::Beside => Answer::json(&"laid"),
                    Laid::TooMany => Answer::refusal(413, "a set has fewer files"),
                })
            }
            (Asked::Judge(id), _, Seat::Dsp(dsp)) => self.judge(dsp, HandedIn::of(self.incoming, peer.party), &id),
            (Asked::Validation(set), _, Seat::Dsp(dsp)) => {
                let file = dsp.validation_file(set)?;
                Ok(Answer { status: 200, content: Content::File(file.path) })
            }
            _ => Ok(Answer::refusal(404, "that is not asked here")),
        }
    }

    /// Judges the files that were handed in under a number; they go afterwards.
    fn judge(&self, dsp: &mut Dsp, handed_in: HandedIn<'_>, id: &str) -> Result<Answer, ServiceFault> {
        let Some(folder) = handed_in.take(id)? else {
            return Ok(Answer::refusal(404, "nothing was handed in under this number"));
        };
        // What was judged is kept in the store; where it could not be judged it is handed in again.
        let day = dsp.today();
        let taken = dsp.take(&folder.set, day)?;
        Ok(Answer::json(&match taken {
            SetTaken::Refused(verdicts) => TakenIn { set: None, known: false, refused: verdicts.refusals() },
            SetTaken::Known { set, .. } => TakenIn { set: Some(set), known: true, refused: Vec::new() },
            SetTaken::Accepted { set, .. } => TakenIn { set: Some(set), known: false, refused: Vec::new() },
        }))
    }
}

impl Desk for FrontDesk<'_> {
    fn admits(&self, peer: &Sender, request: &Request) -> Result<Room, Answer> {
        let asked = Self::asked(request).ok_or_else(|| Answer::refusal(404, "that is not asked here"))?;
        let file = Room::File(Limits::STREAM.max_bytes as u64);
        let (who, room) = match asked {
            Asked::Presence => return Ok(Room::Memory(0)),
            Asked::File(_) => (senders_to(self.role), file),
            Asked::Orders => (orders_to(self.role), Room::Memory(ORDERS_MAX_BYTES)),
            Asked::Decide if peer.party == self.party => (decisions_to(self.role), Room::Memory(DECISION_MAX_BYTES)),
            Asked::Decide => (&[][..], Room::Memory(0)),
            Asked::OfSet(..) => (sets_to(self.role), file),
            Asked::Judge(_) | Asked::Validation(_) => (sets_to(self.role), Room::Memory(0)),
        };
        if who.contains(&peer.role) {
            return Ok(room);
        }
        (self.hands.say)(&format!("refused {} ({}): {} {}", peer.name, peer.role, request.method, request.path));
        Err(Answer::refusal(403, format!("{} takes nothing of this kind from {}", self.role, peer.role)))
    }

    fn answer(&self, peer: &Sender, request: &Request, body: Body) -> Answer {
        let Some(asked) = Self::asked(request) else { return Answer::refusal(404, "that is not asked here") };
        let answer = self.do_it(peer, asked, body).unwrap_or_else(|fault| {
            (self.hands.say)(&format!("{} {} of {} failed: {fault}", request.method, request.path, peer.name));
            let answer = Answer::refusal(500, fault.to_string());
            // A store that fails is opened again by the next start: until then nothing is promised.
            if matches!(fault, ServiceFault::Store(_)) {
                self.hands.halt.fail(fault);
            }
            answer
        });
        self.hands.bells.sets.ring();
        answer
    }
}
