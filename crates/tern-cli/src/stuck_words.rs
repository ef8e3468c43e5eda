//! What is known of an installation that is under way or stuck, in words: `status`, `stuck` and `resolve` say the same.

use tern_cohorts::cohort;
use tern_flow::{Change, State, Step};
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
        State::Commissioned => "nobody's: wholly with the DCC".to_owned(),
        State::RolledBack => "the Requesting Party's: wholly with the SMSO; it may come again in a new set".to_owned(),
        State::Refused => "the Requesting Party's: it was never touched; plan it again".to_owned(),
        State::Stuck => "an operator's: `tern resolve` tries again, or closes it with evidence".to_owned(),
        State::Closed { held_by } => format!("nobody's: closed by a person, held by {held_by}"),
        _ => "the S1SP's: `tern migrate` goes on with it".to_owned(),
    }
}
