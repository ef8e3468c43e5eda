//! Names of files between DCC and suppliers, in the shape of the published samples.
//!
//! `MA_CGI_70-B3-D5-1F-30-00-A0-08_20190407_182503`: kind, SMSO, the supplier's EUI-64, date and time of the making.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use tern_model::{Malformed, PartyId};

/// An SMSO as names of files have it: 1 to 32 letters, digits and hyphens. Two that differ in case are one:
/// published samples have both.
#[derive(Debug, Clone)]
pub struct SmsoName(String);

impl SmsoName {
    /// The name of an SMSO, however it is written: what a name of a file cannot have is a hyphen there (P).
    #[must_use]
    pub fn of(words: &str) -> SmsoName {
        let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = words.trim().chars().map(fits).take(32).collect();
        SmsoName(if name.is_empty() { "-".to_owned() } else { name })
    }

    /// The name in one case, by which two are compared.
    fn folded(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

impl PartialEq for SmsoName {
    fn eq(&self, other: &SmsoName) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for SmsoName {}

impl PartialOrd for SmsoName {
    fn partial_cmp(&self, other: &SmsoName) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SmsoName {
    fn cmp(&self, other: &SmsoName) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl fmt::Display for SmsoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SmsoName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<SmsoName, Malformed> {
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let expected = "an SMSO's name of 1 to 32 letters, digits and hyphens";
        if fits { Ok(SmsoName(text.to_owned())) } else { Err(Malformed { expected }) }
    }
}

/// What a file between DCC and suppliers is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SupplierFileKind {
    /// Dormant Meter FW Upgrade Schedule Notification (4.29).
    FirmwareNotice,
    /// Dormant Meter Migration Schedule Notification (4.30).
    MigrationNotice,
    /// Migration Authorisation.
    Authorisation,
    /// A supplier's answer to the question for its certificates (PL11).
    Certificates,
}

impl SupplierFileKind {
    /// Every kind.
    pub const ALL: [SupplierFileKind; 4] = [
        SupplierFileKind::FirmwareNotice,
        SupplierFileKind::MigrationNotice,
        SupplierFileKind::Authorisation,
        SupplierFileKind::Certificates,
    ];

    /// What its names begin with: `MA` is published, the others are ours (P).
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            SupplierFileKind::FirmwareNotice => "DMFWUSN",
            SupplierFileKind::MigrationNotice => "DMMSN",
            SupplierFileKind::Authorisation => "MA",
            SupplierFileKind::Certificates => "SC",
        }
    }
}

/// The name of a file between DCC and suppliers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SupplierFileName {
    /// What it is.
    pub kind: SupplierFileKind,
    /// Of whose installations it speaks.
    pub smso: SmsoName,
    /// The supplier: recipient of a notice, sender of an authorisation.
    pub supplier: PartyId,
    /// When it was made, in Europe/London; whole seconds.
    pub made: DateTime,
}

impl fmt::Display for SupplierFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, time) = (self.made.date(), self.made.time());
        write!(f, "{}_{}_{}_", self.kind.prefix(), self.smso, self.supplier)?;
        write!(f, "{:04}{:02}{:02}_", day.year(), day.month(), day.day())?;
        write!(f, "{:02}{:02}{:02}.csv", time.hour(), time.minute(), time.second())
    }
}

impl FromStr for SupplierFileName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<SupplierFileName, Malformed> {
        let shape = Malformed { expected: "a name as MA_<SMSO>_<supplier EUI-64>_<YYYYMMDD>_<HHMMSS>.csv" };
        let has_ending = text.len() > 4 && text.is_char_boundary(text.len() - 4);
        let (stem, ending) = if has_ending { text.split_at(text.len() - 4) } else { (text, "") };
        let stem = if ending.eq_ignore_ascii_case(".csv") { stem } else { text };
        let parts: Vec<&str> = stem.split('_').collect();
        let [prefix, smso, supplier, day, time] = parts[..] else { return Err(shape) };
        if prefix == "MAPASSWORD" {
            let expected =
                "a Migration Authorisation itself, in the clear: encrypted ones, and their passwords, are not taken";
            return Err(Malformed { expected });
        }
        let kind = SupplierFileKind::ALL.into_iter().find(|kind| kind.prefix() == prefix).ok_or(shape.clone())?;
        let made = moment(day, time, shape)?;
        Ok(SupplierFileName { kind, smso: smso.parse()?, supplier: supplier.parse()?, made })
    }
}

/// `YYYYMMDD` and `HHMMSS`; what the name should have been where these are no digits.
pub(super) fn moment(day: &str, time: &str, shape: Malformed) -> Result<DateTime, Malformed> {
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(day, 8) || !digits(time, 6) {
        return Err(shape);
    }
    let two = |text: &str, at: usize| text[at..at + 2].parse::<i8>().ok();
    let read = || {
        let (month, of_month) = (two(day, 4)?, two(day, 6)?);
        let (hour, minute, second) = (two(time, 0)?, two(time, 2)?, two(time, 4)?);
        DateTime::new(day[..4].parse().ok()?, month, of_month, hour, minute, second, 0).ok()
    };
    read().ok_or(Malformed {
        expected: "a date in its name, YYYYMMDD, that the calendar has, and a time of the day, HHMMSS",
    })
}
