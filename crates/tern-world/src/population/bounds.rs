//! What keeps installations from being migrated, or bounds how many are: excluded categories, and what suppliers want.

use tern_model::InstallationState;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::facts::ExclusionCategory;

use super::happenings::{Happenings, later};
use super::homes::Home;
use super::{Population, supplier_id};
use crate::dice::Dice;

/// An exclusion lasts so many days, where it ends.
const LASTS: [u64; 2] = [7, 90];

/// No meter changes within so many days of the estate's description: until then a Dormant installation is one.
const NOTHING_CHANGES: u64 = 30;

/// Suppliers have this stream, and no installation.
const STREAM: u64 = u64::MAX - 1;

/// Has an installation come into an excluded category, and out of it again or not.
pub(super) fn exclude(population: &Population, home: &mut Home<'_>, into: &mut Happenings) {
    if !home.dice.percent(population.excluded) {
        return;
    }
    let category = *home.dice.one_of(&categories(home));
    let terminated = category == ExclusionCategory::SupplierTerminated;
    let within = if terminated { NOTHING_CHANGES } else { u64::from(population.days) };
    let on = later(population.described, home.dice.below(within));
    into.exclude(on, home.index, category, terminated.then_some(home.suppliers[0]));
    if home.dice.percent(population.exclusion_ended) {
        into.end_exclusion(later(on, home.dice.between(LASTS)), home.index, category);
    }
}

/// The categories that an installation can come into by a record.
fn categories(home: &Home<'_>) -> Vec<ExclusionCategory> {
    let can = |category: &ExclusionCategory| match category {
        // Whoever plans counts attempts.
        ExclusionCategory::AttemptsExhausted => false,
        ExclusionCategory::GasHanError => home.gas,
        ExclusionCategory::SupplierTerminated => home.state == InstallationState::Dormant,
        _ => true,
    };
    ExclusionCategory::ALL.into_iter().filter(can).collect()
}

/// What supports that an installation is in a category.
pub(super) fn evidence(category: ExclusionCategory) -> &'static str {
    match category {
        ExclusionCategory::MissingMasterKeys => "letter of the SMSO",
        ExclusionCategory::NoWanBeforeMigration | ExclusionCategory::NoWanAtMigration => "WAN report",
        ExclusionCategory::AttemptsExhausted => "record of attempts",
        ExclusionCategory::GasHanError => "GT01 report",
        ExclusionCategory::UneconomicToTest => "decision not to test",
        ExclusionCategory::SupplierTerminated => "statement of the supplier",
    }
}

/// Has suppliers say how many places a day they want.
pub(super) fn demand(population: &Population, into: &mut Happenings) {
    let mut dice = Dice::new(population.seed, STREAM);
    for number in 0..population.suppliers {
        if !dice.percent(population.demand) {
            continue;
        }
        let mut day = dice.below(population.demand_every);
        while day < u64::from(population.days) {
            into.speak(EventRecord {
                supplier: Some(supplier_id(number)),
                value: Some(dice.between(population.demand_places).to_string()),
                ..EventRecord::new(later(population.described, day), EventKind::Demand)
            });
            day = day.saturating_add(population.demand_every);
        }
    }
}
