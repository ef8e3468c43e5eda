//! The simulated devices and the corpus as their callers see them.

mod corpus;
mod devices;
mod server;
mod support;
