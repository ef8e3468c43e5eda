//! What is known of an installation that is under way or stuck, in words: `status`, `stuck` and `resolve` say the same.

use serde::Serialize;
use tern_cohorts::cohort;
use tern_flow::{Change, State, Step};
use tern_model::GasOutcome;
use tern_service::executor::InstallationRecord;

/// Rows that altered something and are, or may be, in place.
pub fn standing_rows(record: &InstallationRecord) -> Vec<&'static Step> {
    let steps: &[Step] = cohort(record.plan.set.group).map_or(&[], |c| c.steps());
    let m = &record.migration;
    let stands = |at: &usize| m.in_place.contains(at) || m.not_undone.contains(at);
    let altering = |at: &usize| steps[*at].change == Change::Alters;
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
        _ => "the S1SP's: `tern migrate` goes on with it".to_owned(),
    }
}

/// What is known of one thing that commissioning alters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// `hub`, `ESME`, `GSME`, `inventory` or `DCO`.
    pub holder: &'static str,
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

/// Everything that commissioning alters, with the row that does.
const ALTERED: &[(&str, &str, &str)] = &[
    ("hub", "APN", "W2"),
    ("hub", "certificate", "B6.5"),
    ("hub", "whitelist", "15.11"),
    ("ESME", "association keys", "B6.2"),
    ("ESME", "master key", "B6.4"),
    ("ESME", "certificate", "B6.6"),
    ("GSME", "certificate", "B3.2"),
    ("inventory", "entries", "B5.2"),
    ("DCO", "key package", "B6.8"),
];

/// What holds again once a row is undone.
pub fn undone(row: &str) -> String {
    let altered = ALTERED.iter().find(|(.., alters)| *alters == row);
    altered.map_or_else(|| row.to_owned(), |(holder, thing, _)| format!("{holder}, {thing} as before"))
}

/// What is known of each device of an installation, of its inventory entries and of the DCO's package.
pub fn known(record: &InstallationRecord) -> Vec<Known> {
    let standing = standing_rows(record);
    let here = |holder: &str| holder != "GSME" || record.plan.gsme.is_some();
    let altered = ALTERED.iter().filter(|(holder, ..)| here(holder));
    altered
        .map(|&(holder, thing, row)| Known { holder, thing, row: standing.iter().any(|s| s.row == row).then_some(row) })
        .collect()
}

#[cfg(test)]
mod tests {
    use tern_model::GroupId;

    use super::*;

    #[test]
    fn everything_that_a_row_alters_is_spoken_of() {
        let steps = cohort(GroupId::EA).expect("the first group").steps();
        let mut rows: Vec<_> = steps.iter().filter(|s| s.change == Change::Alters).map(|s| s.row).collect();
        let mut told: Vec<_> = ALTERED.iter().map(|(_, _, row)| *row).collect();
        rows.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, rows);
    }
}
