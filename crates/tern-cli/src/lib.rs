//! The command line of Tern: one file per verb, one way to print, one table of exit codes.
//!
//! A verb reads its arguments, asks the crates below, and shows what they answered. It must never judge a document, decide
//! what follows a step, or open a store itself.

mod app;
mod assumed;
mod context;
mod devices;
mod exit;
mod failure;
mod findings;
mod interrupt;
mod listening;
mod look;
mod outcomes;
mod output;
mod progress;
mod reference;
mod stuck_words;
mod values;
mod verbs;

pub use app::{command, run};
pub use exit::Exit;
pub use reference::page as reference_page;
