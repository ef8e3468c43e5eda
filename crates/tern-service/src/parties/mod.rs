//! The DCC's parties to a migration as trust domains (AC2): DSP, S1SP, DCO, Commissioning Party.
//!
//! Each has its own store, its own keys and its own view, in one process too. What one tells another is a signed file that
//! leaves by its outbox and arrives in the other's inbox, which drops what it has seen. No party opens another's store.

mod commissioning;
mod dco;
pub(crate) mod dsp;
pub(crate) mod earlier;
pub mod history;
pub(crate) mod inbox;
pub mod inventory;
pub(crate) mod of_set;
mod s1sp;
mod viability;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{Digest, Role};
use tern_rules::Settings;
use tern_store::{AuditEntry, Batch, OutboxEntry, Store};
use tern_wire::migration::{FileName, SignedFile, open};
use tern_wire::smki::{Signer, Trust, Usage};
use tern_wire::xml::Limits;
use tern_wire::{Verified, WireFault};

pub use commissioning::CommissioningParty;
pub use dco::DcoParty;
pub use dsp::{Dsp, SetTaken};
pub use s1sp::S1sp;

use crate::clock::Clock;
use crate::facts::{FactsIndex, subjects_of};
use crate::fault::ServiceFault;
use crate::judging::Bench;
use crate::set_files::{OpenedSet, RawFile};

/// What every party has alike: public certificates, the DCC's records, the clock.
#[derive(Clone)]
pub struct Shared {
    /// Certificates.
    pub trust: Arc<Trust>,
    /// The DCC's records.
    pub facts: Arc<FactsIndex>,
    /// What rules leave to configuration.
    pub settings: Arc<Settings>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Shared {
    /// A bench with these records on a day; the rule books of that same day.
    fn bench<'a>(&'a self, facts: &'a Facts, day: Date) -> Bench<'a> {
        Bench { trust: &self.trust, facts, settings: &self.settings, at: self.clock.now(), day, books_on: day }
    }

    /// What the records say of a set's installations.
    fn facts_of(&self, opened: &OpenedSet) -> Result<Facts, ServiceFault> {
        self.facts.slice(opened.installations().iter().flat_map(subjects_of))
    }
}

/// A party that takes files in.
pub trait Party {
    /// Its role.
    fn role(&self) -> Role;

    /// Its store.
    fn store(&mut self) -> &mut dyn Store;

    /// Takes a file in: durable when this returns. The same file again changes nothing.
    ///
    /// # Errors
    /// The store failed; the file cannot be believed; or another file came under the same name before.
    fn receive(&mut self, from: Role, file: &RawFile) -> Result<(), ServiceFault>;
}

/// Hands a file to a party. One that it cannot believe, or that comes under a name that another file has, is set aside with a
/// line in the party's audit: it stops no other.
///
/// # Errors
/// A store failed, or the party cannot sign its answer.
pub fn hand_over(party: &mut dyn Party, from: Role, file: &RawFile, at: Timestamp) -> Result<(), ServiceFault> {
    match party.receive(from, file) {
        Err(fault @ (ServiceFault::NotBelieved { .. } | ServiceFault::OtherBytes { .. })) => {
            let audit = AuditEntry {
                at,
                actor: party.role().to_string(),
                action: "file set aside".to_owned(),
                subject: file.name.clone(),
                evidence: fault.to_string(),
            };
            Ok(party.store().commit(&Batch { audit: vec![audit], ..Batch::default() })?)
        }
        other => other,
    }
}

/// Delivers what waits in outboxes until nothing does. A file counts as sent once its receiver holds it durably.
///
/// # Errors
/// As [`hand_over`]; what waits is delivered by the next call.
pub fn deliver(parties: &mut [&mut dyn Party], at: Timestamp) -> Result<(), ServiceFault> {
    loop {
        let mut moved = false;
        for from in 0..parties.len() {
            let role = parties[from].role();
            for (number, entry) in parties[from].store().unsent(64)? {
                let to = parties
                    .iter()
                    .position(|p| p.role().as_str() == entry.to)
                    .ok_or_else(|| ServiceFault::Body(format!("no party {} runs here", entry.to)))?;
                let bytes = inbox::bytes(&*parties[from].store(), entry.body)?;
                let file = RawFile { name: entry.message, bytes };
                hand_over(&mut *parties[to], role, &file, at)?;
                parties[from].store().commit(&Batch { sent: vec![number], ..Batch::default() })?;
                moved = true;
            }
        }
        if !moved {
            return Ok(());
        }
    }
}

impl Shared {
    /// Writes and signs a file, and gives it with its digest. Nobody believes a certificate that may not be used, so none
    /// signs under it: this is asked before anything is durable.
    fn signed<T: SignedFile>(
        &self,
        name: &FileName,
        message: &T,
        signer: &Signer,
    ) -> Result<(RawFile, Digest), ServiceFault> {
        let cannot = |reason: String| ServiceFault::Crypto { what: "a signature", reason };
        let id = signer.certificate().id();
        self.trust.check(id, self.clock.now(), Usage::Sign).map_err(|problem| cannot(problem.to_string()))?;
        let xml =
            tern_wire::dsig::sign(&tern_wire::schema::write(message), signer).map_err(|e| cannot(e.to_string()))?;
        let bytes = xml.into_bytes();
        let digest = digest(&bytes);
        Ok((RawFile { name: name.to_string(), bytes }, digest))
    }

    /// Opens a file from another party.
    fn believe<T: SignedFile>(&self, file: &RawFile) -> Result<Verified<T>, ServiceFault> {
        open(&file.name, &file.bytes, &self.trust, self.clock.now(), &Limits::default())
            .map_err(|faults| not_believed(file, &faults))
    }
}

/// A file that is set aside, with everything that is wrong with it.
fn not_believed(file: &RawFile, faults: &[WireFault]) -> ServiceFault {
    let why = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    ServiceFault::NotBelieved { name: file.name.clone(), why }
}

fn digest(bytes: &[u8]) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.as_ref());
    Digest(digest)
}

fn to(role: Role, file: &RawFile, at: Timestamp) -> OutboxEntry {
    OutboxEntry { to: role.as_str().to_owned(), message: file.name.clone(), at, body: file.bytes.clone().into() }
}
