//! Files that are read and written entry by entry.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/dice.rs"]
mod dice;
mod equivalence;
mod messages;
mod mutants;
mod passes;
mod plaintext;
mod written;
