//! What the DCC does with a signed Service Request: which there are, who may send them, in which order they are judged, and
//! what each asks of a device.
//!
//! This crate must never open a file or a socket, ask the time, make randomness or know how anything is stored: a request,
//! the facts about it and the moment are handed in. It knows no cohort and no protocol of a device.

pub mod command_variant;
pub mod registry;
pub mod task;

pub use registry::page::page as reference_page;
pub use registry::{ALL, Srv, find};
pub use task::{Task, TaskAnswer};
