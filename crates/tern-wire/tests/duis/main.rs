//! DUIS messages: signed and read, judged by their schema, and what tools that we did not write say of both.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod countersigned;
mod dcc_tool;
#[path = "../support/dice.rs"]
mod dice;
mod differential;
mod hostile;
mod judged;
mod pre_command;
mod signed;
mod support;
mod tools;
