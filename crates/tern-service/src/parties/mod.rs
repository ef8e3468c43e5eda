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
mod required;
mod s1sp;
mod viability;
mod writing;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::Role;
use tern_model::facts::Facts;
use tern_rules::{Rulebook, Settings};
use tern_store::{AuditEntry, Batch, Body, OutboxEntry, Store};
use tern_wire::WireFault;
use tern_wire::migration::{CommonInstallation, SignedFile, UnderOverlay};
use tern_wire::schema::Text;
use tern_wire::smki::Trust;
use tern_wire::stream::{Entries, SignedStream, StreamFault};
use tern_wire::xml::Limits;

pub use commissioning::CommissioningParty;
pub use dco::DcoParty;
pub(crate) use dco::site_of;
pub use dsp::{Dsp, SetTaken};
pub use s1sp::S1sp;
pub(crate) use s1sp::tell_of_rest;

use crate::clock::Clock;
use crate::facts::{FactsIndex, subjects_of};
use crate::fault::ServiceFault;
use crate::judging::Bench;
use crate::set_files::{FileAt, unreadable};

/// What every party has alike: public certificates, the DCC's records, the clock.
#[derive(Clone)]
pub struct Shared {
    /// Certificates.
    pub trust: Arc<Trust>,
    /// The DCC's records.
    pub facts: Arc<FactsIndex>,
    /// What rules leave to configuration.
    pub settings: Arc<Settings>,
    /// The rules' days and numbers.
    pub rulebook: Arc<Rulebook>,
    /// The day that counts as today wherever a set is judged; none: today.
    pub as_of: Option<Date>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// So many installations of a set are judged at a time.
    pub at_once: usize,
}

impl Shared {
    fn renew(&mut self, trust: Arc<Trust>, facts: Arc<FactsIndex>) {
        (self.trust, self.facts) = (trust, facts);
    }

    /// What the DCC's records say of some installations.
    fn facts_of(&self, installations: &[CommonInstallation]) -> Result<Facts, ServiceFault> {
        self.facts.slice(installations.iter().flat_map(subjects_of))
    }

    /// The day as of which sets are judged: D, and that of the rule books.
    #[must_use]
    pub fn today(&self) -> Date {
        self.as_of.unwrap_or_else(|| self.clock.today())
    }

    /// What an audit line says of a judgement; under an overlay that says so.
    fn noted(&self, evidence: String) -> String {
        self.rulebook.overlay_name().map_or_else(|| evidence.clone(), |overlay| overlay.mark(&evidence))
    }

    /// What a signed file says of the overlay under which it is made.
    fn under_overlay(&self) -> Option<UnderOverlay> {
        let overlay = self.rulebook.overlay_name()?;
        Some(UnderOverlay { name: Text::shortened(&overlay.name), digest: overlay.digest })
    }

    /// A bench on a day; the rule books of that same day.
    fn bench(&self, day: Date) -> Bench<'_> {
        let (trust, settings, at_once) = (&*self.trust, &*self.settings, self.at_once);
        Bench { trust, settings, at: self.clock.now(), day, books: self.rulebook.on(day), at_once }
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
    fn receive(&mut self, from: Role, file: &FileAt) -> Result<(), ServiceFault>;

    /// What it has alike with the others.
    fn shared(&mut self) -> &mut Shared;

    /// Trusts and knows so from now on: certificates, revocation lists and records may have changed since it was opened.
    fn renew(&mut self, trust: Arc<Trust>, facts: Arc<FactsIndex>) {
        self.shared().renew(trust, facts);
    }
}

/// Hands a file to a party. One that it cannot believe, or that comes under a name that another file has, is set aside with a
/// line in the party's audit: it stops no other.
///
/// # Errors
/// A store failed, or the party cannot sign its answer.
pub fn hand_over(party: &mut dyn Party, from: Role, file: &FileAt, at: Timestamp) -> Result<(), ServiceFault> {
    match party.receive(from, file) {
        Err(
            fault @ (ServiceFault::NotBelieved { .. } | ServiceFault::OtherBytes { .. } | ServiceFault::Altered { .. }),
        ) => {
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

impl Shared {
    /// Verifies a file from another party: the very file that came.
    fn believe<T: SignedFile + Entries>(&self, came: &inbox::Received) -> Result<SignedStream<T>, ServiceFault> {
        let (file, altered) = (&came.file, || ServiceFault::Altered { name: came.file.name.clone() });
        let verified = SignedStream::verify(&file.name, &file.path, &self.trust, self.clock.now(), &Limits::STREAM);
        let verified = verified.map_err(|fault| match fault {
            StreamFault::Refused(faults) => not_believed(&file.name, &faults),
            StreamFault::Altered => altered(),
            StreamFault::Io(error) => unreadable(&file.path, &error),
        })?;
        if verified.digest() == came.digest { Ok(verified) } else { Err(altered()) }
    }
}

/// A file that is set aside, with everything that is wrong with it.
fn not_believed(name: &str, faults: &[WireFault]) -> ServiceFault {
    let why = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    ServiceFault::NotBelieved { name: name.to_owned(), why }
}

/// The message that carries a file to another party.
fn to(role: Role, name: &str, body: &Body, at: Timestamp) -> OutboxEntry {
    OutboxEntry { to: role.as_str().to_owned(), message: name.to_owned(), at, body: body.clone() }
}
