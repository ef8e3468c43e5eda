//! The DCC's records, in the order in which they are written.

use std::path::Path;

use jiff::civil::Date;
use tern_model::facts::{
    Authorisation, EpclEntry, Exclusion, ExclusionCategory, InstallingSupplier, InventoryRecord, Notice, Registration,
    RollbackCertificate, SimRecord, SmsoConfiguration, SourceRow,
};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, GroupId};
use tern_wire::facts_csv::{self, Record};

use super::{catalogue, days_from};
use crate::WorldError;
use crate::files::{self, Readers};

/// All ten kinds of record.
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
    /// `installing_suppliers.csv`.
    pub installing_suppliers: Vec<InstallingSupplier>,
}

/// The records that speak of no installation of the corpus: the EPCL, and a few installations that were migrated or
/// excluded before.
pub(super) fn background(day: Date, groups: &[GroupId], facts: &mut FactRecords) {
    facts.epcl = catalogue::epcl(day, groups);
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

/// Calls a macro with every list.
macro_rules! each_list {
    ($do:ident) => {
        $do!(
            registration,
            epcl,
            inventory,
            authorisations,
            notices,
            exclusions,
            sims,
            smso_configuration,
            rollback_certificates,
            installing_suppliers
        )
    };
}

impl FactRecords {
    /// How many records there are of each kind.
    pub(super) fn counts(&self) -> [usize; 10] {
        macro_rules! counts {
            ($($list:ident),+) => { [$(self.$list.len()),+] };
        }
        each_list!(counts)
    }

    /// Takes out what was added since.
    pub(super) fn since(&mut self, counts: [usize; 10]) -> FactRecords {
        let mut counts = counts.into_iter();
        macro_rules! split {
            ($($list:ident),+) => {
                FactRecords { $($list: self.$list.split_off(counts.next().unwrap_or(0))),+ }
            };
        }
        each_list!(split)
    }

    /// Adds records behind these.
    pub(super) fn append(&mut self, mut more: FactRecords) {
        macro_rules! append {
            ($($list:ident),+) => { $(self.$list.append(&mut more.$list);)+ };
        }
        each_list!(append);
    }

    /// Writes the ten files.
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
        write_file(dir, &self.rollback_certificates)?;
        write_file(dir, &self.installing_suppliers)
    }
}

fn write_file<R: Record>(dir: &Path, records: &[R]) -> Result<(), WorldError> {
    files::write(&dir.join(R::FILE.name), facts_csv::write(records).as_bytes(), Readers::Anyone)
}
