//! Planning the migration of an estate: what is to be migrated, and what happened to it since (section PL).
//!
//! This crate must never ask the time, chance, the network, a file or a database: it is handed what it reads, and days are
//! what events and its caller say they are.

pub mod assumptions;
pub mod engine;
pub mod estate;
pub mod notices;
pub mod plan;
pub mod share;
pub mod what_if;
