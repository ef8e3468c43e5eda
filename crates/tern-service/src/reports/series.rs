//! Outcomes over time: the ledger's days as days and as ISO weeks, without a gap, with what has come so far.

use jiff::ToSpan;
use jiff::civil::Date;

use super::counts::{Counts, End};
use super::ledger::Ledger;

/// A day or a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// `2026-11-21` or `2026-W47`.
    pub name: String,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// Installations of sets that were taken in.
    pub taken_in: u64,
    /// What ended in it; what was taken in in it and is open.
    pub ends: Counts,
    /// Commissioned by its end.
    pub commissioned_so_far: u64,
    /// Installations known by its end, each once.
    pub known: u64,
}

/// How long a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A calendar day in Europe/London.
    Day,
    /// An ISO week, from Monday to Sunday.
    Week,
}

/// Every slot from the period's first to its last day, as far as something is known of them.
#[must_use]
pub fn slots(ledger: &Ledger, step: Step) -> Vec<Slot> {
    let (Some(earliest), Some(latest)) = (ledger.days.keys().next(), ledger.days.keys().next_back()) else {
        return Vec::new();
    };
    let from = ledger.period.from.map_or(*earliest, |from| from.max(*earliest));
    let before = ledger.days.range(..from).map(|(_, day)| day);
    let (mut commissioned, mut known) =
        before.fold((0, 0), |(c, k), day| (c + day.ends.of(End::Commissioned), k + day.new));
    let mut slots: Vec<Slot> = Vec::new();
    let mut day = from;
    while day <= *latest {
        if slots.last().is_none_or(|slot| slot.last < day) {
            slots.push(empty(step, day));
        }
        let slot = slots.last_mut().expect("one was just put there");
        if let Some(counts) = ledger.days.get(&day) {
            slot.taken_in += counts.taken_in;
            slot.ends.extend(&counts.ends);
            commissioned += counts.ends.of(End::Commissioned);
            known += counts.new;
        }
        (slot.commissioned_so_far, slot.known) = (commissioned, known);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    slots
}

fn empty(step: Step, day: Date) -> Slot {
    let (name, first, last) = match step {
        Step::Day => (day.to_string(), day, day),
        Step::Week => {
            let week = day.iso_week_date();
            let monday = day.saturating_sub(i32::from(week.weekday().to_monday_zero_offset()).days());
            (format!("{}-W{:02}", week.year(), week.week()), monday, monday.saturating_add(6.days()))
        }
    };
    Slot { name, first, last, taken_in: 0, ends: Counts::default(), commissioned_so_far: 0, known: 0 }
}
