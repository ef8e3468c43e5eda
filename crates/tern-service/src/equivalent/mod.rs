//! The S1SP's desk for Service Requests: takes what the DSP countersigned, has devices do what the Equivalent Steps ask, and
//! signs what is to be told.
//!
//! A request is taken once, and told once; what was asked of a device is durable before it is asked. It must never protect a
//! critical instruction, nor obey anything whose two signatures it has not verified itself.

mod asked;
mod credentials;
mod distribution;
mod in_hand;
mod judged;
mod queue;
pub(crate) mod record;
mod site;
mod told;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tern_model::{DeviceId, KnownAssociations};
use tern_requests::Codes;
use tern_requests::TaskAnswer;
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::{Attempts, Effect, Event, Outcome, State};
use tern_store::{Batch, OutboxEntry, Seal, StoreFault, StoreView};
use tern_wire::dsig::sha256;
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::Signer;

pub(crate) use distribution::FIRMWARE_TO_DSP;

use crate::config::Config;
use crate::fault::ServiceFault;
use crate::gateway::{FromS1sp, Ledger};
use crate::lanes::Connect;
use crate::links::tls::Trusted;
use crate::parties::Shared;
use crate::roles::Hands;
use asked::Since;
use in_hand::InHand;
use judged::Judged;
use queue::{Queue, Waiting};
use site::Found;

/// The outbox in which signed answers wait for the DSP.
pub(crate) const TO_DSP: &str = "dsp/service-requests";
/// Answers that wait for the DSP, as far as anybody asks whose they are.
const UNDER_WAY_MAX: usize = 10_000;
/// How long a worker waits for something to do before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// The DCO, as the desk reaches it.
pub(crate) trait AtDco: Sync {
    /// Has it obey one order.
    ///
    /// # Errors
    /// It does not answer.
    fn ask(&self, order: DcoOrder) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault>;

    /// Has it forget what requests replaced of meters' credentials: in a sandbox alone.
    ///
    /// # Errors
    /// It does not answer.
    fn forget_credentials(&self, meters: &[DeviceId]) -> Result<(), ServiceFault>;
}

/// The desk.
pub(crate) struct RequestDesk<'a> {
    pub(crate) with: Parts<'a>,
    associations: KnownAssociations,
    attempts: Attempts,
    queue: Mutex<Queue>,
    index: Mutex<HashMap<DeviceId, Found>>,
}

/// What the desk works with.
pub(crate) struct Parts<'a> {
    pub(crate) ledger: Ledger,
    pub(crate) seal: Arc<Seal>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) shared: Shared,
    pub(crate) trusted: Arc<Trusted>,
    pub(crate) dco: &'a dyn AtDco,
    /// How the devices are reached; asked for when something is to be done.
    pub(crate) connect: &'a (dyn Fn() -> Result<Connect, ServiceFault> + Sync),
    pub(crate) codes: Codes,
    pub(crate) hands: Hands<'a>,
}

impl<'a> RequestDesk<'a> {
    /// Opens the desk, with everything that was not told.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn open(with: Parts<'a>, config: &Config) -> Result<RequestDesk<'a>, ServiceFault> {
        let associations = tern_cohorts::associations(config.associations.clone());
        // So often in a row a conversation may come to nothing.
        let askings = u8::try_from(config.commissioning.attempts).unwrap_or(u8::MAX).max(1);
        let attempts = Attempts { askings, probes: askings };
        let (queue, index) = (Mutex::default(), Mutex::default());
        let desk = RequestDesk { with, associations, attempts, queue, index };
        for key in record::open(desk.with.ledger.view())? {
            let mut waiting = desk.waiting(key)?;
            waiting.is_taken_up = true;
            desk.queue().wait(waiting);
        }
        Ok(desk)
    }

    fn waiting(&self, key: RequestKey) -> Result<Waiting, ServiceFault> {
        Ok(Waiting::of(key, self.chf_of(key.device())?))
    }

    /// Takes countersigned requests; durable when this returns. The same again changes nothing.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn take(&self, documents: Vec<(RequestKey, Vec<u8>)>) -> Result<(), ServiceFault> {
        let (at, mut all) = (self.with.shared.clock.now(), Vec::new());
        for (key, document) in documents {
            let digest = sha256(&document);
            let (entry, puts) = record::taken(key, (document, digest), at)?;
            all.push((self.waiting(key)?, Batch { inbox: vec![entry], puts, ..Batch::default() }));
        }
        // What came before waits already, or is done.
        let (new, _) = self.with.ledger.commit_each(all)?;
        for waiting in new {
            self.queue().wait(waiting);
            self.with.hands.bells.steps.ring_one();
        }
        Ok(())
    }

    /// Notes that the DSP has what was told of requests.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn delivered(&self, answers: &[&FromS1sp]) -> Result<(), ServiceFault> {
        let (ledger, now, mut batch) = (&self.with.ledger, self.with.shared.clock.now(), Batch::default());
        for FromS1sp { number, key, .. } in answers {
            batch.sent.push(*number);
            let record = record::find(ledger.view(), *key)?;
            if let Some(record) = record.filter(|record| record.machine.state == State::Telling) {
                let mut hand = InHand::of(*key, record);
                hand.on(Event::Delivered, self.attempts, now)?;
                batch.append(hand.taken()?);
            }
        }
        Ok(ledger.commit(batch)?)
    }

    /// Carries requests out until it is stopped; any number of threads may.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn work(&self) -> Result<(), ServiceFault> {
        let hands = self.with.hands;
        while !hands.halt.is_asked() {
            let seen = hands.bells.steps.rung();
            let Some(mut waiting) = self.queue().next() else {
                hands.bells.steps.wait(seen, LOOK);
                continue;
            };
            let done = self.process(&waiting);
            self.queue().done(&waiting);
            match done {
                Ok(()) => hands.bells.answers.ring(),
                // Another conversation with the same installation took its numbers first.
                Err(ServiceFault::Store(StoreFault::Conflict { .. })) => {
                    waiting.is_taken_up = true;
                    self.queue().wait(waiting);
                }
                Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                Err(fault) => {
                    waiting.is_taken_up = true;
                    if let Some(words) = self.queue().failed(waiting, &fault) {
                        (hands.say)(&words);
                    }
                    // Its installation is free for another's request.
                    hands.bells.steps.ring_one();
                    hands.bells.steps.wait(hands.bells.steps.rung(), LOOK);
                }
            }
        }
        Ok(())
    }

    /// Carries one request out to its end, and has its answer wait for the DSP. One that is to stop goes on at the next start.
    fn process(&self, waiting: &Waiting) -> Result<(), ServiceFault> {
        let (key, view) = (waiting.key, self.with.ledger.view());
        let Some(record) = record::find(view, key)?.filter(|record| !is_told(record.machine.state)) else {
            return Ok(());
        };
        let mut hand = InHand::of(key, record);
        let mut judged = self.judged(key, record::document_of(view, key)?)?;
        let mut next = match &judged.case {
            Err(refusal) => self.on(&mut hand, Event::Refused(refusal.clone()))?,
            Ok(_) if waiting.is_taken_up => self.on(&mut hand, Event::Resumed)?,
            Ok(_) => Some(Effect::Judge),
        };
        let mut since = None;
        while let Some(effect) = next {
            if let Effect::Tell(outcome) = effect {
                let answer = since.as_ref().and_then(|since: &Since| since.answer.as_ref());
                return self.tell(&mut hand, &judged, &outcome, answer);
            }
            if self.with.hands.halt.is_asked() {
                return Ok(());
            }
            let Ok(case) = &mut judged.case else { return Err(ServiceFault::Machine(key.to_string())) };
            let event = match (&effect, &mut since) {
                (Effect::Judge, _) => self.planned(case),
                (_, Some(since)) => self.done(&effect, &mut hand, (case, since))?,
                (_, none) => {
                    let since = none.insert(Since::new((self.with.connect)()?));
                    self.done(&effect, &mut hand, (case, since))?
                }
            };
            if let Event::DeviceRefused(words) = &event {
                (self.with.hands.say)(&format!("{} refused {} ({}): {words}", key.device(), key.id, case.srv.number));
            }
            next = self.on(&mut hand, event)?;
        }
        Ok(())
    }

    /// Has the signed word on a request wait for the DSP, durably with how it ended.
    fn tell(
        &self,
        hand: &mut InHand,
        judged: &Judged,
        outcome: &Outcome,
        answer: Option<&TaskAnswer>,
    ) -> Result<(), ServiceFault> {
        let (key, at) = (hand.key, self.with.shared.clock.now());
        let body = self.told((key, judged), outcome, answer)?.into_bytes().into();
        hand.batch.outbox.push(OutboxEntry { to: TO_DSP.to_owned(), message: key.to_string(), at, body });
        hand.batch.removes.push(record::closed(key));
        hand.commit(&self.with.ledger, [])
    }

    fn on(&self, hand: &mut InHand, event: Event) -> Result<Option<Effect>, ServiceFault> {
        hand.on(event, self.attempts, self.with.shared.clock.now())
    }

    /// The devices for which something was taken and is not told yet, or is told and the DSP does not have it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn under_way(&self) -> Result<HashSet<DeviceId>, ServiceFault> {
        let view = self.with.ledger.view();
        // In this order: one that is told between the two stands in both.
        let open = record::open(view)?;
        let told = view.unsent_to(TO_DSP, 0, UNDER_WAY_MAX)?.into_iter();
        let told = told.filter_map(|(_, entry)| entry.message.parse::<RequestKey>().ok());
        Ok(open.into_iter().chain(told).map(RequestKey::device).collect())
    }

    fn indexed(&self, device: DeviceId) -> Option<Found> {
        self.index().get(&device).copied()
    }

    fn index(&self) -> MutexGuard<'_, HashMap<DeviceId, Found>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the signed word on it is durable.
fn is_told(state: State) -> bool {
    matches!(state, State::Telling | State::Told)
}
