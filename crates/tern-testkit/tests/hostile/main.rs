//! Hostile input: what somebody without a key makes of signed files is refused, whatever it is; and what somebody with a key signs
//! gets the finding of the stage that it fails in, or is processed. Nothing panics, nothing grows without bound.
//!
//! Every test here is seeded, says its seed, and can be asked for more by `cargo xtask soak`.

mod cuts;
mod dice;
mod door;
mod fixtures;
mod forms;
mod fuzz;
mod mutants;
mod mutate;
mod run;
mod wrapping;

#[path = "../interop/files.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests with tools from outside")]
mod files;
