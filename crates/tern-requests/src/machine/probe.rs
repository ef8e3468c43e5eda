//! What tells whether a task whose answer was lost has happened. A task says how things are to be, and so most may be asked again; but
//! where a device can be asked first, it is.

use serde::{Deserialize, Serialize};

use crate::task::{PaymentMode, SupplyCommand, SupplyState, Task, TaskAnswer};

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// It has happened.
    Applied,
    /// It has not, or asking again changes nothing that is right.
    NotApplied,
}

/// The task that tells; none where asking again is as good: a device takes a UTRN once, and a clock, a tariff, a price, a join or an
/// activation that is asked for twice is the same as once.
#[must_use]
pub fn of(task: &Task) -> Option<Task> {
    match task {
        Task::Supply { .. } => Some(Task::ReadSupply),
        Task::SetPaymentMode { .. } => Some(Task::ReadBalance),
        _ => None,
    }
}

/// What the answer to [`of`] says of a task; none where it says nothing.
#[must_use]
pub fn found(task: &Task, answer: &TaskAnswer) -> Option<Found> {
    let applied = match (task, answer) {
        (Task::Supply { command }, TaskAnswer::Supply { state, .. }) => match command {
            SupplyCommand::Enable => *state == SupplyState::Enabled,
            SupplyCommand::Disable => *state == SupplyState::Disabled,
            // The consumer may have switched it on already.
            SupplyCommand::Arm => *state != SupplyState::Disabled,
        },
        (Task::SetPaymentMode { mode }, TaskAnswer::Balance { mode: now, .. }) => is_mode(*now, *mode),
        _ => return None,
    };
    Some(if applied { Found::Applied } else { Found::NotApplied })
}

/// A device may tell less of Prepayment Mode than was set.
fn is_mode(now: PaymentMode, wanted: PaymentMode) -> bool {
    matches!((now, wanted), (PaymentMode::Credit, PaymentMode::Credit)) || now == wanted
}
