//! Fact files: what is written is read back, and each bad row is told and costs no other.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod estate;
mod faults;
mod round_trip;
