//! The fault script: which device fails how, where and how often. It decides nothing about the devices' own state.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use tern_model::{ChfIdentifier, Malformed};

use crate::WorldError;
use crate::files::{self, Readers};

/// How a device fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// The hub cannot be reached: every call is answered by the network with `NoWan`, and nothing happens.
    NoWan,
    /// The gas HAN fails (GT01) where the GSME is asked for.
    GasHanError,
    /// At B5.1 the hub names another CHF Device ID than it was migrated under, so that the inventory refuses it (DP01).
    InventoryRefusal,
    /// The row is obeyed and its answer never comes.
    LostAnswer,
    /// The row fails before it has any effect.
    Fail,
    /// The supply fails before the row has any effect, and is back after a minute.
    PowerCut,
    /// Each answer comes a second late.
    Slow,
    /// The device obeys, and what it answers is garbled on its way: nobody can believe it.
    WrongAnswer,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 8] = [
        FaultKind::NoWan,
        FaultKind::GasHanError,
        FaultKind::InventoryRefusal,
        FaultKind::LostAnswer,
        FaultKind::Fail,
        FaultKind::PowerCut,
        FaultKind::Slow,
        FaultKind::WrongAnswer,
    ];

    /// The name in the script.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::NoWan => "no-wan",
            FaultKind::GasHanError => "gas-han-error",
            FaultKind::InventoryRefusal => "inventory-refusal",
            FaultKind::LostAnswer => "lost-answer",
            FaultKind::Fail => "fail",
            FaultKind::PowerCut => "power-cut",
            FaultKind::Slow => "slow",
            FaultKind::WrongAnswer => "wrong-answer",
        }
    }
}

impl FromStr for FaultKind {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Malformed {
            expected: "a fault: no-wan, gas-han-error, inventory-refusal, lost-answer, fail, power-cut, slow or \
                       wrong-answer",
        })
    }
}

/// Which calls a fault strikes.
///
/// Written as the operation (`set-apn`), with a device where there are several (`import-certificate/esme`), with `@n` from
/// the n-th asking on (`set-apn@2`), or `*` for whatever is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRow(String);

impl FaultRow {
    /// Every call.
    pub const ANY: &'static str = "*";

    /// The row as the script writes it; empty means every call.
    #[must_use]
    pub fn new(text: &str) -> FaultRow {
        FaultRow(if text.is_empty() { Self::ANY.to_owned() } else { text.to_owned() })
    }

    /// As the script writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether whatever is asked is meant.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0 == Self::ANY
    }

    /// Whether every call of a kind of device is meant: `*`, or `*/esme`.
    #[must_use]
    pub fn is_any_of(&self, device: &str) -> bool {
        self.is_any() || self.0.strip_prefix(Self::ANY).and_then(|rest| rest.strip_prefix('/')) == Some(device)
    }

    /// Whether an operation on a kind of device (`chf`, `esme`, `gsme`, `ppmid`) is meant, when it is asked for the n-th time.
    #[must_use]
    pub fn is_operation(&self, operation: &str, device: &str, nth: u32) -> bool {
        let (name, from) = self.0.split_once('@').unwrap_or((&self.0, "1"));
        let (name, of) = name.split_once('/').unwrap_or((name, device));
        let counts = from.parse().is_ok_and(|from: u32| from <= nth);
        name == Self::ANY || (name == operation && of == device && counts)
    }
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So many times, then never again.
    Count(u32),
    /// Each time.
    Always,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Times::Count(count) => write!(f, "{count}"),
            Times::Always => f.write_str("always"),
        }
    }
}

impl FromStr for Times {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text == "always" {
            return Ok(Times::Always);
        }
        text.parse().map(Times::Count).map_err(|_| Malformed { expected: "a number of times, or `always`" })
    }
}

/// One line of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The installation.
    pub chf: ChfIdentifier,
    /// How it fails.
    pub kind: FaultKind,
    /// At which calls.
    pub row: FaultRow,
    /// How often.
    pub times: Times,
}

impl Fault {
    /// Whether it may strike once more.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.times != Times::Count(0)
    }

    /// Counts one strike.
    pub fn struck(&mut self) {
        if let Times::Count(left) = &mut self.times {
            *left = left.saturating_sub(1);
        }
    }
}

const HEADER: [&str; 4] = ["chf_identifier", "fault", "row", "times"];

/// Reads a script; one that is not there has no faults.
///
/// # Errors
/// The file cannot be read, or a row is no fault.
pub fn read_faults(path: &Path) -> Result<Vec<Fault>, WorldError> {
    let Some(bytes) = files::read_optional(path)? else { return Ok(Vec::new()) };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|error| WorldError::malformed(path, 1, error.to_string()))?;
    if !header.iter().eq(HEADER) {
        return Err(WorldError::malformed(path, 1, format!("expected the header {}", HEADER.join(","))));
    }
    let mut faults = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let fault = record.map_err(|error| error.to_string()).and_then(|record| fault(&record));
        faults.push(fault.map_err(|reason| WorldError::malformed(path, at + 2, reason))?);
    }
    Ok(faults)
}

fn fault(record: &csv::StringRecord) -> Result<Fault, String> {
    let field = |at: usize| record.get(at).unwrap_or_default();
    Ok(Fault {
        chf: field(0).parse().map_err(|error: Malformed| format!("chf_identifier: {error}"))?,
        kind: field(1).parse().map_err(|error: Malformed| format!("fault: {error}"))?,
        row: FaultRow::new(field(2)),
        times: field(3).parse().map_err(|error: Malformed| format!("times: {error}"))?,
    })
}

/// Writes a script.
///
/// # Errors
/// The file system refuses.
pub fn write_faults(path: &Path, faults: &[Fault]) -> Result<(), WorldError> {
    let mut text = HEADER.join(",");
    text.push('\n');
    for fault in faults {
        text.push_str(&format!("{},{},{},{}\n", fault.chf, fault.kind.as_str(), fault.row.as_str(), fault.times));
    }
    files::write(path, text.as_bytes(), Readers::Anyone)
}
