//! An installation in flight: what the executor holds of it, how its orders are addressed, and what is told of it.

use tern_cohorts::{Asked, Cohort, Keys, SiteAssociations};
use tern_flow::{Effect, EffectKind, Event, Failure, State, Transition};
use tern_model::facts::RollbackCertificate;
use tern_model::{KnownAssociations, Outcome};
use tern_store::AuditEntry;

use super::lanes::{Access, Order};
use super::record::{InstallationRecord, JournalLine, Numbers};

/// An installation in flight.
pub(super) struct Live {
    pub record: InstallationRecord,
    pub generation: u64,
    pub cohort: &'static dyn Cohort,
    pub rollback_certificates: Vec<RollbackCertificate>,
    pub effect: Option<Effect>,
    pub effect_key: String,
    /// So many answers to this effect came before.
    pub turn: u8,
    /// Given away for this effect, and not yet sent out.
    pub numbers: Numbers,
    /// Whether its devices may have heard others since they were last asked how far they were counted.
    pub is_uncounted: bool,
    /// Whether that is what is being asked.
    pub is_counting: bool,
}

/// An association, whatever is asked in it, takes no more invocation counters than this.
const INVOCATIONS_AN_ORDER: u32 = 16;
/// A row takes no more signed requests than this.
const TRANSACTIONS_AN_ORDER: u64 = 2;

impl Live {
    /// An installation as its record stands; its devices were not asked yet how far they are counted.
    pub fn of(
        record: InstallationRecord,
        generation: u64,
        cohort: &'static dyn Cohort,
        rollback_certificates: Vec<RollbackCertificate>,
    ) -> Live {
        Live {
            record,
            generation,
            cohort,
            rollback_certificates,
            effect: None,
            effect_key: String::new(),
            turn: 0,
            numbers: Numbers::NONE,
            is_uncounted: true,
            is_counting: false,
        }
    }

    /// What is asked before `what`, where it must be: how far the devices are counted.
    pub fn count_before(&mut self, what: tern_cohorts::Order) -> tern_cohorts::Order {
        let count = if self.is_uncounted { self.cohort.count(&what) } else { None };
        self.is_counting = count.is_some();
        count.unwrap_or(what)
    }
}

/// The effect in flight, as its cohort is told of it.
pub(super) fn asked(entry: &Live, effect: Effect) -> Asked {
    Asked { kind: effect.kind, at: effect.at, turn: entry.turn }
}

/// No effect of an installation can be asked any more.
pub(super) const USED_UP: &str =
    "the numbers at its devices are used up: the ESME's association keys, or the hub, must be replaced";

/// An effect that is not even asked, for good.
pub(super) fn failure_of(entry: &Live, effect: Effect, reason: String) -> Failure {
    let row = row_of(entry, effect).to_owned();
    let code = match effect.kind {
        EffectKind::Recheck => "P-recheck",
        EffectKind::Do | EffectKind::Undo | EffectKind::Probe => entry.cohort.steps()[effect.at].code,
    };
    Failure { row, code: code.to_owned(), reason, again: false }
}

/// What is asked for an installation's effect, addressed; devices are asked with some of the numbers that were given away for
/// the effect.
pub(super) fn order(
    known: &KnownAssociations,
    ticket: u64,
    entry: &mut Live,
    what: tern_cohorts::Order,
    keys: Keys,
) -> Order {
    let asks_devices = matches!(what, tern_cohorts::Order::Device(_));
    let some = if asks_devices { some_of(&mut entry.numbers) } else { Numbers::NONE };
    let plan = &entry.record.plan;
    let access = asks_devices.then(|| {
        let (gsme, hub_key) = (plan.gsme.as_ref().map(|g| g.expected.device), plan.hub_key.clone());
        let (associations, Numbers { invocations, transactions }) = (SiteAssociations::of(known, plan), some);
        Access { gsme, associations, keys, invocations, transactions, hub_key }
    });
    Order { ticket, set: plan.set, chf: plan.chf, esme: plan.esme.device, key: entry.effect_key.clone(), what, access }
}

/// What one order needs of the numbers that are left to its effect.
fn some_of(left: &mut Numbers) -> Numbers {
    let invocations = left.invocations.start.saturating_add(INVOCATIONS_AN_ORDER).min(left.invocations.end);
    let transactions = left.transactions.start.saturating_add(TRANSACTIONS_AN_ORDER).min(left.transactions.end);
    let some = Numbers {
        invocations: left.invocations.start..invocations,
        transactions: left.transactions.start..transactions,
    };
    (left.invocations.start, left.transactions.start) = (invocations, transactions);
    some
}

/// What a machine is told when it is taken up: a fresh one starts, one that was in flight learns that time was lost.
pub(super) fn first_event(state: State) -> Event {
    match state {
        State::Ready => Event::Start,
        _ => Event::Resume,
    }
}

/// Names an effect: the same installation, set, row and direction are the same effect, however often it is asked.
pub(super) fn effect_key(entry: &Live, effect: Effect) -> String {
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
pub(super) fn row_of(entry: &Live, effect: Effect) -> &'static str {
    match effect.kind {
        EffectKind::Recheck => RECHECK,
        EffectKind::Do | EffectKind::Undo | EffectKind::Probe => entry.cohort.steps()[effect.at].row,
    }
}

pub(super) fn line(entry: &Live, taken: &Transition, row: &str, failure: Option<String>) -> JournalLine {
    JournalLine {
        set: entry.record.plan.set,
        arrow: taken.arrow,
        row: row.to_owned(),
        next: taken.effect.map_or_else(String::new, |e| row_of(entry, e).to_owned()),
        asked: taken.effect.map(|e| e.kind),
        failure,
    }
}

pub(super) fn taken_up_again(entry: &Live, at: jiff::Timestamp) -> AuditEntry {
    let stuck_at = entry.record.migration.undo_failure.as_ref();
    AuditEntry {
        at,
        actor: "S1SP".to_owned(),
        action: "taken up again".to_owned(),
        subject: entry.record.key(),
        evidence: stuck_at.map_or_else(String::new, |f| format!("was stuck at {} {}: {}", f.row, f.code, f.reason)),
    }
}

pub(super) fn audit(entry: &Live, outcome: &Outcome, at: jiff::Timestamp) -> AuditEntry {
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
