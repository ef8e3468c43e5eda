//! The assumptions on which the sources' figures depend, and how a sample is changed for one of them to be another.
//!
//! Where a rate is to be lower, events are left out by lot; where it is to be higher, more are invented, like those that are
//! there (P). Nothing else of the sample changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::MeterState;

use super::sample::{Changed, Sample, lot};
use super::years;
use crate::estate::{EntryIx, EntryStep, Event, InstallationIx, MeterIx, What};

/// An assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lever {
    /// How many Active installations become Dormant.
    DormantAYear,
    /// How many meters change their supplier.
    ChangesAYear,
    /// How many are given certificates in time: a meter without goes with the Null Certificate ID, and stays in the process.
    Certificates,
    /// How long a hop takes.
    DaysPerHop,
    /// How long an entry waits for its approval once its tests are confirmed.
    DaysToApproval,
}

/// Days between the day on which a change of supplier is known and the day on which it takes effect, where no other event
/// shows it.
const KNOWN_BEFORE: i32 = 14;

impl Lever {
    /// What it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Lever::DormantAYear => "of 100 Active installations, those that become Dormant in a year",
            Lever::ChangesAYear => "changes of supplier in a year, for 100 meters",
            Lever::Certificates => "of 100 installations, those for which certificates are given",
            Lever::DaysPerHop => "days for a hop of an upgrade (days_per_hop)",
            Lever::DaysToApproval => "days from the confirmation of an entry's tests to its approval, in the mean",
        }
    }

    /// What it is in a sample.
    pub(super) fn is(self, sample: &Sample<'_>) -> f64 {
        match self {
            Lever::DormantAYear => rate(becoming_dormant(sample).len(), active(sample).len(), sample),
            Lever::ChangesAYear => rate(changes(sample).len(), meters(sample).len(), sample),
            Lever::Certificates => share(certified(sample).len(), sample.installations.len()),
            Lever::DaysPerHop => f64::from(sample.input.assumptions.days_per_hop),
            Lever::DaysToApproval => super::mean(
                lags(sample).values().map(|(confirmed, approved)| f64::from((*approved - *confirmed).get_days())),
            )
            .unwrap_or(0.0),
        }
    }

    /// The most that is tried.
    pub(super) fn most(self, is: f64, sample: &Sample<'_>) -> f64 {
        let most: f64 = match self {
            Lever::DormantAYear | Lever::Certificates => 100.0,
            Lever::ChangesAYear => 600.0,
            Lever::DaysPerHop => 120.0,
            // One that waits longer is paused.
            Lever::DaysToApproval => f64::from(sample.input.assumptions.approval_within_days.saturating_sub(1)),
        };
        most.max(is)
    }

    /// The least that is tried where it is nothing.
    pub(super) fn least(self) -> f64 {
        1.0
    }

    /// As fine as it can be set.
    pub(super) fn rounded(self, value: f64) -> f64 {
        match self {
            Lever::DormantAYear | Lever::ChangesAYear | Lever::Certificates => (value * 10.0).round() / 10.0,
            Lever::DaysPerHop | Lever::DaysToApproval => value.round(),
        }
    }

    /// Sets it in a sample.
    pub(super) fn set(self, value: f64, sample: &Sample<'_>, changed: &mut Changed) {
        match self {
            Lever::DormantAYear => set_dormant(value, sample, changed),
            Lever::ChangesAYear => set_changes(value, sample, changed),
            Lever::Certificates => set_certificates(value, sample, changed),
            Lever::DaysPerHop => changed.assumptions.days_per_hop = whole(value),
            Lever::DaysToApproval => set_approvals(value, self.is(sample), sample, changed),
        }
    }
}

/// So many of a hundred.
#[expect(clippy::cast_precision_loss, reason = "a rate is read with a digit or two")]
fn share(count: usize, among: usize) -> f64 {
    if among == 0 { 0.0 } else { 100.0 * count as f64 / among as f64 }
}

/// So many in the period among so many, for a year and a hundred.
fn rate(count: usize, among: usize, sample: &Sample<'_>) -> f64 {
    share(count, among) / years(days(sample))
}

/// How many in the period a rate makes of so many.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive and small"
)]
fn count(rate: f64, among: usize, sample: &Sample<'_>) -> usize {
    (rate / 100.0 * among as f64 * years(days(sample))).round() as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and what a lever tries")]
fn whole(value: f64) -> u16 {
    value.round() as u16
}

fn days(sample: &Sample<'_>) -> u64 {
    let period = sample.input.period;
    u64::try_from((period.last - period.first).get_days()).unwrap_or(0) + 1
}

fn within(sample: &Sample<'_>, day: Date) -> bool {
    (sample.input.period.first..=sample.input.period.last).contains(&day)
}

/// A day of the period, by lot.
fn day(sample: &Sample<'_>, lot: u64) -> Date {
    let days = i32::try_from(lot % days(sample)).unwrap_or(0);
    sample.input.period.first.saturating_add(days.days())
}

/// Those that have an Active Meter when the estate is described.
fn active(sample: &Sample<'_>) -> Vec<InstallationIx> {
    let is_active = |of: &InstallationIx| {
        sample.input.estate.meters_of(*of).iter().any(|meter| meter.service == MeterState::Active)
    };
    sample.installations.iter().copied().filter(is_active).collect()
}

/// Those of them of which a meter becomes Dormant in the period.
fn becoming_dormant(sample: &Sample<'_>) -> BTreeSet<InstallationIx> {
    let active: BTreeSet<InstallationIx> = active(sample).into_iter().collect();
    let dormant = |event: &Event| match event.what {
        What::Service { service: MeterState::Dormant, .. } if within(sample, event.on) => {
            event.installation(sample.input.estate)
        }
        _ => None,
    };
    sample.events.iter().filter_map(dormant).filter(|of| active.contains(of)).collect()
}

fn set_dormant(rate: f64, sample: &Sample<'_>, changed: &mut Changed) {
    let all = active(sample);
    let wanted = count(rate, all.len(), sample);
    let now = becoming_dormant(sample);
    let estate = sample.input.estate;
    if wanted < now.len() {
        let mut by_lot: Vec<InstallationIx> = now.into_iter().collect();
        by_lot.sort_by_key(|of| lot(1, of.at() as u64));
        let out: BTreeSet<InstallationIx> = by_lot.split_off(wanted).into_iter().collect();
        changed.events.retain(|event| {
            let of_service = matches!(event.what, What::Service { .. });
            !of_service || event.installation(estate).is_none_or(|of| !out.contains(&of))
        });
        return;
    }
    let moved = |event: &Event| match event.what {
        What::Service { .. } => event.installation(estate),
        _ => None,
    };
    let moved: BTreeSet<InstallationIx> = sample.events.iter().filter_map(moved).collect();
    let mut free: Vec<InstallationIx> = all.into_iter().filter(|of| !moved.contains(of)).collect();
    free.sort_by_key(|of| lot(1, of.at() as u64));
    for of in free.into_iter().take(wanted - now.len()) {
        let on = day(sample, lot(2, of.at() as u64));
        let active = estate.meters_of(of).iter().filter(|meter| meter.service == MeterState::Active);
        let dormant = |meter: MeterIx| What::Service { meter, service: MeterState::Dormant };
        let dormant = active.filter_map(|meter| estate.meter_of(meter.device)).map(dormant);
        changed.events.extend(dormant.map(|what| Event { on, row: 0, what }));
    }
}

/// The meters of the sample.
fn meters(sample: &Sample<'_>) -> Vec<MeterIx> {
    let estate = sample.input.estate;
    let of = |of: &InstallationIx| estate.meters_of(*of).iter().filter_map(|meter| estate.meter_of(meter.device));
    sample.installations.iter().flat_map(of).collect()
}

/// The changes of supplier that take effect in the period, by their places among the events.
fn changes(sample: &Sample<'_>) -> Vec<usize> {
    let is_change =
        |event: &Event| matches!(event.what, What::ChangeOfSupplier { effective, .. } if within(sample, effective));
    (0..sample.events.len()).filter(|at| is_change(&sample.events[*at])).collect()
}

fn set_changes(rate: f64, sample: &Sample<'_>, changed: &mut Changed) {
    let (meters, mut now) = (meters(sample), changes(sample));
    let wanted = count(rate, meters.len(), sample);
    if wanted < now.len() {
        now.sort_by_key(|at| lot(3, *at as u64));
        let out: BTreeSet<usize> = now.split_off(wanted).into_iter().collect();
        let kept = sample.events.iter().enumerate().filter(|(at, _)| !out.contains(at));
        changed.events = kept.map(|(_, event)| *event).collect();
        return;
    }
    for number in 0..wanted - now.len() {
        let lot = |purpose| lot(purpose, number as u64);
        let pick = |purpose| usize::try_from(lot(purpose) % meters.len() as u64).unwrap_or(0);
        let effective = day(sample, lot(4));
        let (meter, other) = (meters[pick(5)], meters[pick(6)]);
        let supplier = sample.input.estate.meters()[other.at()].supplier;
        let on = effective.saturating_sub(known_before(sample, &now, number).days());
        changed.events.push(Event { on, row: 0, what: What::ChangeOfSupplier { meter, supplier, effective } });
    }
}

/// How many days before it takes effect a change is known: as long as one of those that are there.
fn known_before(sample: &Sample<'_>, changes: &[usize], number: usize) -> i32 {
    let like = changes.get(number % changes.len().max(1)).map(|at| sample.events[*at]);
    match like {
        Some(Event { on, what: What::ChangeOfSupplier { effective, .. }, .. }) => (effective - on).get_days(),
        _ => KNOWN_BEFORE,
    }
}

/// Those of which a supplier gives certificates.
fn certified(sample: &Sample<'_>) -> BTreeSet<InstallationIx> {
    let given = |event: &Event| match event.what {
        What::CertificatesSupplied { installation, .. } => Some(installation),
        _ => None,
    };
    sample.events.iter().filter_map(given).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a list"
)]
fn set_certificates(value: f64, sample: &Sample<'_>, changed: &mut Changed) {
    let now = certified(sample);
    let wanted = (value / 100.0 * sample.installations.len() as f64).round() as usize;
    let mut by_lot: Vec<InstallationIx> = sample.installations.clone();
    by_lot.sort_by_key(|of| lot(7, of.at() as u64));
    if wanted < now.len() {
        let out: BTreeSet<InstallationIx> = by_lot.into_iter().filter(|of| now.contains(of)).skip(wanted).collect();
        changed.events.retain(|event| match event.what {
            What::CertificatesSupplied { installation, .. } => !out.contains(&installation),
            _ => true,
        });
        return;
    }
    let on = sample.input.period.first;
    for of in by_lot.into_iter().filter(|of| !now.contains(of)).take(wanted - now.len()) {
        let suppliers: BTreeSet<_> = sample.input.estate.meters_of(of).iter().map(|meter| meter.supplier).collect();
        let given = |supplier| What::CertificatesSupplied { installation: of, supplier };
        changed.events.extend(suppliers.into_iter().map(|supplier| Event { on, row: 0, what: given(supplier) }));
    }
}

/// When each entry that is confirmed in the period was confirmed and then approved.
fn lags(sample: &Sample<'_>) -> BTreeMap<EntryIx, (Date, Date)> {
    let mut confirmed: BTreeMap<EntryIx, Date> = BTreeMap::new();
    let mut lags = BTreeMap::new();
    for event in &sample.events {
        let What::Entry { entry, step, .. } = event.what else { continue };
        match (step, confirmed.get(&entry)) {
            (EntryStep::TagConfirmed | EntryStep::DmctReport, _) if within(sample, event.on) => {
                confirmed.entry(entry).or_insert(event.on);
            }
            (EntryStep::Approved, Some(confirmed)) => {
                lags.entry(entry).or_insert((*confirmed, event.on));
            }
            _ => {}
        }
    }
    lags
}

/// Every approval comes as many days later, or sooner, and none before the confirmation.
#[expect(clippy::cast_possible_truncation, reason = "it is between 0 and what a lever tries")]
fn set_approvals(value: f64, is: f64, sample: &Sample<'_>, changed: &mut Changed) {
    let (lags, days) = (lags(sample), (value - is).round() as i32);
    for event in &mut changed.events {
        if let What::Entry { entry, step: EntryStep::Approved, .. } = event.what
            && let Some((confirmed, approved)) = lags.get(&entry)
            && event.on == *approved
        {
            event.on = event.on.saturating_add(days.days()).max(*confirmed);
        }
    }
}
