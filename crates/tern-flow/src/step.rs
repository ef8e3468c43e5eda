//! A step as data: one row of a cohort's tables, with its actor and its undo.

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
    Alters,
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
