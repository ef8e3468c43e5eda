//! The DCC's records, in the order in which they are written.

use std::path::Path;

use jiff::civil::Date;
use tern_model::facts::{
    Authorisation, EpclEntry, Exclusion, ExclusionCategory, InventoryRecord, Notice, Registration, RollbackCertificate,
    SimRecord, SmsoConfiguration, SourceRow,
};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64};
use tern_wire::facts_csv::{self, Record};

use super::{catalogue, days_from};
use crate::WorldError;
use crate::files::{self, Readers};

/// All nine kinds of record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactRecords {
    /// `registration.csv`.
    pub registration: Vec<Registration>,
    /// `epcl.csv`.
    pub epcl: Vec<EpclEntry>,
    /// `inventory.csv`.
    pub inventory: Vec<InventoryRecord>,
    /// `authorisations.csv`.
    pub authorisations: Vec<Authorisation>,
    /// `notices.csv`.
    pub notices: Vec<Notice>,
    /// `exclusions.csv`.
    pub exclusions: Vec<Exclusion>,
    /// `sims.csv`.
    pub sims: Vec<SimRecord>,
    /// `smso_configuration.csv`.
    pub smso_configuration: Vec<SmsoConfiguration>,
    /// `rollback_certificates.csv`.
    pub rollback_certificates: Vec<RollbackCertificate>,
}

/// The records that speak of no installation of the corpus: the EPCL, and a few installations that were migrated or
/// excluded before.
pub(super) fn background(day: Date, facts: &mut FactRecords) {
    facts.epcl = catalogue::epcl(day);
    for number in 0..3u64 {
        let chf = ChfIdentifier(Eui64(0x00DB_1100_0000_0000 + number * 16));
        for (slot, kind) in (0..).zip([DeviceKind::Chf, DeviceKind::Gpf, DeviceKind::Esme]) {
            facts.inventory.push(InventoryRecord {
                row: SourceRow::default(),
                device: DeviceId(Eui64(chf.0.0 + slot)),
                kind,
                chf,
                status: "Commissioned".to_owned(),
                by_set: None,
            });
        }
        facts.exclusions.push(Exclusion {
            row: SourceRow::default(),
            chf: ChfIdentifier(Eui64(chf.0.0 + 0x1000)),
            category: ExclusionCategory::NoWanBeforeMigration,
            from: days_from(day, -90),
            evidence: "site visit: no signal in the meter cupboard".to_owned(),
        });
    }
}

impl FactRecords {
    /// Writes the nine files.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn write(&self, dir: &Path) -> Result<(), WorldError> {
        write_file(dir, &self.registration)?;
        write_file(dir, &self.epcl)?;
        write_file(dir, &self.inventory)?;
        write_file(dir, &self.authorisations)?;
        write_file(dir, &self.notices)?;
        write_file(dir, &self.exclusions)?;
        write_file(dir, &self.sims)?;
        write_file(dir, &self.smso_configuration)?;
        write_file(dir, &self.rollback_certificates)
    }
}

fn write_file<R: Record>(dir: &Path, records: &[R]) -> Result<(), WorldError> {
    files::write(&dir.join(R::FILE.name), facts_csv::write(records).as_bytes(), Readers::Anyone)
}
