//! The simulated devices, the corpus and the SMSO's export as their callers see them.

mod corpus;
mod devices;
mod export;
mod meters;
mod server;
mod support;
