//! The real binary on small worlds made by its own verbs: killed, interrupted, doubled, cut off, asked again.
//!
//! Every world takes place at a moment of its own, so that no test depends on the day on which it runs.

mod again;
mod check;
mod counters;
mod dco;
mod duties;
mod earlier;
mod firmware;
#[path = "../support/folder.rs"]
mod folder;
mod interrupts;
mod kills;
mod lines;
mod overlays;
mod pins;
mod plaintext;
mod refusals;
mod registration;
mod reports;
mod roles;
mod run;
mod serve;
mod settled;
mod support;
mod told;
