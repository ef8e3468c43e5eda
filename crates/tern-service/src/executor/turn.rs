//! The executor's loop: take up, decide, commit, order, collect.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use tern_cohorts::{Answer, Case, Counted, Heard, Keys, Memory};
use tern_flow::{Arrow, Closing, Effect, EffectKind, Event, Failure, Limits, State};
use tern_model::{CertificateId, KnownAssociations, Outcome, OutcomeKind, SetId, london_day};
use tern_store::{Batch, Expect, Seal, Store};
use tern_wire::smki::Signer;

use super::lanes::{Lanes, Order, Returned};
use super::live::{
    Live, USED_UP, asked, audit, effect_key, failure_of, first_event, line, order, row_of, taken_up_again,
};
use super::record::{DccSide, InstallationRecord, KIND, Numbers, count_on, key_of};
use super::standing::{self, OPEN};
use crate::clock::Clock;
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::parties::of_set::Cursor;
use crate::pins;

/// What the executor is told by configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often things are tried.
    pub limits: Limits,
    /// Installations in flight at once.
    pub in_flight: usize,
    /// What installations are put under from now on.
    pub dcc: DccSide,
    /// Constraints under which a rollback certificate may be used.
    pub accepted_constraints: Vec<String>,
    /// Where devices' associations are (Table B1).
    pub associations: KnownAssociations,
}

/// What runs at the moment, for whoever watches.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// Installations that came to rest since the executor was called, by how they ended.
    pub ended: BTreeMap<OutcomeKind, usize>,
    /// Installations in flight.
    pub in_flight: usize,
    /// Arrows of the transition table that were taken.
    pub taken: BTreeSet<Arrow>,
}

/// Runs installations to their end.
pub struct Executor<'a> {
    /// The S1SP's store.
    pub store: &'a mut dyn Store,
    /// The S1SP's sealing key.
    pub seal: &'a Seal,
    /// Signs what leaves with an outcome (3.25).
    pub signer: &'a Signer,
    /// Seals keys to the DCO's encryption certificate.
    pub seal_for_dco: &'a dyn Fn(&[u8]) -> Option<Vec<u8>>,
    /// Whether devices may be put under a certificate at this moment; else why not.
    pub may_be_in_charge: &'a dyn Fn(&CertificateId) -> Result<(), String>,
    /// Devices, DCO and DSP.
    pub lanes: &'a mut dyn Lanes,
    /// The DCC's records: certificates for the way back are those of today.
    pub facts: &'a FactsIndex,
    /// The time.
    pub clock: &'a dyn Clock,
    /// From configuration.
    pub settings: &'a Settings,
}

/// An effect's conversation takes no more answers than this; what goes on longer says nothing of what happened.
const TURNS_MAX: u8 = 8;

/// What one turn leads to.
struct Turn {
    orders: Vec<Order>,
    /// How installations ended in it.
    ended: Vec<Outcome>,
}

/// Something happened to an installation in flight.
struct Happened {
    ticket: u64,
    event: Event,
    memory: Option<Memory>,
}

/// An effect that waits for more is asked this next.
struct Further {
    ticket: u64,
    what: tern_cohorts::Order,
    keys: Keys,
}

/// What the next turn takes in.
#[derive(Default)]
struct Pending {
    happened: Vec<Happened>,
    further: Vec<Further>,
}

impl Executor<'_> {
    /// Runs every installation that is open, of one set or of all, to rest or until `stop`; `watch` sees each turn.
    ///
    /// # Errors
    /// The store or a link failed; what was in flight is taken up again by the next call.
    pub fn run(
        &mut self,
        set: Option<SetId>,
        stop: &AtomicBool,
        watch: &mut dyn FnMut(&Running),
    ) -> Result<Running, ServiceFault> {
        let mut running = Running::default();
        let mut work = Cursor::<()>::new(OPEN, set);
        let mut live = HashMap::new();
        let mut pending = Pending::default();
        let mut tickets = 0..;
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            while !stopping && live.len() < self.settings.in_flight {
                let (Some((set, chf, ())), Some(ticket)) = (work.next(&*self.store)?, tickets.next()) else { break };
                if let Some(entry) = self.load(&key_of(chf, set))? {
                    let event = first_event(entry.record.migration.state);
                    live.insert(ticket, entry);
                    pending.happened.push(Happened { ticket, event, memory: None });
                }
            }
            if live.is_empty() {
                return Ok(running);
            }
            let Turn { orders, .. } = self.advance(&mut live, pending, &mut running)?;
            running.in_flight = live.len();
            watch(&running);
            if stopping {
                // What is journalled and not yet ordered is probed when it is taken up again.
                orders.iter().for_each(|o| drop(live.remove(&o.ticket)));
            } else {
                self.lanes.submit(orders)?;
            }
            pending = self.listen(&mut live)?;
        }
    }

    /// A person's decision on a stuck installation: [`Event::Retry`] runs it on, [`Event::Close`] ends it.
    ///
    /// # Errors
    /// As [`Executor::run`]; [`ServiceFault::NotStuck`] where it is not stuck.
    pub fn resolve(&mut self, key: &str, closing: Option<Closing>) -> Result<Outcome, ServiceFault> {
        let mut live = HashMap::new();
        let mut turn = self.decided(key, closing, &mut live)?;
        let mut running = Running::default();
        loop {
            if let Some(outcome) = turn.ended.pop() {
                return Ok(outcome);
            }
            self.lanes.submit(turn.orders)?;
            let pending = self.listen(&mut live)?;
            turn = self.advance(&mut live, pending, &mut running)?;
        }
    }

    /// A person's decision on a stuck installation, made durable; what follows of it is open, and left to the next run.
    ///
    /// # Errors
    /// As [`Executor::resolve`].
    pub fn decide(&mut self, key: &str, closing: Option<Closing>) -> Result<Option<Outcome>, ServiceFault> {
        // What is journalled and not ordered is probed when it is taken up.
        Ok(self.decided(key, closing, &mut HashMap::new())?.ended.pop())
    }

    /// The first turn after a decision.
    fn decided(
        &mut self,
        key: &str,
        closing: Option<Closing>,
        live: &mut HashMap<u64, Live>,
    ) -> Result<Turn, ServiceFault> {
        let stuck = self.load(key)?.filter(|entry| entry.record.migration.state == State::Stuck);
        let entry = stuck.ok_or_else(|| ServiceFault::NotStuck(key.to_owned()))?;
        let event = closing.map_or(Event::Retry, Event::Close);
        live.insert(0, entry);
        let happened = vec![Happened { ticket: 0, event, memory: None }];
        self.advance(live, Pending { happened, ..Pending::default() }, &mut Running::default())
    }

    fn load(&mut self, key: &str) -> Result<Option<Live>, ServiceFault> {
        let Some(stored) = self.store.get(KIND, key)? else { return Ok(None) };
        let mut record = InstallationRecord::read(&stored)?;
        count_on(&*self.store, &mut record)?;
        let cohort = tern_cohorts::cohort_of(&record.plan);
        if record.migration.state.is_at_rest() && record.migration.state != State::Stuck {
            return Ok(None);
        }
        let rollback_certificates = self.facts.rollback_certificates(record.plan.chf)?;
        Ok(Some(Live::of(record, stored.generation, cohort, rollback_certificates)))
    }

    /// Feeds events to their machines until each waits for an answer or rests, commits all of it at once, and gives the
    /// orders that may now be sent.
    fn advance(
        &mut self,
        live: &mut HashMap<u64, Live>,
        Pending { mut happened, further }: Pending,
        running: &mut Running,
    ) -> Result<Turn, ServiceFault> {
        let mut batch = Batch::default();
        let mut orders = Vec::new();
        let mut ended = Vec::new();
        for Further { ticket, what, keys } in further {
            let Some(entry) = live.get_mut(&ticket) else { continue };
            match renumbered(entry, &what, &mut batch)? {
                None => orders.push(order(&self.settings.associations, ticket, entry, what, keys)),
                Some(failure) => happened.push(Happened { ticket, event: Event::Failed(failure), memory: None }),
            }
        }
        for Happened { ticket, event, memory } in happened {
            let Some(entry) = live.get_mut(&ticket) else { continue };
            if let Some(memory) = memory {
                entry.record.memory = memory;
            }
            let from = entry.record.migration.state;
            if event == Event::Retry {
                batch.audit.push(taken_up_again(entry, self.clock.now()));
            }
            orders.extend(self.feed(ticket, entry, event, &mut batch, running)?);
            let now = self.clock.now();
            entry.record.updated = now;
            batch.puts.push(entry.record.put(Expect::Generation(entry.generation))?);
            entry.generation += 1;
            standing::moved(&mut batch, from, &entry.record)?;
            if let Some(outcome) = entry.record.migration.outcome() {
                let plan = &entry.record.plan;
                batch.outbox.extend(pins::to_installing_supplier(plan, &outcome, self.signer, now)?);
                batch.audit.push(audit(entry, &outcome, now));
                ended.push((ticket, outcome));
            }
        }
        if !batch.is_empty() {
            self.store.commit(&batch)?;
        }
        let mut turn = Turn { orders, ended: Vec::with_capacity(ended.len()) };
        for (ticket, outcome) in ended {
            live.remove(&ticket);
            *running.ended.entry(outcome.kind()).or_default() += 1;
            turn.ended.push(outcome);
        }
        Ok(turn)
    }

    /// Takes one event into a machine, and whatever follows at once because an effect cannot even be asked.
    fn feed(
        &mut self,
        ticket: u64,
        entry: &mut Live,
        mut event: Event,
        batch: &mut Batch,
        running: &mut Running,
    ) -> Result<Option<Order>, ServiceFault> {
        loop {
            let steps = entry.cohort.steps();
            let failure = if let Event::Failed(f) = &event { Some(format!("{}: {}", f.code, f.reason)) } else { None };
            let row = entry.effect.map_or("", |e| row_of(entry, e));
            let limits = &self.settings.limits;
            // An answer that the state does not know says nothing of what happened: it counts as lost.
            let machine = &mut entry.record.migration;
            let taken = machine.on(event, steps, limits).or_else(|| machine.on(Event::Lost, steps, limits));
            let taken = taken.ok_or_else(|| ServiceFault::Machine(entry.record.key()))?;
            running.taken.insert(taken.arrow);
            let line = line(entry, &taken, row, failure);
            batch.journal.push(line.entry(entry.record.plan.chf, self.clock.now())?);
            entry.effect = taken.effect;
            entry.turn = 0;
            let Some(effect) = taken.effect else { return Ok(None) };
            entry.effect_key = effect_key(entry, effect);
            if let Err(why) = self.may_be_done(entry, effect) {
                event = Event::Failed(failure_of(entry, effect, why));
                continue;
            }
            let keys = entry.record.keys.open(self.seal, &entry.record.plan)?;
            entry.numbers = Numbers::NONE;
            match entry.cohort.order(asked(entry, effect), &self.case(entry, &keys)) {
                Ok(what) => {
                    if matches!(what, tern_cohorts::Order::Device(_)) {
                        let Some(numbers) = entry.record.reserve() else {
                            event = Event::Failed(failure_of(entry, effect, USED_UP.to_owned()));
                            continue;
                        };
                        entry.numbers = numbers;
                    }
                    let what = entry.count_before(what);
                    return Ok(Some(order(&self.settings.associations, ticket, entry, what, keys)));
                }
                Err(refused) => event = Event::Failed(refused),
            }
        }
    }

    /// Nothing more is altered for an installation whose devices would come under a certificate that may not be used any more;
    /// what was is taken back. Asking and taking back go on.
    fn may_be_done(&self, entry: &mut Live, effect: Effect) -> Result<(), String> {
        if effect.kind != EffectKind::Do || !entry.cohort.steps()[effect.at].change.alters() {
            return Ok(());
        }
        // What an installation is put under is fixed before anything is altered: questions about it are asked by this, for ever.
        let dcc = entry.record.dcc.get_or_insert_with(|| self.settings.dcc.clone());
        (self.may_be_in_charge)(&dcc.certificate).map_err(|why| {
            format!("its devices would come under a certificate of the S1SP that may not be used any more: {why}")
        })
    }

    /// Waits for answers: what they mean to their machines, and what is asked further.
    fn listen(&mut self, live: &mut HashMap<u64, Live>) -> Result<Pending, ServiceFault> {
        let mut pending = Pending::default();
        for Returned { ticket, answer } in self.lanes.collect()? {
            let Some(entry) = live.get_mut(&ticket) else { continue };
            let Some(effect) = entry.effect else { continue };
            let keys = entry.record.keys.open(self.seal, &entry.record.plan)?;
            let mut memory = entry.record.memory.clone();
            let heard = match answer {
                _ if entry.is_counting => self.counted(entry, effect, &keys, answer, &mut memory),
                Some(answer) if entry.turn < TURNS_MAX => {
                    let heard = entry.cohort.read(asked(entry, effect), &self.case(entry, &keys), answer, &mut memory);
                    entry.turn += 1;
                    heard
                }
                _ => Heard::Event(Event::Lost),
            };
            match heard {
                Heard::Event(event) => pending.happened.push(Happened { ticket, event, memory: Some(memory) }),
                Heard::Next(what) => {
                    entry.record.memory = memory;
                    pending.further.push(Further { ticket, what, keys });
                }
            }
        }
        Ok(pending)
    }

    /// The devices said how far they are counted, or did not: the effect itself comes next, unless it ends with that.
    fn counted(
        &self,
        entry: &mut Live,
        effect: Effect,
        keys: &Keys,
        answer: Option<Answer>,
        memory: &mut Memory,
    ) -> Heard {
        entry.is_counting = false;
        let asked = asked(entry, effect);
        match entry.cohort.counted(asked, answer, memory) {
            Counted::Known => entry.is_uncounted = false,
            Counted::Unknown => {}
            Counted::Ended(event) => return Heard::Event(event),
        }
        let case = Case { memory, ..self.case(entry, keys) };
        entry.cohort.order(asked, &case).map_or_else(|refused| Heard::Event(Event::Failed(refused)), Heard::Next)
    }

    fn case<'c>(&'c self, entry: &'c Live, keys: &'c tern_cohorts::Keys) -> Case<'c> {
        let record = &entry.record;
        Case {
            plan: &record.plan,
            migration: &record.migration,
            memory: &record.memory,
            keys,
            dcc_apn: record.dcc.as_ref().map_or(&self.settings.dcc.apn, |d| &d.apn),
            dcc_certificate: record.dcc.as_ref().map_or(&self.settings.dcc.certificate, |d| &d.certificate),
            rollback_certificates: &entry.rollback_certificates,
            accepted_constraints: &self.settings.accepted_constraints,
            today: london_day(self.clock.now()),
            seal_for_dco: self.seal_for_dco,
        }
    }
}

/// Has an order's numbers be above what its devices are known to have heard by now, durably with the turn's batch; why it cannot.
fn renumbered(
    entry: &mut Live,
    what: &tern_cohorts::Order,
    batch: &mut Batch,
) -> Result<Option<Failure>, ServiceFault> {
    let (Some(effect), tern_cohorts::Order::Device(_)) = (entry.effect, what) else { return Ok(None) };
    if entry.numbers == Numbers::NONE || !entry.record.is_overtaken(&entry.numbers) {
        return Ok(None);
    }
    let Some(numbers) = entry.record.reserve() else { return Ok(Some(failure_of(entry, effect, USED_UP.to_owned()))) };
    entry.numbers = numbers;
    batch.puts.push(entry.record.put(Expect::Generation(entry.generation))?);
    entry.generation += 1;
    Ok(None)
}
