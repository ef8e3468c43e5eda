//! Dead letters: replies that their Users never took, kept until an operator sends them again.
//!
//! A letter goes out again byte for byte as it was signed. While `tern serve` runs, the order comes to its gateway under the DSP's
//! own certificate: whoever holds that key may open the DSP's store too.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tern_model::{PartyId, Role};
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::Event;
use tern_store::{Batch, OutboxEntry, Remove, SqliteStore, StoreFault, StoreView};

use super::course::{Course, Rules};
use super::door::Door;
use super::ledger::Ledger;
use super::replies::{DEAD_LETTER, DeadLetter, outbox_of};
use super::{address_file, client};
use crate::clock::Clock;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::links::client::{Peer, Sent};
use crate::links::http::Request as Asked;
use crate::links::server::{Answer, Body, Room};
use crate::links::tls::Trusted;
use crate::parties::inbox;
use crate::pki;
use crate::roles::shared_store::SharedStore;
use crate::system::clock_of;

/// Where the order comes to a running gateway.
pub(super) const PATH: &str = "/operator/v1/dead-letters";
/// No order is longer.
const ORDER_BYTES_MAX: u64 = 1 << 20;

/// A dead letter, with what it is called.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// By which it is ordered.
    pub number: u64,
    /// For whom it was.
    pub user: PartyId,
    /// The request that it answers; none where it was an alert of its own.
    pub request: Option<RequestKey>,
    /// The letter.
    #[serde(flatten)]
    pub letter: DeadLetter,
}

impl Letter {
    fn of((key, letter): (String, DeadLetter)) -> Result<Letter, ServiceFault> {
        let parts = key.split_once('/').and_then(|(user, number)| user.parse().ok().zip(number.parse().ok()));
        let (user, number) = parts.ok_or_else(|| ServiceFault::Body(format!("the dead letter {key} has no name")))?;
        Ok(Letter { number, user, request: request_of(&letter.message), letter })
    }

    fn key(&self) -> String {
        key_of(self.user, self.number)
    }
}

/// Under which a letter is kept.
pub(super) fn key_of(user: PartyId, number: u64) -> String {
    format!("{user}/{number:020}")
}

/// The request that a message in a User's outbox answers.
pub(super) fn request_of(message: &str) -> Option<RequestKey> {
    message.split_once(' ').and_then(|(_, name)| name.parse().ok())
}

/// Every dead letter.
///
/// # Errors
/// The store cannot be read.
pub fn dead_letters(store: &dyn StoreView) -> Result<Vec<Letter>, ServiceFault> {
    let all = inbox::all::<DeadLetter>(store, DEAD_LETTER, "")?;
    all.into_iter().map(Letter::of).collect()
}

/// Those that answer a request.
pub(crate) fn letters_of(store: &dyn StoreView, key: RequestKey) -> Result<Vec<Letter>, ServiceFault> {
    let mut all = dead_letters(store)?;
    all.retain(|letter| letter.request == Some(key));
    Ok(all)
}

/// Sends letters again, all of them or those of these numbers; gives the numbers of those that went.
pub(super) fn send_again(
    ledger: &Ledger,
    numbers: Option<&[u64]>,
    (clock, rules): (&dyn Clock, &Rules),
) -> Result<Vec<u64>, ServiceFault> {
    let mut sent = Vec::new();
    for letter in dead_letters(ledger.view())? {
        if numbers.is_none_or(|numbers| numbers.contains(&letter.number)) {
            again(ledger, &letter, (clock, rules))?;
            sent.push(letter.number);
        }
    }
    Ok(sent)
}

fn again(ledger: &Ledger, letter: &Letter, (clock, rules): (&dyn Clock, &Rules)) -> Result<(), ServiceFault> {
    loop {
        let at = clock.now();
        // The outbox keeps the name of what it gave up.
        let message = format!("{}/again-{}", letter.letter.message, letter.number);
        let body = letter.letter.reply.clone().into_bytes().into();
        let outbox = vec![OutboxEntry { to: outbox_of(letter.user), message, at, body }];
        let removes = vec![Remove { kind: DEAD_LETTER, key: letter.key(), generation: Some(1) }];
        let batch = Batch { outbox, removes, ..Batch::default() };
        let found = letter.request.map(|key| Course::find(ledger.view(), key)).transpose()?.flatten();
        let Some(mut course) = found else {
            return match ledger.commit(batch) {
                // Somebody else ordered the same.
                Ok(()) | Err(StoreFault::Conflict { .. }) => Ok(()),
                Err(fault) => Err(fault.into()),
            };
        };
        if course.on(Event::SentAgain, at, rules)?.is_none() {
            return Ok(());
        }
        course.batch.append(batch);
        if course.commit(ledger)? {
            return Ok(());
        }
    }
}

/// Which letters are to go again; none: all.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub(super) numbers: Option<Vec<u64>>,
}

/// Has dead letters sent again: by the service, where it runs, else in the DSP's store for its next start.
///
/// # Errors
/// The service does not answer, or the store cannot be written.
pub fn send_letters_again(config: &Config, numbers: Option<Vec<u64>>) -> Result<Vec<u64>, ServiceFault> {
    if let Some(mut running) = running(config)? {
        let body = serde_json::to_vec(&Order { numbers }).map_err(ServiceFault::body)?;
        let said = running.ask(("POST", PATH), Sent::Bytes(&body))?;
        return serde_json::from_slice(&said).map_err(ServiceFault::body);
    }
    let store = SqliteStore::open(&config.path(&config.roles.dsp.store), Role::Dsp)?;
    let ledger = Ledger::new(SharedStore::new(Box::new(store))?);
    let clock = clock_of(config);
    send_again(&ledger, numbers.as_deref(), (&*clock, &config.gateway.rules()))
}

/// The gateway where it runs, as the DSP's operator reaches it.
fn running(config: &Config) -> Result<Option<Peer>, ServiceFault> {
    if !address_file(config).exists() {
        return Ok(None);
    }
    let dir = config.path(&config.pki.dir);
    let own = pki::load_tls(&dir, &config.roles.dsp.party)?;
    let trusted = Arc::new(Trusted::new(pki::load_trust(&dir)?));
    let mut peer = client::reached(config, &own, (trusted, clock_of(config)))?;
    let there = peer.ask(("GET", PATH), Sent::Bytes(&[])).is_ok();
    Ok(there.then_some(peer))
}

impl Door<'_> {
    /// Whether the DSP's operator may ask this.
    pub(super) fn admits_operator(request: &Asked) -> Result<Room, Answer> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET" | "POST", PATH) => Ok(Room::Memory(ORDER_BYTES_MAX)),
            _ => Err(Answer::refusal(404, format!("the operator's orders go to {PATH}\n"))),
        }
    }

    /// Does what the DSP's operator orders.
    pub(super) fn operated(&self, request: &Asked, body: &Body) -> Result<Answer, ServiceFault> {
        if request.method == "GET" {
            return Ok(Answer::json(&()));
        }
        let Body::Bytes(bytes) = body else { return Ok(Answer::refusal(400, "no order\n")) };
        let order: Order = match serde_json::from_slice(bytes) {
            Ok(order) => order,
            Err(error) => return Ok(Answer::refusal(400, format!("{error}\n"))),
        };
        let sent = send_again(self.ledger, order.numbers.as_deref(), (&*self.clock, &self.rules))?;
        self.hands.bells.replies.ring();
        Ok(Answer::json(&sent))
    }
}
