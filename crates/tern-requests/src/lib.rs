//! What the DCC does with a signed Service Request: which there are, who may send them, in which order they are judged, and
//! what each asks of a device.
//!
//! This crate must never open a file or a socket, ask the time, make randomness or know how anything is stored: a request,
//! the facts about it and the moment are handed in. It knows no cohort and no protocol of a device.

mod accept;
pub mod asked;
pub mod codes;
pub mod command_variant;
pub mod families;
pub mod machine;
mod refusal;
pub mod registry;
pub mod stages;
pub mod task;

pub use accept::{Accepted, Facts, Occasion, judge};
pub use asked::Asked;
pub use codes::{Codes, Reason};
pub use refusal::Refusal;
pub use registry::{ALL, Srv, find, page::page as registry_page};
pub use stages::page::page as stages_page;
pub use task::{Task, TaskAnswer};
