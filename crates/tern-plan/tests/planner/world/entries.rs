//! Entries of the EPCL, and what happens to each: proofs, disputes, pauses and decisions, in good order and out of it.

use jiff::civil::Date;
use tern_model::estate::{ApprovalRoute, EntryRecord, EventKind, EventRecord};
use tern_model::facts::SourceRow;
use tern_model::{DeviceModelCombination, InstallationState};
use tern_plan::estate::EstateBuilder;

use super::{Chance, PERIOD, SINCE, VERSIONS, later, model, provider};

/// An entry, as far as its course depends on it.
pub struct Planned {
    name: String,
    route: ApprovalRoute,
}

/// Every kind of event of an entry; what decides comes less often than what does not.
const ANY: [EventKind; 10] = [
    EventKind::EpclPlanned,
    EventKind::EpclPaused,
    EventKind::EpclApproved,
    EventKind::EpclNotApproved,
    EventKind::TestsDone,
    EventKind::TagConfirmed,
    EventKind::DmctReport,
    EventKind::DisputeRaised,
    EventKind::DisputeResolved,
    EventKind::Defect,
];

/// The entries of a world.
pub fn planned(chance: &mut Chance, builder: &mut EstateBuilder) -> Vec<Planned> {
    let mut entries: Vec<Planned> = Vec::new();
    for family in 0..3 {
        for gas in [false, true] {
            for version in 2..=VERSIONS {
                if chance.one_in(5) {
                    continue;
                }
                let other = if chance.one_in(3) { chance.below(VERSIONS) + 1 } else { version };
                let combination = DeviceModelCombination {
                    chf: model(family, "CHF", version),
                    esme: model(family, "ESME", other),
                    gsme: gas.then(|| model(family, "GSME", version)),
                    communications_provider: provider(0),
                };
                entries.push(entry(chance, builder, combination.clone(), &entries));
                // Another entry of the same combination, on a way of its own.
                if chance.one_in(8) {
                    entries.push(entry(chance, builder, combination, &entries));
                }
            }
        }
    }
    entries
}

fn entry(
    chance: &mut Chance,
    builder: &mut EstateBuilder,
    combination: DeviceModelCombination,
    before: &[Planned],
) -> Planned {
    let name = format!("entry-{:02}", before.len());
    let tested: Vec<&Planned> = before.iter().filter(|entry| entry.route != ApprovalRoute::Equivalent).collect();
    let (route, equivalent_to) = match chance.below(3) {
        0 => (ApprovalRoute::MtSit, None),
        1 if !tested.is_empty() => (ApprovalRoute::Equivalent, Some(chance.pick(&tested).name.clone())),
        _ => (ApprovalRoute::Dmct, None),
    };
    let comprises = match chance.below(8) {
        0 => InstallationState::Active,
        1..4 => InstallationState::Mixed,
        _ => InstallationState::Dormant,
    };
    let row = SourceRow(before.len() as u64 + 2);
    builder.entry(&EntryRecord { row, entry: name.clone(), combination, comprises, route, equivalent_to });
    Planned { name, route }
}

/// What happens to an entry.
pub fn course(chance: &mut Chance, entry: &Planned, records: &mut Vec<EventRecord>) {
    let mut say = |on: Date, kind| {
        let on = on.clamp(SINCE, PERIOD.last);
        records.push(EventRecord { entry: Some(entry.name.clone()), ..EventRecord::new(on, kind) });
    };
    if chance.one_in(3) {
        let often = [EventKind::EpclPlanned, EventKind::EpclApproved, EventKind::EpclApproved, EventKind::EpclPaused];
        for _ in 0..=chance.below(4) {
            say(any_day(chance), chance.pick(&often));
        }
    } else {
        in_order(chance, entry, &mut say);
    }
    // And now and then something that does not fit.
    for _ in 0..2 {
        if chance.one_in(6) {
            say(any_day(chance), chance.pick(&ANY));
        }
    }
}

fn any_day(chance: &mut Chance) -> Date {
    let last = if chance.one_in(2) { PERIOD.first } else { PERIOD.last };
    chance.day(SINCE, last)
}

/// Proof, what holds the entry back, and decision, where each follows the one before.
fn in_order(chance: &mut Chance, entry: &Planned, say: &mut impl FnMut(Date, EventKind)) {
    let proven = any_day(chance);
    match entry.route {
        ApprovalRoute::MtSit => {
            let tested = proven.saturating_sub(jiff::Span::new().days(i64::try_from(chance.below(20)).expect("few")));
            say(tested, EventKind::TestsDone);
            say(proven, EventKind::TagConfirmed);
        }
        ApprovalRoute::Dmct | ApprovalRoute::Equivalent => say(proven, EventKind::DmctReport),
    }
    if chance.one_in(4) {
        let raised = later(proven, chance.below(60));
        say(raised, EventKind::DisputeRaised);
        if !chance.one_in(4) {
            say(later(raised, chance.below(30)), EventKind::DisputeResolved);
        }
    }
    if chance.one_in(3) {
        let paused = later(proven, chance.below(60));
        say(paused, chance.pick(&[EventKind::EpclPaused, EventKind::Defect]));
        if !chance.one_in(4) {
            say(later(paused, chance.below(40)), EventKind::EpclPlanned);
        }
    }
    let decided = later(proven, if chance.one_in(3) { chance.below(120) } else { 22 + chance.below(30) });
    match chance.below(5) {
        0 | 1 => say(decided, EventKind::EpclApproved),
        2 | 3 => say(decided, EventKind::EpclNotApproved),
        _ => {}
    }
}
