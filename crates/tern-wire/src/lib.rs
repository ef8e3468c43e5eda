//! Every byte that crosses an organisation's boundary: XML in and out, signatures, encryption, certificates, the migration
//! files, fact records, and the frames to simulated devices.
//!
//! Messages are described once; decoder, writer, XSD and reference page come from that description. Bytes come in
//! unverified and leave as [`Verified`]: nothing else in Tern can make one. This crate must never open a file other than the
//! one that [`stream`] is handed by path, open a socket, ask the time or make randomness other than what a cryptographic operation itself needs (nonces, padding).

pub mod dsig;
pub mod duis;
pub mod facts_csv;
mod fault;
pub mod migration;
pub mod revised_pin;
pub mod role_link;
pub mod schema;
pub mod smki;
pub mod stream;
mod verified;
pub mod xenc;
pub mod xml;

pub use fault::{FaultKind, WireFault};
pub use verified::{Sender, Verified, VerifiedDocument};

/// Every file that is made from this crate's descriptions: path from the repository's root, and text. Pure; `cargo xtask codegen`
/// writes and compares them.
#[must_use]
pub fn generated_files() -> Vec<(String, String)> {
    let mut files = schema::publish::files();
    files.extend(facts_csv::files());
    files.push(facts_csv::supplier_files_page());
    files
}
