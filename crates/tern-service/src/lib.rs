//! The running system: roles with their stores and keys, intake, the executor, links, configuration.
//!
//! Everything that touches the world (files, sockets, time, randomness) does so here. It must never judge a document (the
//! rulebook does), decide what follows a step (the machine does), or let one role open another's store.

mod audit_text;
pub mod check;
pub mod clock;
pub mod config;
pub mod dco;
pub mod duties;
mod equivalent;
pub mod execution;
pub mod executor;
pub mod facts;
mod fault;
pub mod firmware;
pub mod gateway;
pub mod judging;
pub mod lanes;
pub mod links;
pub mod metrics;
pub mod migrate;
mod opening;
pub mod overview;
pub mod parties;
pub mod pins;
pub mod pki;
pub mod plans;
pub mod reports;
pub mod request_line;
pub mod requesting_party;
pub mod results;
pub mod roles;
pub mod sandbox;
pub mod serve;
pub mod set_files;
pub mod story;
mod system;
mod timed;

pub use fault::ServiceFault;
pub use system::{System, clock_below, clock_of, rule_settings};
