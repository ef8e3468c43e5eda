//! Takes what waits for a User to the User's own address, until it is acknowledged or expires.
//!
//! The replies of one device go out in the order of completion: one that is not taken holds back only its own device. A repeat
//! is byte for byte the same. What expires, or what the User refuses for good, goes to the dead letters and is never dropped.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

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
            let seen = self.hands.bell.rung();
            match self.round()? {
                None => {
                    (pause, told) = (Pause::new(), false);
                    self.hands.bell.wait(seen, LOOK);
                }
                Some(fault) => {
                    if !told {
                        (self.hands.say)(&format!("{fault}; replies to it wait"));
                        told = true;
                    }
                    self.hands.bell.wait(self.hands.bell.rung(), pause.next());
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
            for (number, entry) in waiting {
                after = number;
                let device = entry.message.split(' ').next().unwrap_or_default().to_owned();
                let may_expire = !matches!(self.to, Destination::LaidDown);
                if may_expire && self.clock.now().duration_since(entry.at) > self.expires {
                    self.give_up(number, &entry, "it expired before the User took it".to_owned())?;
                    continue;
                }
                if held.contains(&device) {
                    continue;
                }
                match self.deliver(number, &entry)? {
                    Ended::Taken(puts) => self.ended((number, &entry), &Event::Delivered, &puts)?,
                    Ended::Refused(why) => self.give_up(number, &entry, why)?,
                    Ended::NotNow => drop(held.insert(device)),
                    Ended::Nobody(fault) => return Ok(Some(fault)),
                }
                if self.hands.halt.is_asked() {
                    return Ok(None);
                }
            }
        }
    }

    fn deliver(&mut self, number: u64, entry: &OutboxEntry) -> Result<Ended, ServiceFault> {
        let Body::Bytes(reply) = &entry.body else {
            return Err(ServiceFault::Body(format!("the reply {} is in no row", entry.message)));
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

    fn give_up(&self, number: u64, entry: &OutboxEntry, why: String) -> Result<(), ServiceFault> {
        let Body::Bytes(reply) = &entry.body else { return Ok(()) };
        (self.hands.say)(&format!("the reply {} of {} is a dead letter: {why}", entry.message, self.user));
        let letter = DeadLetter {
            message: entry.message.clone(),
            since: entry.at,
            given_up: self.clock.now(),
            why,
            reply: String::from_utf8_lossy(reply).into_owned(),
        };
        let put = inbox::put(DEAD_LETTER, letters::key_of(self.user, number), Expect::Any, &letter)?;
        self.ended((number, entry), &Event::Expired, &[put])
    }

    /// A reply waits no more: its request knows so, where it is one's.
    fn ended(&self, (number, entry): (u64, &OutboxEntry), event: &Event, puts: &[Put]) -> Result<(), ServiceFault> {
        let named = letters::request_of(&entry.message);
        loop {
            let found = named.map(|key| Course::find(self.ledger.view(), key)).transpose()?.flatten();
            let Some(mut course) = found else {
                let batch = Batch { puts: puts.to_vec(), sent: vec![number], ..Batch::default() };
                return Ok(self.ledger.commit(batch)?);
            };
            // A reply that the request does not know of any more is done all the same.
            let _ = course.on(event.clone(), self.clock.now(), &self.rules)?;
            course.batch.puts.extend_from_slice(puts);
            course.batch.sent.push(number);
            if course.commit(self.ledger)? {
                return Ok(());
            }
        }
    }
}
