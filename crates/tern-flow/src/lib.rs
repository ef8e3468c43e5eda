//! Workflows as pure machines: (state, event) to state and effects.
//!
//! A machine decides what happens next and does nothing itself. It must never ask the time, a device, a database or
//! chance; it knows no cohort and no key. What it wants done it names as an [`Effect`], which the executor journals before
//! it is tried.

pub mod early_firmware;
mod machine;
mod step;
mod table;

pub use machine::{Closing, Effect, EffectKind, Event, Failure, Limits, Migration, Probe, State, Transition};
pub use step::{Altered, Change, Keeper, Lane, OnFailure, Step, Wanted};
pub use table::{Arrow, EventKind, StateKind, TABLE};
