//! The machines of a request: every arrow is taken, no other ever is, and whatever happens in whatever order, nothing is said, sent or
//! asked twice that may not be.

mod at_dsp;
mod at_s1sp;

use jiff::Timestamp;
use proptest::test_runner::{Config, RngSeed};
use tern_requests::machine::probe::{self, Found};
use tern_requests::task::{Millipence, PaymentMode, SupplyCommand, SupplyState};
use tern_requests::{Reason, Refusal, Task, TaskAnswer};

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn refusal() -> Refusal {
    Refusal::new(Reason::NotRegistered, "not any more")
}

/// The same cases on every run.
fn seeded() -> Config {
    Config { cases: 2_000, rng_seed: RngSeed::Fixed(6), failure_persistence: None, ..Config::default() }
}

#[test]
fn supply_and_mode_are_probed_and_the_rest_is_asked_again() {
    let supply = |command| Task::Supply { command };
    let says = |command, state| probe::found(&supply(command), &TaskAnswer::Supply { state, battery_days: None });
    assert_eq!(probe::of(&supply(SupplyCommand::Arm)), Some(Task::ReadSupply));
    assert_eq!(says(SupplyCommand::Disable, SupplyState::Disabled), Some(Found::Applied));
    assert_eq!(says(SupplyCommand::Disable, SupplyState::Armed), Some(Found::NotApplied));
    assert_eq!(says(SupplyCommand::Arm, SupplyState::Enabled), Some(Found::Applied), "by the consumer since");
    let mode = Task::SetPaymentMode { mode: PaymentMode::Credit };
    let balance = TaskAnswer::Balance { balance: Millipence(0), mode: PaymentMode::Credit };
    assert_eq!(probe::of(&mode), Some(Task::ReadBalance));
    assert_eq!(probe::found(&mode, &balance), Some(Found::Applied));
    assert_eq!(probe::found(&mode, &TaskAnswer::Done), None);
    assert_eq!(probe::of(&Task::ReadFirmware), None);
}
