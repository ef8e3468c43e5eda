//! What an adapter is handed to reach an installation's devices for one row. It keeps none of it.

use std::io::{self, Read, Write};
use std::ops::Range;

use tern_model::{CertificateId, ChfIdentifier, DeviceId};

use crate::{Keys, SiteAssociations};

/// A connection to an installation, whose time limits are its own.
pub trait Transport: Read + Write {}

impl<T: Read + Write> Transport for T {}

/// Who asks: the S1SP, with what only it can do.
pub trait Identity: Sync {
    /// The party's EUI-64, by which devices know it.
    fn title(&self) -> [u8; 8];

    /// The party's ECDSA P-256 signature with SHA-256 over `bytes`, r then s; `None` where the signer fails.
    fn sign(&self, bytes: &[u8]) -> Option<[u8; 64]>;

    /// The party's own certificate (DER), for devices that may not know it yet.
    fn own_certificate(&self) -> Vec<u8>;

    /// A certificate of the directory as it is handed to devices (DER); `None` where the directory has none by that name.
    fn certificate(&self, id: &CertificateId) -> Option<Vec<u8>>;
}

/// An installation as an adapter reaches it.
pub struct Site<'a> {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its ESME.
    pub esme: DeviceId,
    /// Its GSME, where there is one.
    pub gsme: Option<DeviceId>,
    /// What its devices open to the DCC, and where.
    pub associations: SiteAssociations,
    /// Association keys, opened for this row.
    pub keys: &'a Keys,
    /// Invocation counters that nobody used before.
    pub invocations: Range<u32>,
    /// Who asks.
    pub identity: &'a dyn Identity,
    /// Connects to the installation's address.
    pub connect: &'a dyn Fn() -> io::Result<Box<dyn Transport>>,
}
