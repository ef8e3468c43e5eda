//! What the S1SP's store holds of an installation under one file set.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_cohorts::{Keys, Memory, Opening, Plan, SiteAssociations};
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
    /// The lowest transaction of signed requests that the S1SP has not given away yet; as the invocation counters.
    #[serde(default)]
    pub transactions: u64,
    /// When it was last written.
    pub updated: Timestamp,
}

/// Numbers that are given away for an effect, with its journal line: whatever comes of them, nobody uses them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Invocation counters of the S1SP at the ESME.
    pub invocations: Range<u32>,
    /// Transactions of what the S1SP signs for the hub and what is behind it.
    pub transactions: Range<u64>,
}

impl Numbers {
    /// None.
    pub(crate) const NONE: Numbers = Numbers { invocations: 0..0, transactions: 0..0 };

    /// These numbers, with the keys and associations that they are for.
    pub(crate) fn open(self, associations: SiteAssociations, keys: &Keys) -> Opening<'_> {
        Opening { associations, keys, invocations: self.invocations, transactions: self.transactions }
    }
}

/// An effect may use so many invocation counters.
const INVOCATIONS_A_BLOCK: u32 = 64;
/// An effect may use so many transactions.
const TRANSACTIONS_A_BLOCK: u64 = 16;
/// A hub that says, in clear, that it heard a transaction so far above all that the S1SP signed is not believed: at this rate
/// nobody on the line can use them up.
const TRANSACTIONS_JUMP_MAX: u64 = 1 << 32;

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
    /// Gives numbers away for an effect: above all that were given away before, and above what the devices had heard. `None`
    /// where there are no more; the record must be durable before they are used.
    pub fn reserve(&mut self) -> Option<Numbers> {
        let invocations = self.reserve_invocations(INVOCATIONS_A_BLOCK)?;
        Some(Numbers { invocations, transactions: self.reserve_transactions(TRANSACTIONS_A_BLOCK)? })
    }

    /// As [`InstallationRecord::reserve`]: so many invocation counters.
    pub fn reserve_invocations(&mut self, count: u32) -> Option<Range<u32>> {
        let first = self.invocations.max(self.memory.counters.management.checked_add(1)?);
        self.invocations = first.checked_add(count)?;
        Some(first..self.invocations)
    }

    /// As [`InstallationRecord::reserve`]: so many transactions.
    pub fn reserve_transactions(&mut self, count: u64) -> Option<Range<u64>> {
        let heard = self.memory.counters.transaction;
        let is_believed = heard <= self.transactions.saturating_add(TRANSACTIONS_JUMP_MAX);
        let above = if is_believed { heard.checked_add(1)? } else { 1 };
        let first = self.transactions.max(above);
        self.transactions = first.checked_add(count)?;
        Some(first..self.transactions)
    }

    /// Whether the devices have heard, as was found out since, what was given away here.
    pub(super) fn is_overtaken(&self, numbers: &Numbers) -> bool {
        let heard = &self.memory.counters;
        let is_believed = heard.transaction < numbers.transactions.end.saturating_add(TRANSACTIONS_JUMP_MAX);
        numbers.invocations.start <= heard.management || is_believed && numbers.transactions.start <= heard.transaction
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

/// Has a record count on from what was given away for its installation under whatever set: devices that come again in another
/// one may come with the same keys.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn count_on(store: &dyn StoreView, record: &mut InstallationRecord) -> Result<(), ServiceFault> {
    for_each_under(store, KIND, &format!("{}/", record.plan.chf), |stored| {
        let other = InstallationRecord::read(stored)?;
        record.invocations = record.invocations.max(other.invocations);
        record.transactions = record.transactions.max(other.transactions);
        Ok::<_, ServiceFault>(())
    })
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
