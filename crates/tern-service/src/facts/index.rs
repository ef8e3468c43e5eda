//! Fact records behind an index on disk: read once, row by row, and handed out for a run of installations at a time.
//!
//! It must never keep in memory what grows with the rows: only the EPCL, which is asked whole, and the reported faults,
//! which are capped, stay there.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use tern_model::facts::{Facts, InstallingSupplier, InventoryRecord, RollbackCertificate};
use tern_model::{ChfIdentifier, DeviceId, Fuel, Mpxn};
use tern_rules::WatchedMeter;
use tern_store::{Filling, Scratch, ScratchRow, StoreFault};
use tern_wire::facts_csv::{self, FILES, Record, Rows, Subject};
use tern_wire::migration::CommonInstallation;

use super::{Loaded, Stamp};
use crate::fault::ServiceFault;

/// The DCC's records of one snapshot, on disk.
///
/// It lies in a temporary file of SQLite's own ([`Scratch`]); it can be shared between threads, which look things up one at
/// a time.
#[derive(Debug)]
pub struct FactsIndex {
    rows: Scratch,
    /// What every slice has alike: the EPCL, and which files were given.
    whole: Facts,
    /// The files as they were when they began to be read.
    stamp: Stamp,
}

impl FactsIndex {
    /// As [`super::load`].
    pub(super) fn read(dir: &Path) -> Result<Loaded, ServiceFault> {
        let fault = |path: &Path, e: &std::io::Error| ServiceFault::file("read the fact records", path, e);
        std::fs::read_dir(dir).map_err(|e| fault(dir, &e))?;
        let mut index = FactsIndex { rows: Scratch::new()?, whole: Facts::default(), stamp: Stamp::of(dir) };
        let mut faults = Vec::new();
        let mut filling = index.rows.fill()?;
        for (kind, file) in (0..).zip(FILES) {
            let path = dir.join(file.name);
            let source = match File::open(&path) {
                Ok(source) => source,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(fault(&path, &e)),
            };
            let mut rows = Rows::open(file, source).map_err(|e| fault(&path, &e))?;
            put_all(&mut filling, kind, &mut rows, |e| fault(&path, &e))?;
            if rows.given() {
                index.whole.mark_given(file.name);
            }
            faults.extend(rows.into_faults());
        }
        filling.finish()?;
        let mut whole = std::mem::take(&mut index.whole);
        index.add_rows(&Subject::Whole, &mut whole)?;
        index.whole = whole;
        Ok(Loaded { facts: index, faults })
    }

    /// The files as they were when they began to be read.
    pub(crate) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// All that the records say of these subjects, each looked up once however often it comes: what rules may ask of the
    /// installations whose subjects they are ([`subjects_of`]). The caller adds what it knows besides, such as devices that
    /// migrations put into the inventory.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn slice(&self, wanted: impl IntoIterator<Item = Subject>) -> Result<Facts, ServiceFault> {
        let mut facts = self.whole.clone();
        let mut seen = HashSet::new();
        for subject in wanted {
            if subject != Subject::Whole && seen.insert(subject.clone()) {
                self.add_rows(&subject, &mut facts)?;
            }
        }
        Ok(facts)
    }

    /// The certificates that restore an installation's communication with the SMSO (5.1(c)).
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn rollback_certificates(&self, chf: ChfIdentifier) -> Result<Vec<RollbackCertificate>, ServiceFault> {
        self.records(&Subject::Hub(chf))
    }

    /// What inventory.csv says of a device.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn inventory(&self, device: DeviceId) -> Result<Option<InventoryRecord>, ServiceFault> {
        Ok(self.records(&Subject::Device(device))?.pop())
    }

    /// Who installed a gas meter (3.25).
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn installing_supplier(&self, gsme: DeviceId) -> Result<Option<InstallingSupplier>, ServiceFault> {
        Ok(self.records(&Subject::Device(gsme))?.pop())
    }

    /// The records of one kind about a subject.
    fn records<R: Record>(&self, subject: &Subject) -> Result<Vec<R>, ServiceFault> {
        let rows = self.rows.rows_of(subject.number())?;
        let own = |row: &&ScratchRow| FILES[usize::from(row.kind)].name == R::FILE.name;
        let restore = |row: &ScratchRow| facts_csv::restore(row.number, &row.text).ok_or_else(|| altered(row));
        rows.iter().filter(own).map(restore).collect()
    }

    fn add_rows(&self, subject: &Subject, facts: &mut Facts) -> Result<(), ServiceFault> {
        for row in self.rows.rows_of(subject.number())? {
            // A hub is a device too, and subjects of two kinds may share a number.
            let file = usize::from(row.kind);
            if FILES[file].speaks_of(subject) && !facts_csv::add(file, row.number, &row.text, facts) {
                return Err(altered(&row));
            }
        }
        Ok(())
    }
}

/// What records may say of a metering point is found under these subjects: an MPRN may stand there with other leading zeros.
pub fn subjects_of_point(fuel: Fuel, mpxn: &Mpxn) -> impl Iterator<Item = Subject> + use<> {
    let (own, others) = match fuel {
        Fuel::Electricity => (Some(mpxn.clone()), None),
        Fuel::Gas => (None, Some(mpxn.spellings())),
    };
    own.into_iter().chain(others.into_iter().flatten()).map(move |mpxn| Subject::Point(fuel, mpxn))
}

/// What records may say of an installation is found under these subjects.
pub fn subjects_of(installation: &CommonInstallation) -> impl Iterator<Item = Subject> + '_ {
    let i = installation;
    let meters = [(Fuel::Electricity, Some(&i.esme)), (Fuel::Gas, i.gsme.as_ref())];
    let points = meters.into_iter().filter_map(|(fuel, meter)| Some(subjects_of_point(fuel, &meter?.mpxn))).flatten();
    let hub = [Subject::Hub(i.chf_identifier), Subject::Device(i.chf_identifier.into())];
    let devices = [Some(i.gpf.device_id), Some(i.esme.device_id), i.gsme.as_ref().map(|gsme| gsme.device_id)];
    let devices = devices.into_iter().flatten().chain(i.ppmids.iter().map(|d| d.device_id));
    let devices = devices.chain(i.ihds.iter().map(|d| d.device_id)).map(Subject::Device);
    hub.into_iter().chain(points).chain(devices)
}

/// What the recheck of an installation's meters may ask is found under these subjects.
pub fn subjects_of_watched(meters: &[WatchedMeter]) -> impl Iterator<Item = Subject> + '_ {
    let points = |meter: &WatchedMeter| subjects_of_point(meter.fuel, &meter.mpxn);
    meters.iter().flat_map(move |meter| std::iter::once(Subject::Hub(meter.chf)).chain(points(meter)))
}

/// Puts every good row of a file in, and gives their number.
pub(crate) fn put_all(
    filling: &mut Filling<'_>,
    kind: u8,
    rows: &mut Rows<File>,
    fault: impl Fn(std::io::Error) -> ServiceFault,
) -> Result<u64, ServiceFault> {
    let mut count = 0;
    while let Some(row) = rows.next_row().map_err(&fault)? {
        let kept =
            ScratchRow { subject: row.subject.number(), kind, rest: row.rest, number: row.number, text: row.cells };
        match filling.put(&kept)? {
            Some((first, cells)) => rows.came_before(kept.number, &kept.text, first, &cells),
            None => count += 1,
        }
    }
    Ok(count)
}

/// The temporary file gave other bytes than were written.
fn altered(row: &ScratchRow) -> ServiceFault {
    let reason = format!("the index of {} gave a row that was never written", FILES[usize::from(row.kind)].name);
    StoreFault::Damaged { path: "(a temporary file)".into(), reason }.into()
}
