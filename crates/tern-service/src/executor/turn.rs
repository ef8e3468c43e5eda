//! The executor's loop: take up, decide, commit, order, collect.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use tern_cohorts::{Asked, Case, Cohort, Heard, Keys, Memory, SiteAssociations};
use tern_flow::{Arrow, Closing, Effect, EffectKind, Event, Failure, Limits, State, Transition};
use tern_model::facts::RollbackCertificate;
use tern_model::{CertificateId, KnownAssociations, Outcome, OutcomeKind, SetId, london_day};
use tern_store::{AuditEntry, Batch, Expect, Seal, Store};

use super::lanes::{Access, Lanes, Order, Returned};
use super::record::{DccSide, InstallationRecord, JournalLine, KIND, given_away, key_of};
use super::standing::{self, OPEN};
use crate::clock::Clock;
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::parties::of_set::Cursor;

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

/// An installation in flight.
struct Live {
    record: InstallationRecord,
    generation: u64,
    cohort: &'static dyn Cohort,
    rollback_certificates: Vec<RollbackCertificate>,
    effect: Option<Effect>,
    effect_key: String,
    /// So many answers to this effect came before.
    turn: u8,
    /// Given away with this effect's journal line, and not yet sent out.
    invocations: Range<u32>,
}

/// An association, whatever is asked in it, takes no more invocation counters than this.
const INVOCATIONS_AN_ORDER: u32 = 16;

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
        let mut happened = Vec::new();
        let mut further = Vec::new();
        let mut tickets = 0..;
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            while !stopping && live.len() < self.settings.in_flight {
                let (Some((set, chf, ())), Some(ticket)) = (work.next(&*self.store)?, tickets.next()) else { break };
                if let Some(entry) = self.load(&key_of(chf, set))? {
                    let event = first_event(entry.record.migration.state);
                    live.insert(ticket, entry);
                    happened.push(Happened { ticket, event, memory: None });
                }
            }
            if live.is_empty() {
                return Ok(running);
            }
            let Turn { mut orders, .. } = self.advance(&mut live, std::mem::take(&mut happened), &mut running)?;
            orders.append(&mut further);
            running.in_flight = live.len();
            watch(&running);
            if stopping {
                // What is journalled and not yet ordered is probed when it is taken up again.
                orders.iter().for_each(|o| drop(live.remove(&o.ticket)));
            } else {
                self.lanes.submit(orders)?;
            }
            (happened, further) = self.listen(&mut live)?;
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
            let (happened, mut further) = self.listen(&mut live)?;
            turn = self.advance(&mut live, happened, &mut running)?;
            turn.orders.append(&mut further);
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
        self.advance(live, vec![Happened { ticket: 0, event, memory: None }], &mut Running::default())
    }

    fn load(&mut self, key: &str) -> Result<Option<Live>, ServiceFault> {
        let Some(stored) = self.store.get(KIND, key)? else { return Ok(None) };
        let mut record = InstallationRecord::read(&stored)?;
        record.invocations = record.invocations.max(given_away(&*self.store, record.plan.chf)?);
        let group = record.plan.set.group;
        let cohort = tern_cohorts::cohort(group);
        if record.migration.state.is_at_rest() && record.migration.state != State::Stuck {
            return Ok(None);
        }
        let rollback_certificates = self.facts.rollback_certificates(record.plan.chf)?;
        let generation = stored.generation;
        Ok(Some(Live {
            record,
            generation,
            cohort,
            rollback_certificates,
            effect: None,
            effect_key: String::new(),
            turn: 0,
            invocations: 0..0,
        }))
    }

    /// Feeds events to their machines until each waits for an answer or rests, commits all of it at once, and gives the
    /// orders that may now be sent.
    fn advance(
        &mut self,
        live: &mut HashMap<u64, Live>,
        happened: Vec<Happened>,
        running: &mut Running,
    ) -> Result<Turn, ServiceFault> {
        let mut batch = Batch::default();
        let mut orders = Vec::new();
        let mut ended = Vec::new();
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
            match entry.cohort.order(asked(entry, effect), &self.case(entry, &keys)) {
                Ok(what) => {
                    if matches!(what, tern_cohorts::Order::Device(_)) {
                        let Some(block) = entry.record.reserve_invocations() else {
                            event = Event::Failed(failure_of(entry, effect, USED_UP.to_owned()));
                            continue;
                        };
                        entry.invocations = block;
                    }
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
    fn listen(&mut self, live: &mut HashMap<u64, Live>) -> Result<(Vec<Happened>, Vec<Order>), ServiceFault> {
        let (mut happened, mut further) = (Vec::new(), Vec::new());
        for Returned { ticket, answer } in self.lanes.collect()? {
            let Some(entry) = live.get_mut(&ticket) else { continue };
            let Some(effect) = entry.effect else { continue };
            let mut memory = entry.record.memory.clone();
            let heard = match answer {
                Some(answer) if entry.turn < TURNS_MAX => {
                    let keys = entry.record.keys.open(self.seal, &entry.record.plan)?;
                    let heard = entry.cohort.read(asked(entry, effect), &self.case(entry, &keys), answer, &mut memory);
                    (heard, Some(keys))
                }
                _ => (Heard::Event(Event::Lost), None),
            };
            match heard {
                (Heard::Event(event), _) => happened.push(Happened { ticket, event, memory: Some(memory) }),
                (Heard::Next(what), keys) => {
                    entry.record.memory = memory;
                    entry.turn += 1;
                    further.extend(keys.map(|keys| order(&self.settings.associations, ticket, entry, what, keys)));
                }
            }
        }
        Ok((happened, further))
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

/// The effect in flight, as its cohort is told of it.
fn asked(entry: &Live, effect: Effect) -> Asked {
    Asked { kind: effect.kind, at: effect.at, turn: entry.turn }
}

/// No effect of an installation can be asked any more.
const USED_UP: &str = "the ESME's invocation counters are used up: its association keys must be replaced";

/// An effect that is not even asked, for good.
fn failure_of(entry: &Live, effect: Effect, reason: String) -> Failure {
    let row = row_of(entry, effect).to_owned();
    let code = match effect.kind {
        EffectKind::Recheck => "P-recheck",
        EffectKind::Do | EffectKind::Undo | EffectKind::Probe => entry.cohort.steps()[effect.at].code,
    };
    Failure { row, code: code.to_owned(), reason, again: false }
}

/// What is asked for an installation's effect, addressed; devices are asked with some of the counters that were given away with
/// the effect.
fn order(known: &KnownAssociations, ticket: u64, entry: &mut Live, what: tern_cohorts::Order, keys: Keys) -> Order {
    let asks_devices = matches!(what, tern_cohorts::Order::Device(_));
    let invocations = if asks_devices { some_of(&mut entry.invocations) } else { 0..0 };
    let plan = &entry.record.plan;
    let gsme = plan.gsme.as_ref().map(|g| g.expected.device);
    let access = asks_devices.then(|| {
        let associations = SiteAssociations::of(known, plan);
        Access { gsme, associations, keys, invocations }
    });
    Order { ticket, set: plan.set, chf: plan.chf, esme: plan.esme.device, key: entry.effect_key.clone(), what, access }
}

/// What one order needs of the counters that are left to its effect.
fn some_of(left: &mut Range<u32>) -> Range<u32> {
    let until = left.start.saturating_add(INVOCATIONS_AN_ORDER).min(left.end);
    let some = left.start..until;
    left.start = until;
    some
}

/// What a machine is told when it is taken up: a fresh one starts, one that was in flight learns that time was lost.
fn first_event(state: State) -> Event {
    match state {
        State::Ready => Event::Start,
        _ => Event::Resume,
    }
}

/// Names an effect: the same installation, set, row and direction are the same effect, however often it is asked.
fn effect_key(entry: &Live, effect: Effect) -> String {
    let word = match effect.kind {
        EffectKind::Recheck | EffectKind::Do => "do",
        EffectKind::Undo => "undo",
        EffectKind::Probe => "probe",
    };
    format!("{}/{}/{word}", entry.record.key(), row_of(entry, effect))
}

/// The name of the second judgement, where others have a row.
const RECHECK: &str = "recheck";

/// The row that an effect is about, as journals and keys name it.
fn row_of(entry: &Live, effect: Effect) -> &'static str {
    match effect.kind {
        EffectKind::Recheck => RECHECK,
        EffectKind::Do | EffectKind::Undo | EffectKind::Probe => entry.cohort.steps()[effect.at].row,
    }
}

fn line(entry: &Live, taken: &Transition, row: &str, failure: Option<String>) -> JournalLine {
    JournalLine {
        set: entry.record.plan.set,
        arrow: taken.arrow,
        row: row.to_owned(),
        next: taken.effect.map_or_else(String::new, |e| row_of(entry, e).to_owned()),
        asked: taken.effect.map(|e| e.kind),
        failure,
    }
}

fn taken_up_again(entry: &Live, at: jiff::Timestamp) -> AuditEntry {
    let stuck_at = entry.record.migration.undo_failure.as_ref();
    AuditEntry {
        at,
        actor: "S1SP".to_owned(),
        action: "taken up again".to_owned(),
        subject: entry.record.key(),
        evidence: stuck_at.map_or_else(String::new, |f| format!("was stuck at {} {}: {}", f.row, f.code, f.reason)),
    }
}

fn audit(entry: &Live, outcome: &Outcome, at: jiff::Timestamp) -> AuditEntry {
    // What refuses an installation that was never touched is the DSP's second judgement, which is no row of the tables.
    let row = |f: &Failure| if matches!(outcome, Outcome::Refused { .. }) { RECHECK.to_owned() } else { f.row.clone() };
    let failure = |f: &Failure| format!("{} {}: {}", row(f), f.code, f.reason);
    let m = &entry.record.migration;
    let evidence = match (&m.closing, &m.undo_failure, &m.failure) {
        (Some(closing), ..) => closing.evidence.clone(),
        (None, Some(f), _) if matches!(outcome, Outcome::Stuck { .. }) => failure(f),
        (None, _, Some(f)) => failure(f),
        (None, ..) => String::new(),
    };
    AuditEntry {
        at,
        actor: "S1SP".to_owned(),
        action: outcome.kind().to_string(),
        subject: entry.record.key(),
        evidence,
    }
}
