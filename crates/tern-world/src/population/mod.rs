//! An invented estate of any size, from a seed: installations, devices, meters, the entries of the EPCL and their course, and
//! what happens to meters in the years that are looked at.
//!
//! Every number that shapes it is a field of [`Population`], so that whoever prints a figure can print the population beside
//! it, and read it in again. The makers' models are those of [`crate::corpus`]; versions older than theirs are invented here.

mod bounds;
mod happenings;
mod homes;
mod parameters;
mod programme;
mod shape;
mod wrong;

use std::io::BufWriter;
use std::path::Path;

use tern_model::PartyId;
use tern_wire::facts_csv::{Record, Writer};

use crate::WorldError;
use crate::files::{Readers, write_by};

pub use parameters::Parameter;
pub use shape::{Entries, GroupShare, Population};
pub use wrong::{PlantedWrong, WrongKind};

impl Population {
    /// Invents the estate and writes its six files. The same population gives the same bytes.
    ///
    /// # Errors
    /// The population cannot be, or the file system refuses.
    pub fn write(&self, dir: &Path) -> Result<Written, WorldError> {
        self.check()?;
        let mut written = Written::default();
        let homes = || (0..self.installations).map(|index| homes::home(self, index));
        let wrong = wrong::Wrong::of(self);
        written.installations = file(dir, homes().flat_map(|home| wrong.installations(&home)))?;
        written.devices = file(dir, homes().flat_map(|home| wrong.devices(&home)))?;
        written.meters = file(dir, homes().flat_map(|home| wrong.meters(&home)))?;
        let programme = programme::Programme::of(self);
        written.entries = file(dir, programme.entries.into_iter())?;
        written.hops = file(dir, programme.hops.into_iter())?;
        let mut happenings = programme.happenings;
        for home in homes() {
            happenings::happen(self, home, &mut happenings);
        }
        bounds::demand(self, &mut happenings);
        happenings.sort();
        written.events = file(dir, happenings.records().chain(wrong.events()))?;
        written.planted = wrong.planted();
        Ok(written)
    }

    /// A supplier. The first ones come more often: of two throws the lower counts.
    fn supplier(&self, dice: &mut crate::dice::Dice) -> u64 {
        dice.below(self.suppliers).min(dice.below(self.suppliers))
    }
}

/// The identifier of a supplier.
fn supplier_id(number: u64) -> PartyId {
    PartyId(tern_model::Eui64(0x90B3_D51F_3020_0000 + number))
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of `installations.csv`.
    pub installations: u64,
    /// Rows of `devices.csv`.
    pub devices: u64,
    /// Rows of `meters.csv`.
    pub meters: u64,
    /// Rows of `entries.csv`.
    pub entries: u64,
    /// Rows of `upgrade_paths.csv`.
    pub hops: u64,
    /// Rows of `events.csv`.
    pub events: u64,
    /// What is wrong, and of which installation.
    pub planted: Vec<PlantedWrong>,
}

/// Writes a file, and says how many rows it has.
fn file<R: Record>(dir: &Path, records: impl Iterator<Item = R>) -> Result<u64, WorldError> {
    let mut rows = 0;
    write_by(&dir.join(R::FILE.name), Readers::Anyone, |file| {
        let mut writer = Writer::<R, _>::begin(BufWriter::new(file));
        for record in records {
            writer.add(&record);
            rows += 1;
        }
        writer.end()?.into_inner().map(drop).map_err(std::io::IntoInnerError::into_error)
    })?;
    Ok(rows)
}
