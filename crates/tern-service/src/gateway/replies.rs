//! Takes what waits for a User to the User's own address, until it is acknowledged or expires.
//!
//! The replies of one device go out in the order of completion: one that is not taken holds back only its own device. A repeat
//! is byte for byte the same. What expires, or what the User refuses for good, goes to the dead letters and is never dropped.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tern_model::{PartyId, Role};
use tern_requests::machine::dsp::Event;
use tern_store::{Batch, Body, Expect, OutboxEntry, Put, StoreView};

use super::course::{Course, Rules};
use super::ledger::Ledger;
use super::letters;
use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::links::client::{Address, Peer, Sent, Transport};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::parties::inbox;
use crate::pki::TlsIdentity;
use crate::roles::Hands;
use crate::roles::bell::Pause;
use crate::sandbox::laid_down;

/// Kind of [`DeadLetter`], under `{party}/{number}`.
pub(crate) const DEAD_LETTER: &str = "dead-letter";
/// Replies that are looked up at once.
const PAGE: usize = 64;
/// What a User took is durable within this time and that of one delivery: of a User that is slow, few replies come again after a crash.
const NOTED_WITHIN: Duration = Duration::from_secs(1);
/// So long a courier waits for something to send before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);
/// So much is kept of what a User says of a reply.
const WORDS_MAX_CHARS: usize = 300;
/// Silence of this length means that nobody is there.
const PATIENCE: Duration = Duration::from_secs(10);

/// A reply that its User never took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// What it was: the device, and the ResponseID or the alert.
    pub message: String,
    /// When it was ready.
    pub since: Timestamp,
    /// When it was given up.
    pub given_up: Timestamp,
    /// Why.
    pub why: String,
    /// The reply, as it was signed.
    pub reply: String,
}

/// The outbox of a User.
pub(super) fn outbox_of(user: PartyId) -> String {
    format!("user/{user}")
}

/// Takes replies to one User.
pub(crate) struct Courier<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) user: PartyId,
    pub(super) to: Destination,
    pub(super) expires: SignedDuration,
    pub(super) rules: Rules,
    pub(super) hands: Hands<'a>,
}

/// Where a User's replies go.
pub(super) enum Destination {
    /// They are posted to its address.
    Posted { path: String, peer: Box<Peer> },
    /// It has none: in a sandbox they lie here until they are fetched.
    LaidDown,
}

/// How one delivery ended.
enum Ended {
    Taken(Vec<Put>),
    /// For good.
    Refused(String),
    /// The User's side fails with this one.
    NotNow,
    /// Nobody is there.
    Nobody(ServiceFault),
}

/// A reply that waits no more.
struct Done {
    number: u64,
    entry: OutboxEntry,
    event: Event,
    puts: Vec<Put>,
}

/// How replies come to a User of this name alone.
pub(super) fn secured(
    own: &TlsIdentity,
    (trusted, clock): (Arc<Trusted>, Arc<dyn Clock>),
    name: &str,
) -> Result<Transport, ServiceFault> {
    let roles = vec![Role::Supplier, Role::NetworkOperator];
    let check = PeerCheck::new(trusted, clock, roles, Some(name.to_owned()));
    Ok(Transport::Tls(Arc::new(tls::client(own, Arc::new(check))?)))
}

/// The other end of a User's address.
pub(super) fn peer(transport: Transport, (name, at): (&str, String)) -> Peer {
    // What has no certificate is called by where it is.
    let name = if let Transport::Plain = transport { at.clone() } else { name.to_owned() };
    Peer { role: Role::Supplier, name, at: Address::Fixed(at), transport, patience: PATIENCE, line: None }
}

impl Courier<'_> {
    /// Works until it is stopped.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn run(mut self) -> Result<(), ServiceFault> {
        let (mut pause, mut told) = (Pause::new(), false);
        while !self.hands.halt.is_asked() {
            let seen = self.hands.bells.replies.rung();
            match self.round()? {
                None => {
                    (pause, told) = (Pause::new(), false);
                    self.hands.bells.replies.wait(seen, LOOK);
                }
                Some(fault) => {
                    if !told {
                        (self.hands.say)(&format!("{fault}; replies to it wait"));
                        told = true;
                    }
                    self.hands.bells.replies.wait(self.hands.bells.replies.rung(), pause.next());
                }
            }
        }
        Ok(())
    }

    /// Tries everything that waits, once; gives what stands against going on.
    fn round(&mut self) -> Result<Option<ServiceFault>, ServiceFault> {
        let (mut after, mut held) = (0, HashSet::new());
        loop {
            let waiting = self.ledger.view().unsent_to(&outbox_of(self.user), after, PAGE)?;
            if waiting.is_empty() {
                return Ok(None);
            }
            let mut done = Vec::new();
            let stopped = self.try_each(waiting, (&mut after, &mut held), &mut done);
            // What the User has is noted, whatever came after it.
            self.note(done)?;
            if let Some(fault) = stopped? {
                return Ok(Some(fault));
            }
            if self.hands.halt.is_asked() {
                return Ok(None);
            }
        }
    }

    /// Tries what waits, one after the other, until nobody is there or something is to be noted; `after` is the last that was tried.
    fn try_each(
        &mut self,
        waiting: Vec<(u64, OutboxEntry)>,
        (after, held): (&mut u64, &mut HashSet<String>),
        done: &mut Vec<Done>,
    ) -> Result<Option<ServiceFault>, ServiceFault> {
        let until = Instant::now() + NOTED_WITHIN;
        for (number, entry) in waiting {
            *after = number;
            let device = entry.message.split(' ').next().unwrap_or_default().to_owned();
            let may_expire = !matches!(self.to, Destination::LaidDown);
            if may_expire && self.clock.now().duration_since(entry.at) > self.expires {
                done.push(self.given_up(number, entry, "it expired before the User took it".to_owned())?);
                continue;
            }
            if held.contains(&device) {
                continue;
            }
            match self.deliver(number, &entry)? {
                Ended::Taken(puts) => done.push(Done { number, entry, event: Event::Delivered, puts }),
                Ended::Refused(why) => done.push(self.given_up(number, entry, why)?),
                Ended::NotNow => drop(held.insert(device)),
                Ended::Nobody(fault) => return Ok(Some(fault)),
            }
            if self.hands.halt.is_asked() || Instant::now() >= until {
                break;
            }
        }
        Ok(None)
    }

    fn deliver(&mut self, number: u64, entry: &OutboxEntry) -> Result<Ended, ServiceFault> {
        let Body::Bytes(reply) = &entry.body else {
            return Err(in_no_row(entry));
        };
        let Destination::Posted { path, peer } = &mut self.to else {
            return Ok(Ended::Taken(laid_down::puts(self.user, (number, entry), reply)?));
        };
        Ok(match peer.hear(("POST", path), Sent::Message(reply)) {
            Ok((200 | 202 | 204, _)) => Ended::Taken(Vec::new()),
            Ok((400, words)) => {
                let words: String = String::from_utf8_lossy(&words).chars().take(WORDS_MAX_CHARS).collect();
                Ended::Refused(format!("the User finds it invalid: {words}"))
            }
            Ok(_) => Ended::NotNow,
            Err(fault) => Ended::Nobody(fault),
        })
    }

    fn given_up(&self, number: u64, entry: OutboxEntry, why: String) -> Result<Done, ServiceFault> {
        let reply = match &entry.body {
            Body::Bytes(reply) => String::from_utf8_lossy(reply).into_owned(),
            Body::File { .. } => return Err(in_no_row(&entry)),
        };
        (self.hands.say)(&format!("the reply {} of {} is a dead letter: {why}", entry.message, self.user));
        let letter =
            DeadLetter { message: entry.message.clone(), since: entry.at, given_up: self.clock.now(), why, reply };
        let put = inbox::put(DEAD_LETTER, letters::key_of(self.user, number), Expect::Any, &letter)?;
        Ok(Done { number, entry, event: Event::Expired, puts: vec![put] })
    }

    /// Replies wait no more, all with one wait for the disk: their requests know so, where they are one's.
    fn note(&self, mut done: Vec<Done>) -> Result<(), ServiceFault> {
        while !done.is_empty() {
            let noted = |done: Done| self.noted(&done).map(|batch| (done, batch));
            let noted = done.into_iter().map(noted).collect::<Result<Vec<_>, _>>()?;
            (_, done) = self.ledger.commit_each(noted)?;
        }
        Ok(())
    }

    fn noted(&self, Done { number, entry, event, puts }: &Done) -> Result<Batch, ServiceFault> {
        let named = letters::request_of(&entry.message);
        let found = named.map(|key| Course::find(self.ledger.view(), key)).transpose()?.flatten();
        let Some(mut course) = found else {
            return Ok(Batch { puts: puts.clone(), sent: vec![*number], ..Batch::default() });
        };
        // A reply that the request does not know of any more is done all the same.
        let _ = course.on(event.clone(), self.clock.now(), &self.rules)?;
        course.batch.puts.extend_from_slice(puts);
        course.batch.sent.push(*number);
        course.kept()
    }
}

fn in_no_row(entry: &OutboxEntry) -> ServiceFault {
    ServiceFault::Body(format!("the reply {} is in no row", entry.message))
}
