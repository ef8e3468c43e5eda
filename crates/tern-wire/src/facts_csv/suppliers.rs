//! The files that pass between DCC and Responsible Suppliers before a migration (PL1, PL3, PL5, PL11, PL13).
//!
//! Their names are published (`tern-plan` reads and makes them), their columns are not: those are
//! project-defined (P).

use std::collections::HashMap;
use std::io::{self, Read};

use tern_model::supplier_file::{
    AuthorisedInstallation, CertifiedInstallation, ConfirmedPlaces, DemandedPlaces, FirmwareNotice, MigrationNotice,
    NoticeGround, NoticedMeter, Places,
};

use super::cell::{Cell, Words};
use super::fault::RowFault;
use super::page::{FIRST_COUNTS, page};
use super::record::{About, Column, FactFile, Record, Subject, check, column, optional, restore};
use super::row::Row;
use super::rows::Rows;

/// The files, in the order of the reference page; each name stands for all that are shaped like it.
pub const SUPPLIER_FILES: [FactFile; 6] = [
    <FirmwareNotice as Record>::FILE,
    <MigrationNotice as Record>::FILE,
    <AuthorisedInstallation as Record>::FILE,
    <CertifiedInstallation as Record>::FILE,
    <DemandedPlaces as Record>::FILE,
    <ConfirmedPlaces as Record>::FILE,
];

/// What was read of one file.
#[derive(Debug, Clone)]
pub struct ReadFile<R> {
    /// The good rows, in order.
    pub records: Vec<R>,
    /// What is wrong with the others.
    pub faults: Vec<RowFault>,
    /// Whether the file counts as given: its header is in order, and every row could be told from the next.
    pub given: bool,
}

/// Reads a file that fits into memory, whole. Of two rows with the same key the first is taken.
///
/// # Errors
/// The source cannot be read.
pub fn read_records<R: Record>(source: impl Read) -> io::Result<ReadFile<R>> {
    let mut rows = Rows::open(R::FILE, source)?;
    let mut records = Vec::new();
    let mut kept: HashMap<(Subject, String), (u64, String)> = HashMap::new();
    while let Some(row) = rows.next_row()? {
        let key = (row.subject, row.rest);
        match kept.get(&key) {
            Some((first, cells)) => rows.came_before(row.number, &row.cells, *first, cells),
            None => {
                // A row that was just found good is restored as it was.
                records.extend(restore::<R>(row.number, &row.cells));
                kept.insert(key, (row.number, row.cells));
            }
        }
    }
    let given = rows.given();
    Ok(ReadFile { records, faults: rows.into_faults(), given })
}

/// What holds of their names.
const NAMES: &str = "\
- In a name `SMSO` stands for the SMSO's, 1 to 32 letters, digits and hyphens, the same in either case, and `EUI-64` for the
  supplier's; date and time are those of the making, in Europe/London. The ending may lack.
- In names of demand files `AAA123` is their reference, three letters and three digits; the answer to one has the same.
- A file `MAPASSWORD_…` goes with a Migration Authorisation that is encrypted: such ones are refused, by name.
";

/// The reference page: path from the repository's root, and text.
pub fn supplier_files_page() -> (String, String) {
    let text = page(
        "# Files between DCC and suppliers",
        "Notices to Responsible Suppliers, and what they send: Migration Authorisations, certificates, demand. The shape of the names \
         is that of published samples of Migration Authorisations and of demand files; that notices and answers about certificates \
         are named like the former, and all columns, are defined by this project (P). `tern plan notices` sends what goes out, \
         `tern estate take` takes in what comes.",
        &format!("{FIRST_COUNTS}{NAMES}"),
        &SUPPLIER_FILES,
    );
    ("docs/reference/supplier-files.md".to_owned(), text)
}

const CHF: Column = column("chf_identifier", "the hub's EUI-64");
const DEVICE: Column = column("device_id", "the meter's EUI-64");
const MPXN: Column = column("mpxn", "its MPAN or MPRN");
const GROUND: Column = column(
    "ground",
    "why the supplier is notified: `dormant`, `recently-dormant`, or `change-of-supplier` where it gains a meter of an \
     installation that others were notified of",
);
const WORKING_DAYS: Column =
    optional("working_days", "so many Working Days before the steps at least; empty for `change-of-supplier` alone");
const EARLIEST: Column = column("earliest", "the earliest day on which the steps may be taken, YYYY-MM-DD");

impl Record for FirmwareNotice {
    const FILE: FactFile = FactFile {
        name: "DMFWUSN_SMSO_EUI-64_YYYYMMDD_HHMMSS.csv",
        doc: "Dormant Meter FW Upgrade Schedule Notification: the meters of one Responsible Supplier at which steps of 4.26 are \
              planned (4.29).",
        columns: &[CHF, DEVICE, MPXN, GROUND, WORKING_DAYS, EARLIEST],
        key: &["chf_identifier", "device_id"],
        about: About::Hub,
        check: check::<FirmwareNotice>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        noticed(row).map(FirmwareNotice)
    }

    fn cells(&self) -> Vec<String> {
        noticed_cells(&self.0)
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.0.chf)
    }
}

impl Record for MigrationNotice {
    const FILE: FactFile = FactFile {
        name: "DMMSN_SMSO_EUI-64_YYYYMMDD_HHMMSS.csv",
        doc: "Dormant Meter Migration Schedule Notification: the meters of one Responsible Supplier of which the migration is \
              planned (4.30), with the question for its certificates (PL11).",
        columns: &[
            CHF,
            DEVICE,
            MPXN,
            GROUND,
            WORKING_DAYS,
            EARLIEST,
            optional(
                "certificates_by",
                "the last day for the supplier's certificates, YYYY-MM-DD; after it the meter goes with the Null Certificate ID; \
                 empty where none are asked for",
            ),
        ],
        key: &["chf_identifier", "device_id"],
        about: About::Hub,
        check: check::<MigrationNotice>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let noticed = noticed(row);
        let certificates_by = row.optional("certificates_by");
        row.in_order("certificates_by", "earliest");
        Some(MigrationNotice { noticed: noticed?, certificates_by: certificates_by? })
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = noticed_cells(&self.noticed);
        cells.push(self.certificates_by.map(|day| day.spell()).unwrap_or_default());
        cells
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.noticed.chf)
    }
}

impl Record for AuthorisedInstallation {
    const FILE: FactFile = FactFile {
        name: "MA_SMSO_EUI-64_YYYYMMDD_HHMMSS.csv",
        doc: "Migration Authorisation: the installations of one SMSO that a Responsible Supplier authorises to be migrated.",
        columns: &[
            column("reference", "the supplier's reference, 1 to 64 characters"),
            CHF,
            column("from", "first day, YYYY-MM-DD"),
            column("until", "last day, included, YYYY-MM-DD"),
        ],
        key: &["reference", "chf_identifier"],
        about: About::Hub,
        check: check::<AuthorisedInstallation>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (reference, chf) = (row.get::<Words<64>>("reference"), row.get("chf_identifier"));
        let (from, until) = (row.get("from"), row.get("until"));
        row.in_order("from", "until");
        let row = row.source();
        Some(AuthorisedInstallation { row, reference: reference?.0, chf: chf?, from: from?, until: until? })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.reference.clone(), self.chf.spell(), self.from.spell(), self.until.spell()]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Record for CertifiedInstallation {
    const FILE: FactFile = FactFile {
        name: "SC_SMSO_EUI-64_YYYYMMDD_HHMMSS.csv",
        doc: "Supplier certificates: the installations of one SMSO for which a Responsible Supplier gives its certificates, which are \
              those of the directory (PL11).",
        columns: &[CHF],
        key: &["chf_identifier"],
        about: About::Hub,
        check: check::<CertifiedInstallation>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let chf = row.get("chf_identifier");
        Some(CertifiedInstallation { row: row.source(), chf: chf? })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.chf.spell()]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

const PLACES: Column = column("places_a_day", "so many installations a day, 0 to 999999");

impl Record for DemandedPlaces {
    const FILE: FactFile = FactFile {
        name: "DR_AAA123_EUI-64_SMSO_YYYYMMDD.csv",
        doc: "Demand: how many of its installations of one SMSO a supplier wants migrated a day (PL13). What it wants of several SMSOs \
              counts together; a later file replaces what an earlier one of the same SMSO says of its first day and those after it.",
        columns: &[column("from", "the first day, YYYY-MM-DD; it holds until the next row's"), PLACES],
        key: &["from"],
        about: About::Whole,
        check: check::<DemandedPlaces>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        places(row, "from").map(DemandedPlaces)
    }

    fn cells(&self) -> Vec<String> {
        vec![self.0.day.spell(), self.0.places.to_string()]
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}

impl Record for ConfirmedPlaces {
    const FILE: FactFile = FactFile {
        name: "DC-AAA123_EUI-64_SMSO_YYYYMMDD.csv",
        doc: "The answer to a demand file: on which days the plan has places for the supplier's installations of the SMSO, and how many.",
        columns: &[column("day", "the day, YYYY-MM-DD"), PLACES],
        key: &["day"],
        about: About::Whole,
        check: check::<ConfirmedPlaces>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        places(row, "day").map(ConfirmedPlaces)
    }

    fn cells(&self) -> Vec<String> {
        vec![self.0.day.spell(), self.0.places.to_string()]
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}

fn places(row: &mut Row<'_>, day: &'static str) -> Option<Places> {
    let (day, places) = (row.get(day), row.get::<Count>("places_a_day"));
    Some(Places { row: row.source(), day: day?, places: places?.0 })
}

/// How many installations.
struct Count(u32);

impl Cell for Count {
    const EXPECTED: &'static str = "a whole number from 0 to 999999";

    fn parse(text: &str) -> Option<Self> {
        let fits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok().map(Count))?
    }

    fn spell(&self) -> String {
        self.0.to_string()
    }
}

fn noticed(row: &mut Row<'_>) -> Option<NoticedMeter> {
    let (chf, device, mpxn) = (row.get("chf_identifier"), row.get("device_id"), row.get("mpxn"));
    let (ground, earliest) = (row.get("ground"), row.get("earliest"));
    let working_days: Option<Option<WorkingDays>> = row.optional("working_days");
    let (ground, working_days) = (ground?, working_days?.map(|days| days.0));
    let gains = ground == NoticeGround::ChangeOfSupplier;
    if gains == working_days.is_some() {
        let reason = if gains { "a supplier that gains a meter has no such term" } else { "the cell is empty" };
        row.fault(
            "working_days",
            reason,
            "write a number for dormant and recently-dormant, nothing for change-of-supplier",
        );
    }
    let row = row.source();
    Some(NoticedMeter { row, chf: chf?, device: device?, mpxn: mpxn?, ground, working_days, earliest: earliest? })
}

fn noticed_cells(noticed: &NoticedMeter) -> Vec<String> {
    vec![
        noticed.chf.spell(),
        noticed.device.spell(),
        noticed.mpxn.spell(),
        noticed.ground.spell(),
        noticed.working_days.map(|days| days.to_string()).unwrap_or_default(),
        noticed.earliest.spell(),
    ]
}

impl Cell for NoticeGround {
    const EXPECTED: &'static str = "dormant, recently-dormant or change-of-supplier";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "dormant" => Some(NoticeGround::Dormant),
            "recently-dormant" => Some(NoticeGround::RecentlyDormant),
            "change-of-supplier" => Some(NoticeGround::ChangeOfSupplier),
            _ => None,
        }
    }

    fn spell(&self) -> String {
        match self {
            NoticeGround::Dormant => "dormant",
            NoticeGround::RecentlyDormant => "recently-dormant",
            NoticeGround::ChangeOfSupplier => "change-of-supplier",
        }
        .to_owned()
    }
}

/// A number of Working Days.
struct WorkingDays(u32);

impl Cell for WorkingDays {
    const EXPECTED: &'static str = "a number of Working Days from 0 to 999";

    fn parse(text: &str) -> Option<Self> {
        let fits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok().map(WorkingDays))?
    }

    fn spell(&self) -> String {
        self.0.to_string()
    }
}
