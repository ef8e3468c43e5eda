//! The six files of an estate, read row by row.
//!
//! A bad row is told, and every other row is kept; but an installation of which a row could not be used is set aside, for an
//! installation without its gas meter, say, would be another one. This module must never hold a file in memory.

use std::collections::HashSet;
use std::io::{self, Read};

use tern_model::DeviceModel;
use tern_model::estate::{DeviceRecord, EntryRecord, EventRecord, HopRecord, InstallationRecord, MeterRecord};
use tern_wire::facts_csv::{FactFile, Illegible, Record, RowFault, Rows};

use super::builder::{EstateBuilder, Spoiled};
use super::event::{Event, What};
use super::finding::{Finding, FindingKind, Findings};
use super::ids::ModelIx;
use super::sequence::Sequence;
use super::{Estate, place};

/// A file of an estate other than its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EstateFile {
    /// `installations.csv`.
    Installations,
    /// `devices.csv`.
    Devices,
    /// `meters.csv`.
    Meters,
    /// `entries.csv`.
    Entries,
    /// `upgrade_paths.csv`.
    UpgradePaths,
}

impl EstateFile {
    /// Every such file.
    pub const ALL: [EstateFile; 5] = [
        EstateFile::Installations,
        EstateFile::Devices,
        EstateFile::Meters,
        EstateFile::Entries,
        EstateFile::UpgradePaths,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.file().name
    }

    fn file(self) -> FactFile {
        match self {
            EstateFile::Installations => InstallationRecord::FILE,
            EstateFile::Devices => DeviceRecord::FILE,
            EstateFile::Meters => MeterRecord::FILE,
            EstateFile::Entries => EntryRecord::FILE,
            EstateFile::UpgradePaths => HopRecord::FILE,
        }
    }
}

/// The name of the file of events.
pub const EVENTS_FILE: &str = place::EVENTS;

impl EstateBuilder {
    /// Reads a file. False where it does not count as given, because of its header or a row that never ends: then no estate
    /// should be made.
    ///
    /// # Errors
    /// `source` cannot be read.
    pub fn read(&mut self, file: EstateFile, source: impl Read) -> io::Result<bool> {
        match file {
            EstateFile::Installations => self.take(source, EstateBuilder::installation),
            EstateFile::Devices => self.take(source, EstateBuilder::device),
            EstateFile::Meters => self.take(source, EstateBuilder::meter),
            EstateFile::Entries => self.take(source, EstateBuilder::entry),
            EstateFile::UpgradePaths => self.take(source, EstateBuilder::hop),
        }
    }

    fn take<R: Record>(&mut self, source: impl Read, add: fn(&mut EstateBuilder, &R)) -> io::Result<bool> {
        let mut rows = Rows::open(R::FILE, source)?;
        while let Some(row) = rows.next_record::<R>()? {
            match row {
                Ok(record) => add(self, &record),
                Err(Illegible { row, chf, device }) => {
                    self.spoiled.push(Spoiled { file: R::FILE.name, row, chf, device });
                }
            }
        }
        Ok(close(rows, R::FILE.name, &mut self.findings))
    }
}

impl Estate {
    /// Reads the events, finds what they speak of, and puts them in the order of their days. One that cannot be, after those
    /// before it, is told and left out. The second value is false where the file does not count as given.
    ///
    /// # Errors
    /// `source` cannot be read.
    pub fn read_events(&mut self, source: impl Read, findings: &mut Findings) -> io::Result<(Vec<Event>, bool)> {
        let mut rows = Rows::open(EventRecord::FILE, source)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next_record::<EventRecord>()? {
            let Ok(record) = row else { continue };
            match self.place(&record) {
                Ok(event) => events.push(event),
                Err(finding) if finding.kind == FindingKind::SetAside => findings.not_used(EVENTS_FILE),
                Err(finding) => findings.add(EVENTS_FILE, *finding),
            }
        }
        self.note_strange_firmware(&events, findings);
        let given = close(rows, EVENTS_FILE, findings);
        Ok((Sequence::of(self, findings).order(events), given))
    }

    /// Notes firmware that is recorded on a device and that neither the estate, whose models come first, nor another kind of
    /// event names: it may be news, and it may be mistyped.
    fn note_strange_firmware(&self, events: &[Event], findings: &mut Findings) {
        let named: HashSet<ModelIx> = events
            .iter()
            .flat_map(|event| match event.what {
                What::Path { from, to } => vec![from, to],
                What::OperabilityConfirmed { version, .. } => vec![version],
                _ => Vec::new(),
            })
            .collect();
        for event in events {
            let What::FirmwareDone { model, .. } = event.what else { continue };
            if model.at() < self.described_models || named.contains(&model) {
                continue;
            }
            let DeviceModel { manufacturer, model, firmware } = self.catalogue.model_text(model);
            findings.add_note(RowFault {
                file: EVENTS_FILE.to_owned(),
                row: u64::from(event.row),
                field: "firmware".to_owned(),
                reason: format!(
                    "no device, entry, path or other event knows firmware {firmware} of {manufacturer} {model}"
                ),
                suggestion: "correct it if it is mistyped; it was taken as it stands".to_owned(),
            });
        }
    }
}

/// Notes what was wrong with a file's rows, and says whether it counts as given.
fn close<S: Read>(rows: Rows<S>, file: &'static str, findings: &mut Findings) -> bool {
    let given = rows.given();
    for fault in rows.into_faults() {
        findings.add(file, Finding { kind: FindingKind::BadRow, set_aside: None, fault });
    }
    given
}
