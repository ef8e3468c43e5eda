//! What is known of an installation that is under way or stuck, in words: `status`, `stuck` and `resolve` say the same.

use serde::Serialize;
use tern_cohorts::cohort_of;
use tern_flow::{Altered, Keeper, State, Step};
use tern_model::GasOutcome;
use tern_service::executor::InstallationRecord;

fn steps(record: &InstallationRecord) -> &'static [Step] {
    cohort_of(&record.plan).steps()
}

/// Rows that altered something and are, or may be, in place.
pub fn standing_rows(record: &InstallationRecord) -> Vec<&'static Step> {
    let steps = steps(record);
    let m = &record.migration;
    let stands = |at: &usize| m.in_place.contains(at) || m.not_undone.contains(at);
    let altering = |at: &usize| steps[*at].change.alters();
    (0..steps.len()).filter(altering).filter(stands).map(|at| &steps[at]).collect()
}

/// Whose turn it is.
pub fn turn(record: &InstallationRecord) -> String {
    match record.migration.state {
        State::Commissioned if record.migration.gas == GasOutcome::LeftBehind => {
            "nobody's: the electricity side is with the DCC, the gas side stays with the SMSO (GT01)".to_owned()
        }
        State::Commissioned => "nobody's: wholly with the DCC".to_owned(),
        State::RolledBack => "the Requesting Party's: wholly with the SMSO; it may come again in a new set".to_owned(),
        State::Refused => "the Requesting Party's: it was never touched; plan it again".to_owned(),
        State::Stuck => "an operator's: `tern resolve` tries again, or closes it with evidence".to_owned(),
        State::Closed { held_by } => format!("nobody's: closed by a person, held by {held_by}"),
        _ => "the S1SP's: it goes on by itself where the S1SP runs, else with `tern migrate`".to_owned(),
    }
}

/// What is known of one thing that commissioning alters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Where it is.
    pub holder: Keeper,
    /// What of it.
    pub thing: &'static str,
    /// The row that is, or may be, in place; none where it is as the SMSO left it.
    pub row: Option<&'static str>,
}

impl Known {
    /// Whose it is, in words.
    pub fn whose(&self) -> String {
        self.row.map_or_else(|| "the SMSO's".to_owned(), |row| format!("perhaps the DCC's ({row})"))
    }
}

/// What holds again once a step is undone.
pub fn undone(step: &Step) -> String {
    let altered = step.change.altered();
    altered.map_or_else(|| step.row.to_owned(), |a| format!("{}, {} as before", a.keeper.as_str(), a.thing))
}

/// What is known of each device of an installation, of its inventory entries and of the DCO's package: everything that
/// commissioning alters.
pub fn known(record: &InstallationRecord) -> Vec<Known> {
    let standing = standing_rows(record);
    let here = |keeper: Keeper| keeper != Keeper::Gsme || record.plan.gsme.is_some();
    let altered = steps(record).iter().filter_map(|step| Some((step, step.change.altered()?)));
    let mut known: Vec<_> = altered
        .filter(|(_, altered)| here(altered.keeper))
        .map(|(step, Altered { keeper, thing })| {
            let stands = standing.iter().any(|s| s.row == step.row);
            Known { holder: keeper, thing, row: stands.then_some(step.row) }
        })
        .collect();
    known.sort_by_key(|known| known.holder);
    known
}
