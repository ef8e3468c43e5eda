//! Tasks of service requests at the devices of every cohort: what the adapter tells is held against the devices' own state, which it
//! never sees, and what was to happen once stands once in the devices' own log.

mod agreed;
mod bench;
mod electricity;
mod gas;
mod others;
mod refused;
