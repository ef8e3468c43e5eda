//! The simulated devices as their callers see them.

mod devices;
mod server;
mod support;
