//! Notices to Responsible Suppliers, one file for each supplier, SMSO and kind (PL1, PL3, PL11).

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, DateTime};
use tern_model::PartyId;
use tern_model::facts::NoticeKind;
use tern_model::supplier_file::{FirmwareNotice, MigrationNotice, NoticedMeter};
use tern_model::working_day::{self, BeyondTable};
use tern_wire::facts_csv;

use super::name::{SmsoName, SupplierFileKind, SupplierFileName};

/// A meter of which its Responsible Supplier is to be notified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The SMSO of the installation.
    pub smso: SmsoName,
    /// The recipient.
    pub to: PartyId,
    /// What is announced.
    pub kind: NoticeKind,
    /// Of which meter.
    pub meter: NoticedMeter,
    /// The last day for the recipient's certificates; none where they are not asked for, as with
    /// [`NoticeKind::Configuration`].
    pub certificates_by: Option<Date>,
}

/// Why a notice is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnnounced {
    /// The steps would come too early after it.
    TooLate {
        /// The earliest day of steps that may be announced on the day of the notice.
        earliest: Date,
    },
    /// The certificates are asked for until a day before the notice, or after the earliest day of the steps, or
    /// of steps that need none.
    CertificatesBy,
    /// Nobody knows whether a day is a Working Day: FACTS MISSING.
    FactsMissing(BeyondTable),
}

impl fmt::Display for NotAnnounced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotAnnounced::TooLate { earliest } => {
                write!(
                    f,
                    "the notice would be too late: steps that are announced on that day come on {earliest} at the earliest"
                )
            }
            NotAnnounced::CertificatesBy => {
                f.write_str("certificates are asked for with a notice of migration, by a day between it and the steps")
            }
            NotAnnounced::FactsMissing(beyond) => write!(f, "FACTS MISSING: {beyond}"),
        }
    }
}

impl std::error::Error for NotAnnounced {}

impl From<BeyondTable> for NotAnnounced {
    fn from(beyond: BeyondTable) -> NotAnnounced {
        NotAnnounced::FactsMissing(beyond)
    }
}

/// A file to be sent to a supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierFile {
    /// Its name.
    pub name: SupplierFileName,
    /// How many rows it has.
    pub rows: usize,
    /// What stands in it.
    pub text: String,
}

/// The notices of one day, on their way to be files.
#[derive(Debug, Clone)]
pub struct Outgoing {
    made: DateTime,
    firmware: BTreeMap<(SmsoName, PartyId), Vec<FirmwareNotice>>,
    migration: BTreeMap<(SmsoName, PartyId), Vec<MigrationNotice>>,
}

impl Outgoing {
    /// Notices of a moment in Europe/London; its day is the day of notice.
    #[must_use]
    pub fn of(made: DateTime) -> Outgoing {
        Outgoing { made, firmware: BTreeMap::new(), migration: BTreeMap::new() }
    }

    /// Takes a meter in.
    ///
    /// # Errors
    /// The notice would break 4.29 or 4.30, or nobody can say whether it would: nothing is taken in.
    pub fn announce(&mut self, one: Announcement) -> Result<(), NotAnnounced> {
        let notice = self.made.date();
        let earliest = working_day::after(notice, one.meter.working_days.unwrap_or(0))?;
        if one.meter.earliest < earliest {
            return Err(NotAnnounced::TooLate { earliest });
        }
        let asked_in_time = |by| (notice..=one.meter.earliest).contains(&by);
        let to = (one.smso, one.to);
        match (one.kind, one.certificates_by) {
            (NoticeKind::Configuration, None) => self.firmware.entry(to).or_default().push(FirmwareNotice(one.meter)),
            (NoticeKind::Migration, by) if by.is_none_or(asked_in_time) => {
                let row = MigrationNotice { noticed: one.meter, certificates_by: by };
                self.migration.entry(to).or_default().push(row);
            }
            _ => return Err(NotAnnounced::CertificatesBy),
        }
        Ok(())
    }

    /// The files, by kind, SMSO and supplier; rows by installation and meter, so that the same notices give the
    /// same bytes.
    #[must_use]
    pub fn into_files(self) -> Vec<SupplierFile> {
        let made = self.made;
        let name = |kind, (smso, supplier)| SupplierFileName { kind, smso, supplier, made };
        let firmware = self.firmware.into_iter().map(|(to, mut rows)| {
            rows.sort_by_key(|row| (row.0.chf, row.0.device));
            SupplierFile {
                name: name(SupplierFileKind::FirmwareNotice, to),
                rows: rows.len(),
                text: facts_csv::write(&rows),
            }
        });
        let migration = self.migration.into_iter().map(|(to, mut rows)| {
            rows.sort_by_key(|row| (row.noticed.chf, row.noticed.device));
            SupplierFile {
                name: name(SupplierFileKind::MigrationNotice, to),
                rows: rows.len(),
                text: facts_csv::write(&rows),
            }
        });
        firmware.chain(migration).collect()
    }
}
