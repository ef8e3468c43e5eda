//! What happens to installations after the estate is described, each event in a few bytes until it is written.

use jiff::civil::Date;
use tern_model::MeterState;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::facts::{ExclusionCategory, PaymentMode};

use super::homes::{self, Home};
use super::{Population, bounds, supplier_id};

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
    PaymentMode {
        gas: bool,
        mode: PaymentMode,
    },
    WaitOnChange,
    AttemptFailed {
        why: &'static str,
    },
    Excluded {
        category: ExclusionCategory,
        /// Whose termination it was.
        supplier: Option<u64>,
    },
    ExclusionEnded {
        category: ExclusionCategory,
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

    /// Adds that an installation comes into an excluded category; by which supplier's termination, where it was one.
    pub(super) fn exclude(&mut self, on: Date, index: u64, category: ExclusionCategory, supplier: Option<u64>) {
        self.list.push(Happening { on, what: What::Excluded { category, supplier }, index });
    }

    /// Adds that it comes out of it again.
    pub(super) fn end_exclusion(&mut self, on: Date, index: u64, category: ExclusionCategory) {
        self.list.push(Happening { on, what: What::ExclusionEnded { category }, index });
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
            What::PaymentMode { gas, mode } => EventRecord {
                device: Some(homes::device(one.index, 1 + u64::from(gas))),
                value: Some(if mode == PaymentMode::Prepayment { "prepayment" } else { "credit" }.to_owned()),
                ..new(EventKind::PaymentMode)
            },
            What::WaitOnChange => {
                EventRecord { chf, value: Some("wait".to_owned()), ..new(EventKind::SupplierChangeDecision) }
            }
            What::AttemptFailed { why } => {
                EventRecord { chf, value: Some(why.to_owned()), ..new(EventKind::AttemptFailed) }
            }
            What::Excluded { category, supplier } => EventRecord {
                chf,
                value: Some(category.as_str().to_owned()),
                document: Some(bounds::evidence(category).to_owned()),
                supplier: supplier.map(supplier_id),
                ..new(EventKind::Excluded)
            },
            What::ExclusionEnded { category } => {
                EventRecord { chf, value: Some(category.as_str().to_owned()), ..new(EventKind::ExclusionEnded) }
            }
        }
    }
}

/// Adds what happens to an installation.
pub(super) fn happen(population: &Population, mut home: Home<'_>, into: &mut Happenings) {
    meters(population, &mut home, into);
    said(population, &mut home, into);
    modes(population, &mut home, into);
    done(population, &mut home, into);
    bounds::exclude(population, &mut home, into);
}

fn meter_slots(home: &Home<'_>) -> impl Iterator<Item = bool> + use<> {
    [false, true].into_iter().take(if home.gas { 2 } else { 1 })
}

/// Changes of supplier, and of service with them.
fn meters(population: &Population, home: &mut Home<'_>, into: &mut Happenings) {
    let index = home.index;
    let mut add = |on, what| into.list.push(Happening { on, what, index });
    for gas in meter_slots(home) {
        let mut service = home.service(gas);
        let mut holder = home.suppliers[usize::from(gas)];
        for effective in changes(population, population.changes_a_year, home) {
            let lead = home.dice.between(population.change_known_before);
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
}

/// What SMSO and suppliers say.
fn said(population: &Population, home: &mut Home<'_>, into: &mut Happenings) {
    let (index, days) = (home.index, u64::from(population.days));
    let mut add = |on, what| into.list.push(Happening { on, what, index });
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

/// Changes of Payment Mode.
fn modes(population: &Population, home: &mut Home<'_>, into: &mut Happenings) {
    let index = home.index;
    for gas in meter_slots(home) {
        let mut prepayment = home.prepayment();
        for on in changes(population, population.mode_changes_a_year, home) {
            prepayment = !prepayment;
            let mode = if prepayment { PaymentMode::Prepayment } else { PaymentMode::Credit };
            into.list.push(Happening { on, what: What::PaymentMode { gas, mode }, index });
        }
    }
}

/// What is recorded as done, as decided, or as tried without success.
fn done(population: &Population, home: &mut Home<'_>, into: &mut Happenings) {
    let (index, days) = (home.index, u64::from(population.days));
    if home.group.is_foc() && home.dice.percent(population.configured) {
        let on = later(population.described, home.dice.below(days / 2 + 1));
        into.list.push(Happening { on, what: What::SmsoConfigured, index });
    }
    if let Some((slot, version)) = home.next_version()
        && home.dice.percent(population.firmware_recorded)
    {
        // Early: a record of a version that a plan has passed by then would be of no use.
        let on = later(population.described, home.dice.below(days / 8 + 1));
        let device = Some(homes::device(index, slot));
        let record = EventRecord { device, firmware: Some(version), ..EventRecord::new(on, EventKind::FirmwareDone) };
        if home.has_path() {
            into.speak(record);
        }
    }
    if home.dice.percent(population.wait_on_change) {
        let on = later(population.described, home.dice.below(days));
        into.list.push(Happening { on, what: What::WaitOnChange, index });
    }
    if home.dice.percent(population.attempts_failed) {
        let mut on = later(population.described, days / 8 + home.dice.below(days));
        for _ in 0..FAILURES {
            let why = *home.dice.one_of(&WHY_FAILED);
            into.list.push(Happening { on, what: What::AttemptFailed { why }, index });
            if !home.dice.percent(population.failed_again) {
                break;
            }
            on = later(on, 14 + home.dice.below(30));
        }
    }
}

/// An installation is excluded after so many attempts without success.
const FAILURES: u32 = 5;

/// Why attempts have no success, as far as the sources name reasons.
const WHY_FAILED: [&str; 3] = ["no WAN", "DP01", "GT01"];

/// The days on which something happens to a meter that comes so often a year for a thousand meters, in order, no two within
/// a month.
fn changes(population: &Population, a_year: u64, home: &mut Home<'_>) -> Vec<Date> {
    let mut left = a_year * u64::from(population.days);
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
