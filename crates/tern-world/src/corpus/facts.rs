//! The DCC's records, in the order in which they are written.

use std::path::Path;

use jiff::civil::Date;
use tern_model::facts::{
    Authorisation, EpclEntry, Exclusion, ExclusionCategory, InventoryRecord, Notice, Registration, RollbackCertificate,
    SimRecord, SmsoConfiguration, SourceRow,
};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64};

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
        write_file(dir, "registration.csv", &REGISTRATION, &self.registration, |r| {
            vec![text(r.fuel), text(&r.mpxn), text(r.supplier), text(r.network_operator), text(r.effective_from)]
        })?;
        write_file(dir, "epcl.csv", &EPCL, &self.epcl, epcl_row)?;
        write_file(dir, "inventory.csv", &INVENTORY, &self.inventory, |r| {
            let by_set = r.by_set.map(text).unwrap_or_default();
            vec![text(r.device), text(r.kind), text(r.chf), r.status.clone(), by_set]
        })?;
        write_file(dir, "authorisations.csv", &AUTHORISATIONS, &self.authorisations, |r| {
            vec![r.reference.clone(), text(r.chf), text(r.supplier), text(r.from), text(r.until)]
        })?;
        write_file(dir, "notices.csv", &NOTICES, &self.notices, |r| {
            vec![text(r.chf), text(r.supplier), word(r.kind), text(r.issued), text(r.earliest), word(r.state)]
        })?;
        write_file(dir, "exclusions.csv", &EXCLUSIONS, &self.exclusions, |r| {
            vec![text(r.chf), word(r.category), text(r.from), r.evidence.clone()]
        })?;
        write_file(dir, "sims.csv", &SIMS, &self.sims, |r| vec![text(r.chf), r.imsi.clone(), r.apn.clone()])?;
        write_file(dir, "smso_configuration.csv", &SMSO_CONFIGURATION, &self.smso_configuration, |r| {
            vec![text(r.chf), text(r.smso), text(r.configured), r.tried.map(text).unwrap_or_default()]
        })?;
        write_file(dir, "rollback_certificates.csv", &ROLLBACK, &self.rollback_certificates, |r| {
            let (serial, issuer) = r.certificate.parts();
            let (from, until) = (text(r.from), text(r.until));
            vec![text(r.chf), text(r.device), text(serial), issuer.to_owned(), from, until, r.constraint.clone()]
        })
    }
}

const REGISTRATION: [&str; 5] = ["fuel", "mpxn", "supplier", "network_operator", "effective_from"];
const EPCL: [&str; 12] = [
    "chf_manufacturer",
    "chf_model",
    "chf_firmware",
    "esme_manufacturer",
    "esme_model",
    "esme_firmware",
    "gsme_manufacturer",
    "gsme_model",
    "gsme_firmware",
    "communications_provider",
    "state",
    "from",
];
const INVENTORY: [&str; 5] = ["device_id", "kind", "chf_identifier", "status", "by_set"];
const AUTHORISATIONS: [&str; 5] = ["reference", "chf_identifier", "supplier", "from", "until"];
const NOTICES: [&str; 6] = ["chf_identifier", "supplier", "kind", "issued", "earliest", "state"];
const EXCLUSIONS: [&str; 4] = ["chf_identifier", "category", "from", "evidence"];
const SIMS: [&str; 3] = ["chf_identifier", "imsi", "apn"];
const SMSO_CONFIGURATION: [&str; 4] = ["chf_identifier", "smso", "configured", "tried"];
const ROLLBACK: [&str; 7] =
    ["chf_identifier", "device_id", "serial_number", "issuer_name", "from", "until", "constraint"];

fn epcl_row(entry: &EpclEntry) -> Vec<String> {
    let combination = &entry.combination;
    let mut row = Vec::with_capacity(EPCL.len());
    for model in [Some(&combination.chf), Some(&combination.esme), combination.gsme.as_ref()] {
        match model {
            Some(model) => row.extend([model.manufacturer.clone(), model.model.clone(), model.firmware.clone()]),
            None => row.extend([const { String::new() }; 3]),
        }
    }
    row.extend([combination.communications_provider.clone(), word(entry.state), text(entry.from)]);
    row
}

fn text(value: impl std::fmt::Display) -> String {
    value.to_string()
}

/// The word by which a record's enumeration is serialised.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn write_file<R>(
    dir: &Path,
    name: &str,
    header: &[&str],
    records: &[R],
    row: impl Fn(&R) -> Vec<String>,
) -> Result<(), WorldError> {
    let path = dir.join(name);
    let unwritable = |error: csv::Error| WorldError::malformed(&path, 0, error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(unwritable)?;
    for record in records {
        writer.write_record(row(record)).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|error| WorldError::malformed(&path, 0, error.to_string()))?;
    files::write(&path, &bytes, Readers::Anyone)
}
