//! XML signatures by one strict profile: enveloped, last child of the root, one reference to the whole document, SHA-256,
//! ECDSA on P-256, the certificate named by issuer and serial number (`docs/wire-profile.md`).
//!
//! This module must never take a key or certificate from the document, follow a reference into it, or choose an algorithm
//! by what it says: whatever differs from the profile is refused before anything is computed.

mod profile;
mod sign;
mod verify;
mod watch;

pub use sign::{SignFault, sign};
pub(crate) use sign::{sign_around, sign_tree, signature};
pub(crate) use verify::{claim, verify_tree};
pub use verify::{sha256, verify};
pub(crate) use watch::Watch;
