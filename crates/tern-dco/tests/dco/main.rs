//! The DCO from outside: its custody, its packages, and what it does on the S1SP's orders.

mod credentials;
mod custody;
mod damaged;
mod desk;
mod firmware;
mod memory;
mod orders;
mod service;
mod support;
mod upkeep;
