//! A step as data: one row of a cohort's tables, with its actor and its undo.

use serde::Serialize;
use tern_model::Grade;

/// Who carries a step out for the S1SP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A device of the installation, over the WAN.
    Device,
    /// The Dual Control Organisation.
    Dco,
    /// The DCC's data service: Smart Metering Inventory.
    Dsp,
}

/// Whether a step leaves something behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It only reads or compares: repeated when its answer is lost, never undone.
    Reads,
    /// It changes state elsewhere: probed when its answer is lost, undone when a later step fails.
    Alters(Altered),
}

impl Change {
    /// What it leaves behind, if it does.
    #[must_use]
    pub fn altered(self) -> Option<Altered> {
        match self {
            Change::Reads => None,
            Change::Alters(altered) => Some(altered),
        }
    }

    /// Whether it leaves something behind.
    #[must_use]
    pub fn alters(self) -> bool {
        self.altered().is_some()
    }
}

/// What a step alters, in people's words: an operator reads who holds what of an installation that is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Altered {
    /// Where it is.
    pub keeper: Keeper,
    /// What of it, for example `certificate`.
    pub thing: &'static str,
}

/// Where something that a step alters is, in the order in which people are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Keeper {
    /// The Communications Hub.
    #[serde(rename = "hub")]
    Hub,
    /// The electricity meter.
    #[serde(rename = "ESME")]
    Esme,
    /// The gas meter.
    #[serde(rename = "GSME")]
    Gsme,
    /// The DSP's Smart Metering Inventory.
    #[serde(rename = "inventory")]
    Inventory,
    /// The DCO.
    #[serde(rename = "DCO")]
    Dco,
}

impl Keeper {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Keeper::Hub => "hub",
            Keeper::Esme => "ESME",
            Keeper::Gsme => "GSME",
            Keeper::Inventory => "inventory",
            Keeper::Dco => "DCO",
        }
    }
}

/// For which installations a step is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// For every one.
    Always,
    /// Where a GSME goes along.
    WithGas,
}

/// What the failure of a step means for the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It is rolled back.
    RollBack,
    /// Where the failure bears this code, the electricity side goes on alone (CH9); any other failure rolls back.
    LeaveGas {
        /// For example `GT01`.
        code: &'static str,
    },
}

/// One row of a cohort's tables.
///
/// The machines are handed a list of these: step order is data, and no machine knows what a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The row's name, for example `B6.1`; part of every effect's key.
    pub row: &'static str,
    /// The code under which its failure is reported, for example `B6` or `DP01`.
    pub code: &'static str,
    /// Who carries it out.
    pub lane: Lane,
    /// Whether it leaves something behind.
    pub change: Change,
    /// For which installations it is wanted.
    pub wanted: Wanted,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// How firmly the sources support the row.
    pub grade: Grade,
    /// What it does, one sentence for people.
    pub text: &'static str,
}
