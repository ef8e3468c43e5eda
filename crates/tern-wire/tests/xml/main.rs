//! Signed, hostile and encrypted XML from outside, and what tools that we did not write say of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canonical;
mod encrypted;
mod hostile;
mod signed;
mod support;
mod tools;
