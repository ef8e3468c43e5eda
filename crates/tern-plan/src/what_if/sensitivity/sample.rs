//! A sample of the installations of an estate with what happens to them, planned as though there were no others, with as large a
//! part of a day's capacity.
//!
//! The same estate has the same sample.

use crate::assumptions::Assumptions;
use crate::engine::Input;
use crate::estate::{Event, InstallationIx};
use crate::what_if::{Comparison, Sides};
use tern_rules::Rulebook;

use super::lever::Lever;

/// Installations of a sample: enough that a per cent of them is counted in tens, and few enough to be planned again and again.
const SIZE: usize = 3_000;

/// The sample.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) input: Input<'a>,
    /// In the order of the estate.
    pub(super) installations: Vec<InstallationIx>,
    /// What happens to them, and to entries, versions and documents.
    pub(super) events: Vec<Event>,
    assumptions: Assumptions,
}

/// What a sample is planned from.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) events: Vec<Event>,
    pub(super) assumptions: Assumptions,
}

impl<'a> Sample<'a> {
    pub(super) fn of(input: Input<'a>) -> Sample<'a> {
        let all = input.estate.installations().len();
        let mut by_lot: Vec<usize> = (0..all).collect();
        if all > SIZE {
            by_lot.sort_by_key(|at| lot(0, *at as u64));
            by_lot.truncate(SIZE);
            by_lot.sort_unstable();
        }
        let installations: Vec<InstallationIx> = by_lot.into_iter().map(InstallationIx::of).collect();
        let concerns =
            |event: &&Event| event.installation(input.estate).is_none_or(|of| installations.binary_search(&of).is_ok());
        let events = input.events.iter().filter(concerns).copied().collect();
        let part = |places: u32| {
            let exact = u64::from(places) * installations.len() as u64;
            u32::try_from(exact.div_ceil(all.max(1) as u64)).unwrap_or(places)
        };
        let whole = input.assumptions;
        let assumptions = Assumptions {
            capacity_a_day: part(whole.capacity_a_day),
            reserve_a_day: part(whole.reserve_a_day),
            dmin_a_day: part(whole.dmin_a_day),
            ..whole.clone()
        };
        Sample { input, installations, events, assumptions }
    }

    /// The sample with one assumption changed, or as it is.
    pub(super) fn with(&self, change: Option<(Lever, f64)>) -> Changed {
        let mut changed = Changed { events: self.events.clone(), assumptions: self.assumptions.clone() };
        if let Some((lever, value)) = change {
            lever.set(value, self, &mut changed);
            changed.events.sort_by_key(|event| event.on);
        }
        changed
    }

    /// Plans it under both rulebooks.
    pub(super) fn compared(&self, rules: Sides<&Rulebook>, changed: &Changed) -> Comparison {
        let under =
            |rulebook| Input { events: &changed.events, assumptions: &changed.assumptions, rulebook, ..self.input };
        let [before, after] =
            [rules.before, rules.after].map(|rules| under(rules).plan_some(self.installations.clone(), |_| {}));
        Comparison::among(&self.installations, &under(rules.after), &before, &after)
    }
}

/// A number for each number, the same each time, in which no order is left (the finalizer of `SplitMix64`).
pub(super) fn lot(purpose: u64, number: u64) -> u64 {
    let mut z = number.wrapping_add(purpose.wrapping_mul(0xD1B5_4A32_D192_ED03)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
