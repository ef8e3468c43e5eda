//! The DCC's parties to a migration as trust domains (AC2): DSP, S1SP, DCO, Commissioning Party.
//!
//! Each has its own store, its own keys and its own view, in one process too. What one tells another is a signed file that
//! leaves by its outbox and arrives in the other's inbox, which drops what it has seen. No party opens another's store.

mod commissioning;
mod dco;
mod dsp;
pub mod history;
mod inbox;
pub mod inventory;
mod s1sp;
mod viability;

use std::sync::Arc;

use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{Digest, Role};
use tern_rules::Settings;
use tern_store::{OutboxEntry, Store};
use tern_wire::migration::{FileName, SignedFile};
use tern_wire::smki::{Signer, Trust};

pub use commissioning::CommissioningParty;
pub use dco::DcoParty;
pub use dsp::{Dsp, SetTaken};
pub use s1sp::S1sp;

use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::judging::Bench;
use crate::set_files::RawFile;

/// What every party has alike: public certificates, the DCC's records, the clock.
#[derive(Clone)]
pub struct Shared {
    /// Certificates.
    pub trust: Arc<Trust>,
    /// The DCC's records.
    pub facts: Arc<Facts>,
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
    /// The store failed; or another file came under the same name before.
    fn receive(&mut self, from: Role, file: &RawFile) -> Result<(), ServiceFault>;
}

/// Delivers what waits in outboxes until nothing does. A file counts as sent once its receiver holds it durably.
///
/// # Errors
/// A store failed, or a receiver refused a file; what waits is delivered by the next call.
pub fn deliver(parties: &mut [&mut dyn Party]) -> Result<(), ServiceFault> {
    loop {
        let mut moved = false;
        for from in 0..parties.len() {
            let role = parties[from].role();
            for (number, entry) in parties[from].store().unsent(64)? {
                let to = parties
                    .iter()
                    .position(|p| p.role().as_str() == entry.to)
                    .ok_or_else(|| ServiceFault::Body(format!("no party {} runs here", entry.to)))?;
                parties[to].receive(role, &RawFile { name: entry.message, bytes: entry.body })?;
                parties[from].store().commit(&tern_store::Batch { sent: vec![number], ..Default::default() })?;
                moved = true;
            }
        }
        if !moved {
            return Ok(());
        }
    }
}

/// Writes and signs a file, and gives it with its digest.
fn signed<T: SignedFile>(name: &FileName, message: &T, signer: &Signer) -> Result<(RawFile, Digest), ServiceFault> {
    let xml = tern_wire::dsig::sign(&tern_wire::schema::write(message), signer)
        .map_err(|e| ServiceFault::Crypto { what: "a signature", reason: e.to_string() })?;
    let bytes = xml.into_bytes();
    let digest = digest(&bytes);
    Ok((RawFile { name: name.to_string(), bytes }, digest))
}

fn digest(bytes: &[u8]) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.as_ref());
    Digest(digest)
}

fn to(role: Role, file: &RawFile, at: jiff::Timestamp) -> OutboxEntry {
    OutboxEntry { to: role.as_str().to_owned(), message: file.name.clone(), at, body: file.bytes.clone() }
}
