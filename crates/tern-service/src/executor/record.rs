//! What the S1SP's store holds of an installation under one file set.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_cohorts::{Keys, Memory, Plan};
use tern_flow::{Arrow, EffectKind, Migration};
use tern_model::{CertificateId, ChfIdentifier, Secret, SecretBytes, SetId};
use tern_store::{Expect, JournalEntry, Put, Record, Seal, Sealed, StoreView, for_each_under};
use tern_wire::role_link::AssociationKeys;

use crate::fault::ServiceFault;

/// Kind of the store's records.
pub const KIND: &str = "migration";
/// Version of their bodies.
const VERSION: u16 = 1;

/// An installation's migration under one set, durable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallationRecord {
    /// From the verified file set.
    pub plan: Plan,
    /// The machine.
    pub migration: Migration,
    /// From earlier steps.
    pub memory: Memory,
    /// Association keys, sealed.
    pub keys: SealedKeys,
    /// What it is put under; fixed before anything is altered.
    pub dcc: Option<DccSide>,
    /// The lowest invocation counter that the S1SP has not given away yet; 0 in records of earlier releases.
    #[serde(default)]
    pub invocations: u32,
    /// When it was last written.
    pub updated: Timestamp,
}

/// An effect may use so many invocation counters; they are given away with its journal line.
const INVOCATIONS_A_BLOCK: u32 = 64;

/// The DCC's side of an installation: what its hub and meters are put under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DccSide {
    /// The DCC's APN.
    pub apn: String,
    /// The S1SP's certificate.
    pub certificate: CertificateId,
}

/// The keys of an installation under the S1SP's seal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SealedKeys {
    /// AuthenticationKey and EncryptionKey that the SMSO handed over.
    smso: Sealed,
    /// The S1SP's own.
    s1sp: Sealed,
    /// PrepaymentKey of ESME and GSME, for top-ups after commissioning.
    prepayment: Vec<Sealed>,
}

/// One line of an installation's story, as the journal keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JournalLine {
    /// The set.
    pub set: SetId,
    /// The transition that the machine took.
    pub arrow: Arrow,
    /// The row whose effect was answered, empty for none.
    pub row: String,
    /// The row whose effect comes next, empty for none.
    pub next: String,
    /// What is asked of it.
    pub asked: Option<EffectKind>,
    /// Code and reason, where something failed.
    pub failure: Option<String>,
}

/// The record's key: an installation's records stand together, one for each set.
#[must_use]
pub fn key_of(chf: ChfIdentifier, set: SetId) -> String {
    format!("{chf}/{set}")
}

impl SealedKeys {
    /// Seals the keys of an installation.
    ///
    /// # Errors
    /// The seal fails.
    pub fn seal(
        seal: &Seal,
        plan: &Plan,
        smso: &AssociationKeys,
        s1sp: &AssociationKeys,
        prepayment: &[Secret<16>],
    ) -> Result<SealedKeys, ServiceFault> {
        let pair = |whose: &str, keys: &AssociationKeys| {
            let both = SecretBytes::new([&keys.authentication.expose()[..], keys.encryption.expose()].concat());
            seal.seal(&context(plan, whose), both.expose())
        };
        let prepayment = prepayment
            .iter()
            .enumerate()
            .map(|(at, k)| seal.seal(&context(plan, &format!("prepayment/{at}")), k.expose()));
        Ok(SealedKeys {
            smso: pair("smso", smso)?,
            s1sp: pair("s1sp", s1sp)?,
            prepayment: prepayment.collect::<Result<_, _>>()?,
        })
    }

    /// Opens the association keys for one call.
    ///
    /// # Errors
    /// They were sealed by another key, or altered.
    pub fn open(&self, seal: &Seal, plan: &Plan) -> Result<Keys, ServiceFault> {
        let pair = |whose: &str, sealed: &Sealed| {
            let bytes = seal.open(&context(plan, whose), sealed)?;
            let (authentication, encryption) = bytes.expose().split_at_checked(16).ok_or(tern_store::SealBroken)?;
            Ok::<_, ServiceFault>(AssociationKeys {
                authentication: Secret::from_slice(authentication).ok_or(tern_store::SealBroken)?,
                encryption: Secret::from_slice(encryption).ok_or(tern_store::SealBroken)?,
            })
        };
        Ok(Keys { smso: pair("smso", &self.smso)?, s1sp: pair("s1sp", &self.s1sp)? })
    }
}

fn context(plan: &Plan, whose: &str) -> String {
    format!("{KIND}/{}/{whose}", key_of(plan.chf, plan.set))
}

impl InstallationRecord {
    /// Gives a block of invocation counters away: above all that were given away before, and above what the ESME had heard
    /// of its clients. `None` where there are no more; the record must be durable before the block is used.
    pub fn reserve_invocations(&mut self) -> Option<Range<u32>> {
        self.reserve_so_many(INVOCATIONS_A_BLOCK)
    }

    /// As [`InstallationRecord::reserve_invocations`], of another length.
    pub fn reserve_so_many(&mut self, count: u32) -> Option<Range<u32>> {
        let from = self.invocations.max(self.memory.counters.management.checked_add(1)?);
        let until = from.checked_add(count)?;
        self.invocations = until;
        Some(from..until)
    }

    /// The record's key.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(self.plan.chf, self.plan.set)
    }

    /// The change that stores it.
    ///
    /// # Errors
    /// The body cannot be written.
    pub fn put(&self, expect: Expect) -> Result<Put, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        Ok(Put { kind: KIND, key: self.key(), expect, version: VERSION, body })
    }

    /// Reads what [`InstallationRecord::put`] wrote.
    ///
    /// # Errors
    /// The body is of another version or damaged.
    pub fn read(record: &Record) -> Result<InstallationRecord, ServiceFault> {
        if record.version != VERSION {
            return Err(ServiceFault::Body(format!("migration record of version {}", record.version)));
        }
        serde_json::from_slice(&record.body).map_err(ServiceFault::body)
    }
}

/// The lowest invocation counter that was never given away for an installation, under whatever set: an ESME that comes again
/// in another one may come with the same keys.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn given_away(store: &dyn StoreView, chf: ChfIdentifier) -> Result<u32, ServiceFault> {
    let mut highest = 0;
    for_each_under(store, KIND, &format!("{chf}/"), |stored| {
        highest = highest.max(InstallationRecord::read(stored)?.invocations);
        Ok::<_, ServiceFault>(())
    })?;
    Ok(highest)
}

impl JournalLine {
    /// The journal entry of this line.
    ///
    /// # Errors
    /// The body cannot be written.
    pub fn entry(&self, chf: ChfIdentifier, at: Timestamp) -> Result<JournalEntry, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        Ok(JournalEntry { subject: chf.to_string(), at, version: VERSION, body })
    }

    /// Reads a line back.
    ///
    /// # Errors
    /// The body is of another version or damaged.
    pub fn read(entry: &JournalEntry) -> Result<JournalLine, ServiceFault> {
        if entry.version != VERSION {
            return Err(ServiceFault::Body(format!("journal line of version {}", entry.version)));
        }
        serde_json::from_slice(&entry.body).map_err(ServiceFault::body)
    }
}
