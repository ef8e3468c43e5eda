//! What happens to installations after the estate is described, each event in a few bytes until it is written.

use jiff::civil::Date;
use tern_model::MeterState;
use tern_model::estate::{EventKind, EventRecord};

use super::homes::{self, Home};
use super::{Population, supplier_id};

/// All that happens.
#[derive(Debug, Default)]
pub(super) struct Happenings {
    list: Vec<Happening>,
    /// Events about entries and versions, which are few.
    spoken: Vec<EventRecord>,
}

/// One event: when, in which order on its day, and what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happening {
    on: Date,
    what: What,
    index: u64,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Change {
        gas: bool,
        supplier: u64,
        effective: Date,
    },
    Service {
        gas: bool,
        service: MeterState,
    },
    SmsoConfigured,
    Certificates {
        supplier: u64,
    },
    Authorised {
        supplier: u64,
    },
    /// An event of [`Happenings::spoken`], by its place there.
    Spoken,
}

impl Happenings {
    /// Adds an event about an entry or a version.
    pub(super) fn speak(&mut self, record: EventRecord) {
        self.list.push(Happening { on: record.on, what: What::Spoken, index: self.spoken.len() as u64 });
        self.spoken.push(record);
    }

    /// Puts the events in the order of their days; those of one day stay in the order in which they came.
    pub(super) fn sort(&mut self) {
        self.list.sort_by_key(|one| one.on);
    }

    /// The events as records.
    pub(super) fn records(&self) -> impl Iterator<Item = EventRecord> {
        self.list.iter().map(|one| self.record(*one))
    }

    fn record(&self, one: Happening) -> EventRecord {
        let new = |kind| EventRecord::new(one.on, kind);
        let chf = Some(homes::chf(one.index));
        match one.what {
            What::Spoken => usize::try_from(one.index)
                .ok()
                .and_then(|at| self.spoken.get(at).cloned())
                .unwrap_or_else(|| new(EventKind::EpclPlanned)),
            What::Change { gas, supplier, effective } => EventRecord {
                mpxn: Some(homes::point(one.index, gas)),
                supplier: Some(supplier_id(supplier)),
                effective: Some(effective),
                ..new(EventKind::ChangeOfSupplier)
            },
            What::Service { gas, service } => {
                let kind = if service == MeterState::Active { EventKind::MeterActive } else { EventKind::MeterDormant };
                EventRecord { device: Some(homes::device(one.index, 1 + u64::from(gas))), ..new(kind) }
            }
            What::SmsoConfigured => EventRecord { chf, ..new(EventKind::SmsoConfigured) },
            What::Certificates { supplier } => {
                EventRecord { chf, supplier: Some(supplier_id(supplier)), ..new(EventKind::CertificatesSupplied) }
            }
            What::Authorised { supplier } => {
                EventRecord { chf, supplier: Some(supplier_id(supplier)), ..new(EventKind::Authorised) }
            }
        }
    }
}

/// Adds what happens to an installation.
pub(super) fn happen(population: &Population, mut home: Home, into: &mut Happenings) {
    let index = home.index;
    let days = u64::from(population.days);
    let mut add = |on, what| into.list.push(Happening { on, what, index });
    for gas in [false, true].into_iter().take(if home.gas { 2 } else { 1 }) {
        let mut service = home.service(gas);
        let mut holder = home.suppliers[usize::from(gas)];
        for effective in changes(population, &mut home) {
            let lead = 10 + home.dice.below(18);
            let supplier = population.supplier(&mut home.dice);
            // A change to the supplier that has the meter is none.
            if supplier == holder {
                continue;
            }
            holder = supplier;
            let known = homes::days_before(effective, lead).max(population.described);
            add(known, What::Change { gas, supplier, effective });
            let share =
                if service == MeterState::Active { population.lost_on_change } else { population.won_on_change };
            if home.dice.percent(share) {
                service = if service == MeterState::Active { MeterState::Dormant } else { MeterState::Active };
                add(effective, What::Service { gas, service });
            }
        }
    }
    if home.group.is_foc() {
        add(later(population.described, home.dice.below(days / 2 + 1)), What::SmsoConfigured);
    }
    let [electricity, gas] = home.suppliers;
    let both = if home.gas && gas != electricity { vec![electricity, gas] } else { vec![electricity] };
    if home.dice.percent(population.certificates) {
        let on = later(population.described, home.dice.below(days / 2 + 1));
        both.iter().for_each(|supplier| add(on, What::Certificates { supplier: *supplier }));
    }
    let active = home.state == tern_model::InstallationState::Active;
    if active && home.dice.percent(population.authorised) {
        let on = later(population.described, home.dice.below(days));
        both.iter().for_each(|supplier| add(on, What::Authorised { supplier: *supplier }));
    }
}

/// The days on which a meter changes its supplier, in order, no two within a month.
fn changes(population: &Population, home: &mut Home) -> Vec<Date> {
    let mut left = population.changes_a_year * u64::from(population.days);
    let mut days = Vec::new();
    while left > 0 {
        // Of each whole 365,000 one change is certain, and of the rest it is as likely as it is large.
        if home.dice.below(365_000) < left {
            days.push(30 + home.dice.below(u64::from(population.days)));
        }
        left = left.saturating_sub(365_000);
    }
    days.sort_unstable();
    days.dedup_by(|later, earlier| *later < *earlier + 30);
    days.into_iter().map(|day| later(population.described, day)).collect()
}

/// A day so many days after another.
pub(super) fn later(day: Date, days: u64) -> Date {
    day.saturating_add(jiff::Span::new().days(i64::try_from(days).unwrap_or(0)))
}
