//! What an adapter is handed to reach an installation's devices for one row. It keeps none of it.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::ops::Range;

use tern_model::{CertificateId, ChfIdentifier, DeviceId};
use tern_wire::smki::DeviceKey;

use crate::{Keys, Plan, SiteAssociations};

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

/// Which devices are behind an installation's address, and by which key their answers are known.
#[derive(Debug, Clone, Copy)]
pub struct Premises<'a> {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its ESME.
    pub esme: DeviceId,
    /// Its GSME, where there is one.
    pub gsme: Option<DeviceId>,
    /// The key of the hub's DeviceCertificate; none where the file set has none.
    pub hub_key: Option<&'a DeviceKey>,
}

impl<'a> From<&'a Plan> for Premises<'a> {
    fn from(plan: &'a Plan) -> Premises<'a> {
        let gsme = plan.gsme.as_ref().map(|gsme| gsme.expected.device);
        Premises { chf: plan.chf, esme: plan.esme.device, gsme, hub_key: plan.hub_key.as_ref() }
    }
}

/// What the devices of an installation are spoken to with, for one order.
#[derive(Debug)]
pub struct Opening<'a> {
    /// Where their associations are.
    pub associations: SiteAssociations,
    /// Association keys.
    pub keys: &'a Keys,
    /// Invocation counters that nobody used before.
    pub invocations: Range<u32>,
    /// Transactions that nobody used before.
    pub transactions: Range<u64>,
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

impl<'a> Site<'a> {
    /// An installation, as this party reaches it by this way.
    pub fn of(
        premises: Premises<'a>,
        opening: Opening<'a>,
        identity: &'a dyn Identity,
        connect: &'a dyn Fn() -> io::Result<Box<dyn Transport>>,
    ) -> Site<'a> {
        let Premises { chf, esme, gsme, hub_key } = premises;
        let Opening { associations, keys, invocations, transactions } = opening;
        let transactions = transactions.into();
        Site { chf, esme, gsme, associations, keys, invocations, transactions, hub_key, identity, connect }
    }
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
