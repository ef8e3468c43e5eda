//! What an adapter is handed to reach an installation's devices for one row. It keeps none of it.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::ops::Range;

use tern_model::{CertificateId, ChfIdentifier, DeviceId};
use tern_wire::smki::DeviceKey;

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
    /// Transactions that nobody used before, for what is signed.
    pub transactions: Transactions,
    /// The key of the hub's DeviceCertificate (FI12), by which it signs what it and the devices behind it answer. None where
    /// the file set has none: then answers come in clear, and are believed as they come.
    pub hub_key: Option<&'a DeviceKey>,
    /// Who asks.
    pub identity: &'a dyn Identity,
    /// Connects to the installation's address.
    pub connect: &'a dyn Fn() -> io::Result<Box<dyn Transport>>,
}

/// Transactions of signed requests, each given out once.
#[derive(Debug)]
pub struct Transactions {
    next: Cell<u64>,
    end: u64,
}

impl Transactions {
    /// The next one; none where all are given out.
    pub fn take(&self) -> Option<u64> {
        let next = self.next.get();
        if next >= self.end {
            return None;
        }
        self.next.set(next + 1);
        Some(next)
    }
}

impl From<Range<u64>> for Transactions {
    fn from(numbers: Range<u64>) -> Transactions {
        Transactions { next: Cell::new(numbers.start), end: numbers.end }
    }
}
