//! The world outside Tern, for demonstrations and tests: simulated devices, the SMSO that operates them, and the corpus
//! that invents both.
//!
//! It knows the nouns (`tern-model`) and the wire (`tern-wire`), and must never know the rulebook or the flow: what it
//! plants and what its devices refuse is written from the sources alone, so that Tern cannot agree with it by construction.

pub mod corpus;
pub mod devices;
mod dice;
pub mod dlms;
mod error;
pub mod files;
mod hex;
pub mod population;
pub mod server;
pub mod smso;
pub mod tamper;

pub use devices::World;
pub use error::WorldError;
