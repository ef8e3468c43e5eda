//! How every instructed installation stands, in small records beside its own: what is open and what is stuck is found
//! without reading all that ever ran, and a set is counted without opening a plan.
//!
//! They change in the very transaction in which the machine's state does, and must never be written without it.

use tern_flow::State;
use tern_store::{Batch, Put};

use super::record::InstallationRecord;
use crate::fault::ServiceFault;
use crate::parties::of_set;

/// Kind of the record how an instructed installation ended; null while it is open.
pub(crate) const STANDING: &str = "standing";
/// Kind of the mark on installations that are not at rest: the executor's work.
pub(crate) const OPEN: &str = "open";
/// Kind of the mark on installations that wait for a person.
pub(crate) const STUCK: &str = "stuck";

/// Kind of the mark on installations that go on no more under their set, until the DSP has heard so.
pub(crate) const UNTOLD: &str = "untold";

/// What is noted of an installation that is instructed, as its machine stands.
pub(crate) fn noted(record: &InstallationRecord) -> Result<Vec<Put>, ServiceFault> {
    let (set, chf) = (record.plan.set, record.plan.chf);
    let mark = mark(record.migration.state).unwrap_or(UNTOLD);
    Ok(vec![of_set::put(STANDING, set, chf, &record.migration.outcome())?, of_set::put(mark, set, chf, &())?])
}

/// An installation's machine came from a state to the one that its record now holds.
pub(crate) fn moved(batch: &mut Batch, from: State, record: &InstallationRecord) -> Result<(), ServiceFault> {
    let to = record.migration.state;
    if from.is_at_rest() || to.is_at_rest() {
        let gone = mark(from).filter(|before| mark(to) != Some(before));
        batch.removes.extend(gone.map(|kind| of_set::remove(kind, record.plan.set, record.plan.chf)));
        batch.puts.extend(noted(record)?);
    }
    Ok(())
}

fn mark(state: State) -> Option<&'static str> {
    match state {
        State::Stuck => Some(STUCK),
        state if state.is_at_rest() => None,
        _ => Some(OPEN),
    }
}
