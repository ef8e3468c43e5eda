//! The sums behind every report: each migration of an installation is added once and forgotten, and only counts are kept.
//!
//! Of an installation nothing is kept but its identifier, a day and whether it was counted, so that one that came in several sets counts once. The time
//! is never asked: what is counted says on which day it was.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use tern_model::{ChfIdentifier, Fuel, GasOutcome, GroupId, Holder, MeterState, Outcome, PartyId, Role};

use super::counts::{Counts, End};
use super::planned::Enrolled;

/// Days that a report speaks of, both included; open where none is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub from: Option<Date>,
    /// The last: what came later is not known yet.
    pub to: Option<Date>,
}

/// One installation under one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The group of the set.
    pub group: GroupId,
    /// The SMSO that the set names.
    pub smso: PartyId,
    /// The day on which the set was taken in.
    pub taken: Date,
    /// The day and the way it ended; none while it is open.
    pub end: Option<(Date, Outcome)>,
    /// Clauses that refused it, with the party that judged.
    pub found: Vec<(Role, String)>,
    /// It was refused while an earlier set held it: it stands where that set left it.
    pub held_before: bool,
    /// Its meters.
    pub meters: Vec<MeterSeen>,
}

/// A meter of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterSeen {
    /// Which supply.
    pub fuel: Fuel,
    /// Whether it is dormant.
    pub state: MeterState,
    /// Its Responsible Supplier as registered on the day; none where no registration is known.
    pub supplier: Option<PartyId>,
    /// Whether it is in an excluded category.
    pub excluded: bool,
}

/// What a day saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Installations of sets that were taken in.
    pub taken_in: u64,
    /// Those among them that had not come before.
    pub new: u64,
    /// What ended on the day; those that were taken in on it and are open.
    pub ends: Counts,
}

/// Meters of a supplier, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeterCounts {
    /// Ends of their installations; gas meters that were left behind are not among them.
    pub ends: Counts,
    /// Gas meters that stayed with the SMSO while the electricity side went (GT01).
    pub left_behind: u64,
    /// How many of all are gas meters.
    pub gas: u64,
}

/// How often a clause refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Installations, once for each set in which it refused them.
    pub installations: u64,
    /// Sets that it refused as a whole.
    pub sets: u64,
    /// The parties that found it.
    pub by: BTreeSet<Role>,
}

/// How often a row or code of the tables failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failed {
    /// Installations that were rolled back for it.
    pub rolled_back: u64,
    /// Installations that are stuck with it.
    pub stuck: u64,
    /// Gas meters that were left behind for it.
    pub left_behind: u64,
}

/// Dormant Meters of a supplier, each in one column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dormant {
    /// With the DCC.
    pub enrolled: u64,
    /// In a set that is under way, the stuck ones among them.
    pub planned: u64,
    /// In an excluded category.
    pub excluded: u64,
    /// Came and went back to the SMSO: to be planned again.
    pub again: u64,
}

/// A supplier; none stands for metering points without a registration.
pub type Supplier = Option<PartyId>;

/// All sums.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Of which days.
    pub period: Period,
    /// By day; those before the period too, for what has come so far.
    pub days: BTreeMap<Date, DayCounts>,
    /// Where installations stand, each once.
    pub standing: Counts,
    /// Findings by clause.
    pub clauses: BTreeMap<String, Found>,
    /// Failures by row or code.
    pub codes: BTreeMap<String, Failed>,
    /// Meters by supplier, each once, where it stands.
    pub suppliers: BTreeMap<Supplier, MeterCounts>,
    /// Installations with a finding, by supplier and clause.
    pub supplier_clauses: BTreeMap<(Supplier, String), u64>,
    /// Installations by SMSO and group, each once, where it stands.
    pub smsos: BTreeMap<(PartyId, GroupId), Counts>,
    /// Dormant Meters by supplier.
    pub dormant: BTreeMap<Supplier, Dormant>,
    /// Installations that were added.
    seen: HashMap<ChfIdentifier, Seen>,
}

/// What is kept of an installation.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The day of its earliest set so far.
    earliest: Date,
    /// Whether an attempt said where it stands.
    stands: bool,
    /// Which of its meters are with the DCC, as that attempt left it.
    enrolled: Enrolled,
}

impl Period {
    /// Whether a day lies before its end.
    fn reaches(self, day: Date) -> bool {
        self.to.is_none_or(|to| day <= to)
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(self, day: Date) -> bool {
        self.reaches(day) && self.from.is_none_or(|from| from <= day)
    }
}

impl Ledger {
    /// Nothing yet.
    #[must_use]
    pub fn of(period: Period) -> Ledger {
        Ledger { period, ..Ledger::default() }
    }

    /// Adds an attempt. Those of one installation come newest first: the first to be added is where it stands, unless it was
    /// refused because an earlier one held it. One that was taken in after the period is not known yet, and one that ended after it is open.
    pub fn add(&mut self, attempt: &Attempt) {
        if !self.period.reaches(attempt.taken) {
            return;
        }
        let ended = attempt.end.as_ref().filter(|(day, _)| self.period.reaches(*day));
        let outcome = ended.map(|(_, outcome)| outcome);
        let end = End::of(outcome);
        let stands = self.note_day(attempt);
        if let Some(seen) = self.seen.get_mut(&attempt.chf).filter(|_| stands) {
            seen.enrolled = Enrolled::of(outcome);
        }
        let day = ended.map_or(attempt.taken, |(day, _)| *day);
        self.days.entry(day).or_default().ends.add(end);
        if end != End::Open && !self.period.holds(day) {
            return;
        }
        self.add_reasons(attempt, outcome);
        if stands {
            self.standing.add(end);
            self.smsos.entry((attempt.smso, attempt.group)).or_default().add(end);
            for meter in &attempt.meters {
                self.add_meter(meter, outcome, end);
            }
        }
    }

    /// Notes that an installation came on a day, and says whether it stands where this attempt left it.
    fn note_day(&mut self, attempt: &Attempt) -> bool {
        let taken = self.days.entry(attempt.taken).or_default();
        taken.taken_in += 1;
        taken.new += 1;
        match self.seen.entry(attempt.chf) {
            Entry::Vacant(free) => {
                let (earliest, stands) = (attempt.taken, !attempt.held_before);
                free.insert(Seen { earliest, stands, enrolled: Enrolled::No });
                !attempt.held_before
            }
            Entry::Occupied(mut known) => {
                // It was new on this earlier day, and not on the later one.
                let later = std::mem::replace(&mut known.get_mut().earliest, attempt.taken);
                self.days.entry(later).or_default().new -= 1;
                let stood = known.get().stands;
                known.get_mut().stands |= !attempt.held_before;
                !stood && !attempt.held_before
            }
        }
    }

    /// Which of an installation's meters are with the DCC.
    #[must_use]
    pub fn enrolled(&self, chf: ChfIdentifier) -> Enrolled {
        self.seen.get(&chf).map_or(Enrolled::No, |seen| seen.enrolled)
    }

    /// Adds a set that was refused as a whole; nothing is known of its installations.
    pub fn add_refused_set(&mut self, day: Date, clauses: &BTreeSet<String>) {
        if self.period.holds(day) {
            for clause in clauses {
                let found = self.clauses.entry(clause.clone()).or_default();
                found.sets += 1;
                found.by.insert(Role::Dsp);
            }
        }
    }

    fn add_reasons(&mut self, attempt: &Attempt, outcome: Option<&Outcome>) {
        match outcome {
            Some(Outcome::RolledBack { code }) => self.codes.entry(code.clone()).or_default().rolled_back += 1,
            Some(Outcome::Stuck { code }) => self.codes.entry(code.clone()).or_default().stuck += 1,
            Some(Outcome::Commissioned { gas: GasOutcome::LeftBehind }) => {
                self.codes.entry("GT01".to_owned()).or_default().left_behind += 1;
            }
            _ => {}
        }
        let mut clauses: BTreeMap<&str, BTreeSet<Role>> = BTreeMap::new();
        if outcome.is_some() {
            for (role, clause) in &attempt.found {
                clauses.entry(clause).or_default().insert(*role);
            }
        }
        let suppliers: BTreeSet<Supplier> = attempt.meters.iter().map(|m| m.supplier).collect();
        for (clause, by) in clauses {
            let found = self.clauses.entry(clause.to_owned()).or_default();
            found.installations += 1;
            found.by.extend(by);
            for supplier in &suppliers {
                *self.supplier_clauses.entry((*supplier, clause.to_owned())).or_default() += 1;
            }
        }
    }

    fn add_meter(&mut self, meter: &MeterSeen, outcome: Option<&Outcome>, end: End) {
        let gas = meter.fuel == Fuel::Gas;
        let left_behind = gas && matches!(outcome, Some(Outcome::Commissioned { gas: GasOutcome::LeftBehind }));
        let counts = self.suppliers.entry(meter.supplier).or_default();
        counts.gas += u64::from(gas);
        if left_behind {
            counts.left_behind += 1;
        } else {
            counts.ends.add(end);
        }
        if meter.state == MeterState::Dormant {
            let dormant = self.dormant.entry(meter.supplier).or_default();
            *dormant.column(outcome, left_behind, meter.excluded) += 1;
        }
    }
}

impl Dormant {
    /// Where a Dormant Meter is counted.
    fn column(&mut self, outcome: Option<&Outcome>, left_behind: bool, excluded: bool) -> &mut u64 {
        match outcome {
            _ if left_behind => &mut self.excluded,
            Some(Outcome::Commissioned { .. } | Outcome::Closed { held_by: Holder::Dcc }) => &mut self.enrolled,
            _ if excluded => &mut self.excluded,
            None | Some(Outcome::Stuck { .. }) => &mut self.planned,
            Some(Outcome::Refused { .. } | Outcome::RolledBack { .. } | Outcome::Closed { .. }) => &mut self.again,
        }
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.enrolled + self.planned + self.excluded + self.again
    }
}

impl MeterCounts {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ends.total() + self.left_behind
    }
}
