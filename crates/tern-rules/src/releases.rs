//! Days on which the DCC's systems changed, as data: behaviour follows them where no document version does.

use jiff::civil::{Date, date};

/// A change of the DCC's systems.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name in data files.
    pub key: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The first day on which systems behave so.
    pub day: Date,
    /// Whether that is our assumption (P).
    pub assumed: bool,
    /// Where it comes from.
    pub source: &'static str,
}

/// The system change of Uplift 1.2: Joins add a PPMID's keys. No source gives its day.
pub static UPLIFT_1_2_CHANGE: Release = Release {
    key: "system_change",
    title: "Uplift 1.2 system change",
    day: date(2020, 9, 25),
    assumed: true,
    source: "S000 section 7.1",
};

/// The maintenance release of November 2020. Its month is stated; its day is assumed.
pub static NOVEMBER_2020: Release = Release {
    key: "november_2020_release",
    title: "November 2020 maintenance release",
    day: date(2020, 11, 30),
    assumed: true,
    source: "S000 sections 7.2 and 7.4",
};

/// Every release.
pub static RELEASES: [&Release; 2] = [&UPLIFT_1_2_CHANGE, &NOVEMBER_2020];
