//! What was planted where, and what must come of it: `planted.csv`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, GroupId, Malformed, OutcomeKind};

use super::Defect;
use crate::WorldError;
use crate::devices::FaultKind;
use crate::files::{self, Readers};

/// The name of the file.
pub const PLANTED_FILE: &str = "planted.csv";

/// What was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlantedKind {
    /// In records or keys, or in the devices.
    Defect(Defect),
    /// In the fault script of the devices.
    Fault(FaultKind),
}

impl PlantedKind {
    /// The device faults that a corpus plants, in rotation.
    pub const FAULTS: [FaultKind; 4] =
        [FaultKind::NoWan, FaultKind::GasHanError, FaultKind::InventoryRefusal, FaultKind::LostAnswer];

    /// The name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PlantedKind::Defect(defect) => defect.as_str(),
            PlantedKind::Fault(fault) => fault.as_str(),
        }
    }

    /// The clause or code that must come of it in a group; empty where nothing shows.
    #[must_use]
    pub fn code(self, group: GroupId) -> &'static str {
        let foc = group.is_foc();
        match self {
            PlantedKind::Defect(defect) => {
                defect.codes_in(group).and_then(|codes| codes.first().copied()).unwrap_or_default()
            }
            PlantedKind::Fault(FaultKind::NoWan) if foc => "15.2",
            PlantedKind::Fault(FaultKind::NoWan) => "P-wan",
            PlantedKind::Fault(FaultKind::GasHanError) => "GT01",
            PlantedKind::Fault(FaultKind::InventoryRefusal) => "DP01",
            PlantedKind::Fault(
                FaultKind::LostAnswer
                | FaultKind::Fail
                | FaultKind::PowerCut
                | FaultKind::Slow
                | FaultKind::WrongAnswer,
            ) => "",
        }
    }

    /// How its installation must end.
    #[must_use]
    pub fn outcome(self) -> OutcomeKind {
        match self {
            PlantedKind::Defect(defect) => defect.outcome(),
            PlantedKind::Fault(
                FaultKind::GasHanError | FaultKind::LostAnswer | FaultKind::PowerCut | FaultKind::Slow,
            ) => OutcomeKind::Commissioned,
            PlantedKind::Fault(
                FaultKind::NoWan | FaultKind::InventoryRefusal | FaultKind::Fail | FaultKind::WrongAnswer,
            ) => OutcomeKind::RolledBack,
        }
    }
}

impl fmt::Display for PlantedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PlantedKind {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let defect = Defect::ALL.iter().copied().find(|defect| defect.as_str() == text).map(PlantedKind::Defect);
        let fault = || text.parse().ok().map(PlantedKind::Fault);
        defect.or_else(fault).ok_or(Malformed { expected: "the name of a planted defect or device fault" })
    }
}

/// One line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its group.
    pub group: GroupId,
    /// What was planted.
    pub kind: PlantedKind,
}

impl Planted {
    /// The clause or code that must come of it; empty where nothing shows.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code(self.group)
    }
}

#[derive(Serialize, Deserialize)]
struct PlantedRow {
    chf_identifier: ChfIdentifier,
    group_id: GroupId,
    kind: String,
    expected_outcome: OutcomeKind,
    expected_code: String,
}

/// Writes `planted.csv`.
///
/// # Errors
/// The file system refuses.
pub fn write_planted(path: &Path, planted: &[Planted]) -> Result<(), WorldError> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let unwritable = |error: csv::Error| WorldError::malformed(path, 0, error.to_string());
    writer
        .write_record(["chf_identifier", "group_id", "kind", "expected_outcome", "expected_code"])
        .map_err(unwritable)?;
    for one in planted {
        let row = PlantedRow {
            chf_identifier: one.chf,
            group_id: one.group,
            kind: one.kind.as_str().to_owned(),
            expected_outcome: one.kind.outcome(),
            expected_code: one.code().to_owned(),
        };
        writer.serialize(row).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|error| WorldError::malformed(path, 0, error.to_string()))?;
    files::write(path, &bytes, Readers::Anyone)
}

/// Reads `planted.csv`. Expected outcome and code follow from group and kind: the columns are for people.
///
/// # Errors
/// The file cannot be read or is not what [`write_planted`] writes.
pub fn read_planted(path: &Path) -> Result<Vec<Planted>, WorldError> {
    let bytes = std::fs::read(path).map_err(WorldError::io(path))?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let rows = reader.deserialize::<PlantedRow>().zip(2..);
    rows.map(|(row, line)| {
        let row = row.map_err(|error| WorldError::malformed(path, line, error.to_string()))?;
        let kind = row.kind.parse().map_err(|error: Malformed| WorldError::malformed(path, line, error.to_string()))?;
        Ok(Planted { chf: row.chf_identifier, group: row.group_id, kind })
    })
    .collect()
}
