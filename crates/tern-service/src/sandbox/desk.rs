//! The sandbox's desk at the gateway's door: whatever is not for it goes to the gateway.

use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, PartyId};
use tern_store::{Batch, Put};
use tern_wire::Sender;

use super::asked::{Asked, FaultOrder, HELP, ResetOrder, Sought, StepOrder, Wanted};
use super::own::{self, Own};
use super::{PATH, PlayFault, Sandbox, kept, laid_down, stepping};
use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::gateway::known::Knowledge;
use crate::links::http::Request;
use crate::links::server::{Answer, Body, Content, Desk, Room};
use crate::links::tls::Trusted;
use crate::roles::Hands;

/// The longest order.
const ORDER_BYTES_MAX: u64 = 4 << 10;
/// What is open for a device that goes back is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// So often it is looked whether it is done.
const LOOK: Duration = Duration::from_millis(50);

/// What is under way between the Users and the devices.
pub(crate) trait UnderWay: Sync {
    /// The first moment after this one at which something that is held is due.
    fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, ServiceFault>;

    /// Whether everything that was due is answered.
    fn is_at_rest(&self) -> Result<bool, ServiceFault>;

    /// Whether something is asked of a device now.
    fn is_asked(&self, device: DeviceId) -> Result<bool, ServiceFault>;

    /// Has the credentials count again with which devices came.
    fn forget_credentials(&self, devices: &[DeviceId]) -> Result<(), ServiceFault>;

    /// Ends what is held for a device, and tells those who asked; gives how much that was.
    fn end_held(&self, device: DeviceId) -> Result<usize, ServiceFault>;
}

/// The sandbox, in front of a gateway.
pub(crate) struct Annex<'a> {
    pub(crate) door: &'a dyn Desk,
    pub(crate) sandbox: Sandbox<'a>,
    pub(crate) under_way: &'a dyn UnderWay,
    pub(crate) ledger: &'a Ledger,
    pub(crate) trusted: &'a Trusted,
    knowledge: Knowledge<'a>,
    pub(crate) hands: Hands<'a>,
    /// Held by whoever steps the clock.
    stepping: Mutex<()>,
}

/// What an order came to: an answer, or words that say why not.
type Done = Result<Result<Answer, Answer>, ServiceFault>;

#[derive(Serialize)]
struct Time {
    now: Timestamp,
    /// At so many moments on the way something was due.
    stops: usize,
}

#[derive(Serialize)]
struct Ordered<'o> {
    device: DeviceId,
    faults: &'o [PlayFault],
}

#[derive(Serialize)]
struct WentBack {
    devices: Vec<DeviceId>,
    held_requests_ended: usize,
}

impl<'a> Annex<'a> {
    /// The sandbox in front of a door; what the inventory holds is kept where it never was.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn open(
        (sandbox, door, under_way): (Sandbox<'a>, &'a dyn Desk, &'a dyn UnderWay),
        (ledger, trusted): (&'a Ledger, &'a Trusted),
        knowledge: Knowledge<'a>,
        hands: Hands<'a>,
    ) -> Result<Annex<'a>, ServiceFault> {
        kept::keep(ledger)?;
        Ok(Annex { door, sandbox, under_way, ledger, trusted, knowledge, hands, stepping: Mutex::new(()) })
    }

    fn done(&self, asked: Asked, peer: &Sender, body: &[u8]) -> Done {
        let now = self.sandbox.clock.now();
        let user = (peer.party, now);
        match asked {
            Asked::Help => Ok(Ok(Answer { status: 200, content: Content::Text(HELP.to_owned()) })),
            Asked::Devices => self.devices(user),
            Asked::Clock => Ok(Ok(Answer::json(&Time { now, stops: 0 }))),
            Asked::Replies => Ok(Ok(Answer::json(&laid_down::listed(self.ledger.view(), peer.party)?))),
            Asked::Reply(request) => self.reply(peer.party, request),
            Asked::Fault => read(body).map_or_else(|no| Ok(Err(no)), |order| self.fault(&order, user)),
            Asked::Reset => read(body).map_or_else(|no| Ok(Err(no)), |order| self.reset(&order, (user, peer))),
            Asked::Step => read(body).map_or_else(|no| Ok(Err(no)), |order| self.step(&order, peer)),
        }
    }

    fn devices(&self, user: (PartyId, Timestamp)) -> Done {
        let own = own::devices(&self.knowledge.now(), user)?;
        let told: Vec<_> = own.into_iter().filter_map(|own| own::Told::of(own, self.sandbox.devices)).collect();
        Ok(Ok(Answer::json(&told)))
    }

    fn reply(&self, user: PartyId, request: Sought) -> Done {
        Ok(match laid_down::awaited(self.ledger.view(), (user, request), self.hands)? {
            Some(reply) => Ok(Answer { status: 200, content: Content::Xml(reply.into_bytes()) }),
            None => {
                let words = format!(
                    "no reply to {request} lies here yet; ask again. Those of a User with an address are posted to it\n"
                );
                Err(Answer::refusal(202, words))
            }
        })
    }

    /// Orders a fault, or ends all of a device.
    fn fault(&self, order: &FaultOrder, user: (PartyId, Timestamp)) -> Done {
        let Some(own) = own::device(&self.knowledge.now(), order.device, user)? else {
            return Ok(Err(not_yours(order.device)));
        };
        let (_, whole) = own::of_installation(&self.knowledge.now(), own.chf, user)?;
        let (chf, kind, devices) = (own.chf, own.entry.kind, self.sandbox.devices);
        match order.fault {
            Wanted::Fault(PlayFault::NoWan) if !whole => return Ok(Err(shared(chf))),
            Wanted::Fault(fault) => devices.order(chf, kind, fault, order.times)?,
            Wanted::None(_) => devices.end(chf, kind, faults_of(whole))?,
        }
        let standing = devices.standing(chf, kind);
        Ok(Ok(Answer::json(&Ordered { device: order.device, faults: &standing })))
    }

    /// Takes the User's devices back to what they were after migration.
    fn reset(&self, order: &ResetOrder, (user, peer): ((PartyId, Timestamp), &Sender)) -> Done {
        let chosen = match order.device {
            None => own::devices(&self.knowledge.now(), user)?,
            Some(device) => match own::device(&self.knowledge.now(), device, user)? {
                Some(own) => own::of_installation(&self.knowledge.now(), own.chf, user)?.0,
                None => return Ok(Err(not_yours(device))),
            },
        };
        let mut back = Vec::new();
        let mut hubs: Vec<ChfIdentifier> = chosen.iter().filter(|own| own.is_supplied()).map(|own| own.chf).collect();
        hubs.dedup();
        if hubs.is_empty() {
            return Ok(Err(Answer::refusal(403, "you are the registered supplier of none of these devices\n")));
        }
        let mut ended = 0;
        for chf in hubs {
            let (own, whole) = own::of_installation(&self.knowledge.now(), chf, user)?;
            let own: Vec<Own> = own.into_iter().filter(|own| own.is_supplied() && (whole || is_meter(own))).collect();
            match self.reset_hub(chf, &own, whole)? {
                Ok(held) => ended += held,
                Err(busy) => return Ok(Err(busy)),
            }
            back.extend(own.iter().map(|own| own.entry.device));
        }
        let subject = order.device.map_or_else(|| "all devices".to_owned(), |device| device.to_string());
        let audit = vec![kept::audit(user.1, (&peer.name, subject), back.len())];
        let all = order.device.is_none();
        let removes = if all { kept::notified_by(self.ledger.view(), user.0)? } else { Vec::new() };
        self.ledger.commit(Batch { removes, audit, ..Batch::default() })?;
        Ok(Ok(Answer::json(&WentBack { devices: back, held_requests_ended: ended })))
    }

    /// Ends what is open for devices of an installation, and takes them back; or says that they are still busy.
    fn reset_hub(&self, chf: ChfIdentifier, own: &[Own], whole: bool) -> Result<Result<usize, Answer>, ServiceFault> {
        let devices: Vec<DeviceId> = own.iter().map(|own| own.entry.device).collect();
        for device in own {
            self.sandbox.devices.end(chf, device.entry.kind, faults_of(whole))?;
        }
        let mut ended = 0;
        for device in &devices {
            ended += self.under_way.end_held(*device)?;
            let until = Instant::now() + PATIENCE;
            while self.under_way.is_asked(*device)? {
                if Instant::now() >= until || self.hands.halt.is_asked() {
                    return Ok(Err(Answer::refusal(409, format!("{device} is still being asked; try again\n"))));
                }
                self.hands.bells.replies.wait(self.hands.bells.replies.rung(), LOOK);
            }
        }
        self.sandbox.devices.reset(chf, &devices)?;
        self.under_way.forget_credentials(&devices)?;
        let view = self.ledger.view();
        let puts = devices.iter().map(|device| kept::back(view, *device)).collect::<Result<Vec<Vec<Put>>, _>>()?;
        self.ledger.commit(Batch { puts: puts.into_iter().flatten().collect(), ..Batch::default() })?;
        Ok(Ok(ended))
    }

    fn step(&self, order: &StepOrder, peer: &Sender) -> Done {
        let clock = &self.sandbox.clock;
        let _alone = match self.stepping.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => PoisonError::into_inner(held),
            Err(TryLockError::WouldBlock) => {
                return Ok(Err(Answer::refusal(409, "the clock is being stepped; ask again\n")));
            }
        };
        let now = clock.now();
        let ends = self.trusted.now().certificates().map(|c| c.not_after()).filter(|end| *end > now).min();
        let Some(to) = order.moment(now).filter(|to| ends.is_none_or(|end| *to < end)) else {
            let words =
                format!("a certificate runs out at {}; the clock is not stepped past it\n", ends.unwrap_or(now));
            return Ok(Err(Answer::refusal(409, words)));
        };
        if to < now {
            return Ok(Err(Answer::refusal(409, format!("it is {now}; the clock is stepped forward alone\n"))));
        }
        let (now, stops) = stepping::step(clock, to, self.under_way, self.hands)?;
        (self.hands.say)(&format!("{} stepped the clock: it is {now:.0}", peer.name));
        Ok(Ok(Answer::json(&Time { now, stops })))
    }
}

/// The faults that whoever owns a whole installation may end, and whoever owns a part of one.
fn faults_of(whole: bool) -> &'static [PlayFault] {
    if whole { &PlayFault::ALL } else { &PlayFault::ALL[1..] }
}

fn is_meter(own: &Own) -> bool {
    matches!(own.entry.kind, DeviceKind::Esme | DeviceKind::Gsme)
}

fn not_yours(device: DeviceId) -> Answer {
    Answer::refusal(403, format!("you are registered for no {device} today; GET {PATH}v1/devices lists yours\n"))
}

fn shared(chf: ChfIdentifier) -> Answer {
    let words = "another supplier's meter is behind the same hub, and no-wan would strike it too";
    Answer::refusal(403, format!("{chf}: {words}; slow and wrong-answer strike a device alone\n"))
}

/// An order; what is none is answered in words.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Answer> {
    serde_json::from_slice(body).map_err(|error| Answer::refusal(400, format!("no order: {error}\n\n{HELP}")))
}

impl Desk for Annex<'_> {
    fn admits(&self, peer: &Sender, request: &Request) -> Result<Room, Answer> {
        if !request.path.starts_with(PATH) {
            return self.door.admits(peer, request);
        }
        match Asked::of(request) {
            Some(_) => Ok(Room::Memory(ORDER_BYTES_MAX)),
            None => Err(Answer::refusal(404, HELP)),
        }
    }

    fn answer(&self, peer: &Sender, request: &Request, body: Body) -> Answer {
        let (Some(asked), Body::Bytes(bytes)) = (Asked::of(request), &body) else {
            return self.door.answer(peer, request, body);
        };
        match self.done(asked, peer, bytes) {
            Ok(Ok(answer) | Err(answer)) => answer,
            Err(fault) => {
                (self.hands.say)(&format!("what {} ordered could not be done: {fault}", peer.name));
                Answer::refusal(500, format!("{fault}\n"))
            }
        }
    }
}
