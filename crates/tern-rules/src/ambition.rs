//! What policy wants by a day. No rule judges by it; reports count against it.

use jiff::civil::{Date, date};

/// An ambition, with where it is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambition {
    /// The last day.
    pub by: Date,
    /// What is wanted.
    pub what: &'static str,
    /// Where it stands.
    pub source: &'static str,
}

/// Dormant Meters: BEIS's policy ambition.
pub static DORMANT_METERS: Ambition = Ambition {
    by: date(2020, 12, 31),
    what: "all dormant SMETS1 meters are enrolled by the end of 2020",
    source: "S002 section 2",
};
