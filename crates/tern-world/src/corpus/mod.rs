//! The corpus: any number of invented installations from a seed, with planted defects and device faults.
//!
//! It writes what each party would have of its own: the SMSO's records, the DCC's facts, the devices' state; and beside them
//! what it planted where. It is written from the sources' clauses, not from the rulebook.

mod cast;
pub(crate) mod catalogue;
mod defects;
pub(crate) mod described;
mod events;
mod facts;
pub(crate) mod families;
mod keys;
mod pins;
mod planted;
mod site;
mod supply;

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use tern_model::facts::MeterEvent;
use tern_model::{CertificateId, ChfIdentifier, Eui64, GroupId, PartyId};
use tern_wire::smki::DeviceCertificate;
use tern_wire::smki::issuing::Issued;

use crate::WorldError;
use crate::devices::{Estate, FAULTS_FILE, Fault, HubKey, Installation, Known, World, write_faults};
use crate::dice;
use crate::smso::Records;

pub use defects::{Defect, PlantedAt};
pub use described::{Described, ESTATE_DIR, ToPlan};
pub use facts::FactRecords;
pub use planted::{PLANTED_FILE, Planted, PlantedKind, read_planted, write_planted};

/// A supplier that registration knows and no directory does: it was asked for its certificates and did not answer (PL11).
pub const SUPPLIER_WITHOUT_CERTIFICATE: PartyId = PartyId(Eui64(0x90B3_D51F_30FF_0001));

/// The directory of the SMSOs' records, one directory each.
pub const SMSO_DIR: &str = "smso";
/// The directory of the facts.
pub const FACTS_DIR: &str = "facts";
/// The directory of the simulated devices.
pub const WORLD_DIR: &str = "world";

/// An SMSO that operates a part of the installations.
#[derive(Debug, Clone)]
pub struct SmsoParty {
    /// Names its directory.
    pub name: String,
    /// Its EUI.
    pub party: PartyId,
    /// Its certificate: in charge of devices before migration, and again after a rollback (5.1(c)).
    pub certificate: CertificateId,
}

/// A hub's DeviceCertificate (FI12).
#[derive(Debug, Default)]
pub struct HubIdentity {
    /// The certificate (DER), which the SMSO's records hold.
    pub certificate: Vec<u8>,
    /// Its private key, which the hub alone holds; none: the hub signs nothing.
    pub key: Option<HubKey>,
}

impl From<Issued<DeviceCertificate>> for HubIdentity {
    fn from(issued: Issued<DeviceCertificate>) -> HubIdentity {
        let key = Some(HubKey::from_pem(issued.key_pem));
        HubIdentity { certificate: issued.certificate.der().to_vec(), key }
    }
}

/// Issues a hub's device certificate: given the hub and 16 bytes of chance for its serial number, answers it, or why not.
pub type DeviceCertificateIssuer<'a> = dyn FnMut(ChfIdentifier, [u8; 16]) -> Result<HubIdentity, String> + 'a;

/// What corpus is wanted.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// How many installations.
    pub installations: usize,
    /// The same seed and the same plan give the same bytes, but for what the issuer of device certificates answers.
    pub seed: u64,
    /// How many installations in 1,000 get a defect; one at least where it is not 0.
    pub defects_permille: usize,
    /// Which kinds, in rotation; of records and devices alone, and one at least. [`Defect::USUAL`] where nobody asks for others.
    pub defects: &'a [Defect],
    /// How many installations get a device fault.
    pub faults: usize,
    /// D, the planned migration day; every other day is counted from it.
    pub day: Date,
    /// Suppliers with certificates; two at least.
    pub suppliers: &'a [PartyId],
    /// Electricity distributors and gas transporters; one at least.
    pub network_operators: &'a [PartyId],
    /// The groups; one at least. Installations are spread over them in turn.
    pub groups: &'a [GroupId],
    /// The S1SP's certificate: in charge of devices of IOC and MOC from the first, whose SMSO it may be as well (AC2).
    pub s1sp: CertificateId,
    /// One at least; installations are spread over them in turn.
    pub smsos: &'a [SmsoParty],
    /// Whether they are still to be planned: then the records hold nothing that is brought about by carrying a plan out (no
    /// notices, no configuration by the SMSO), and the corpus has the six files of their estate.
    pub to_plan: Option<ToPlan>,
}

impl Plan<'_> {
    /// How many defects are planted.
    #[must_use]
    pub fn defects_planted(&self) -> usize {
        (self.installations * self.defects_permille).div_ceil(1000)
    }

    /// The group of an installation: its turn comes once every SMSO has had one of the group before.
    fn group_of(&self, index: usize) -> GroupId {
        self.groups[index / self.smsos.len() % self.groups.len()]
    }

    fn check(&self) -> Result<(), WorldError> {
        let problem = if self.installations > MOST_INSTALLATIONS {
            format!("{} installations; at most {MOST_INSTALLATIONS} have Device IDs", self.installations)
        } else if self.defects_planted() + self.faults > self.installations {
            format!("{} defects and {} faults need as many installations", self.defects_planted(), self.faults)
        } else if self.defects.is_empty() || !self.defects.iter().all(|defect| defect.planted_at().is_corpus()) {
            "a corpus holds defects of records and of devices, of one kind at least".to_owned()
        } else if self.suppliers.len() < 2 {
            "a change of supplier needs two suppliers".to_owned()
        } else if self.network_operators.is_empty() || self.smsos.is_empty() {
            "there must be a network operator and an SMSO".to_owned()
        } else if self.groups.is_empty() {
            "the installations must be of some group".to_owned()
        } else {
            return Ok(());
        };
        Err(WorldError::Plan { reason: problem })
    }
}

/// Device IDs number installations with 24 bits.
const MOST_INSTALLATIONS: usize = 1 << 24;

/// An invented population.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Each SMSO's name and records, in the order of the plan.
    pub smsos: Vec<(String, Records)>,
    /// What the DCC's records say.
    pub facts: FactRecords,
    /// What happens to meters around the day and after it.
    pub events: Vec<MeterEvent>,
    /// The devices as they are before migration.
    pub devices: Vec<Installation>,
    /// The authorities and parties that the devices know.
    pub known: Known,
    /// From what their meters' readings are computed.
    pub seed: u64,
    /// When their clocks were last right: the first moment of day D (UTC).
    pub beginning: Timestamp,
    /// The devices' fault script.
    pub faults: Vec<Fault>,
    /// What was planted where.
    pub planted: Vec<Planted>,
    /// The estate that is to be planned, where one was asked for.
    pub described: Option<Described>,
}

/// Invents a population.
///
/// # Errors
/// The plan cannot be met, or a device certificate cannot be issued.
pub fn generate(plan: &Plan<'_>, issue: &mut DeviceCertificateIssuer<'_>) -> Result<Corpus, WorldError> {
    plan.check()?;
    let beginning = plan.day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).unwrap_or_default();
    let mut corpus = Corpus { seed: plan.seed, beginning, ..Corpus::default() };
    corpus.smsos.extend(plan.smsos.iter().map(|smso| (smso.name.clone(), Records::default())));
    facts::background(plan.day, plan.groups, &mut corpus.facts);
    corpus.described = plan.to_plan.map(|_| Described::background(plan, &corpus.facts.epcl));
    for (index, part) in cast::cast(plan)?.into_iter().enumerate() {
        site::add(plan, index, part, issue, &mut corpus)?;
    }
    corpus.described.iter_mut().for_each(Described::sort);
    corpus.events = events::events(plan, &corpus);
    Ok(corpus)
}

impl Corpus {
    /// The devices as a world begins with them.
    #[must_use]
    pub fn estate(&self) -> Estate {
        let (known, installations) = (self.known.clone(), self.devices.clone());
        Estate { seed: self.seed, beginning: self.beginning, known, installations }
    }

    /// Writes `smso/<name>/`, `facts/`, `world/`, `planted.csv` and, where there is one, `estate/` into a directory. It must not
    /// hold a world already.
    ///
    /// # Errors
    /// The file system refuses, or there is a world.
    pub fn write(&self, dir: &Path) -> Result<(), WorldError> {
        let world = dir.join(WORLD_DIR);
        World::create(&world, &self.estate())?;
        write_faults(&world.join(FAULTS_FILE), &self.faults)?;
        for (name, records) in &self.smsos {
            records.write(&dir.join(SMSO_DIR).join(name))?;
        }
        self.facts.write(&dir.join(FACTS_DIR))?;
        events::write(&dir.join(FACTS_DIR), &self.events)?;
        if let Some(described) = &self.described {
            described.write(&dir.join(ESTATE_DIR))?;
        }
        write_planted(&dir.join(PLANTED_FILE), &self.planted)
    }
}

/// A day counted from another.
fn days_from(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}
