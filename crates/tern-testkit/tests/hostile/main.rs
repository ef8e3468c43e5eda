//! Hostile input: what somebody without a key makes of signed files is refused, whatever it is; and what somebody with a key signs
//! gets the finding of the stage that it fails in, or is processed. Nothing panics, nothing grows without bound.
//!
//! Every test here is seeded, says its seed, and can be asked for more by `cargo xtask soak`.

mod cuts;
mod documents;
mod door;
mod fixtures;
mod forms;
mod fuzz;
mod mutants;
mod mutate;
mod outside;
mod run;
mod wrapping;

// What sets made bad and tools from outside need is the same for all tests of whole files.
#[path = "../bad_input/bench.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests of single cases")]
mod bench;
#[path = "../bad_input/edit.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests of single cases")]
mod edit;
#[path = "../bad_input/entries.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests of single cases")]
mod entries;
#[path = "../interop/files.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests with tools from outside")]
mod files;
