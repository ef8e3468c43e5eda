//! An invented estate of any size, from a seed: installations, devices, meters, the entries of the EPCL and their course, and
//! what happens to meters in the years that are looked at.
//!
//! Every number that shapes it is a field of [`Population`], so that whoever prints a figure can print the population beside
//! it. The makers' models are those of [`crate::corpus`]; versions older than theirs are invented here.

mod happenings;
mod homes;
mod programme;
mod wrong;

use std::io::BufWriter;
use std::path::Path;

use jiff::civil::{Date, date};
use tern_model::{GroupId, PartyId};
use tern_wire::facts_csv::{Record, Writer};

use crate::WorldError;
use crate::files::{Readers, write_by};

pub use wrong::{PlantedWrong, WrongKind};

/// What shapes an estate. Shares are percentages; where a source speaks of one, the default is the source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Everything follows from it.
    pub seed: u64,
    /// How many installations.
    pub installations: u64,
    /// How many suppliers share them; the first ones have more.
    pub suppliers: u64,
    /// How many of these install, and give upgrade paths.
    pub installing_suppliers: u64,
    /// The day on which the estate is described; events come after it.
    pub described: Date,
    /// How many days of events follow.
    pub days: u32,
    /// How many of a hundred installations are of each group, and the SMSO that operates them: those of MOC are named, and FOC
    /// has three (S002 section 1). The press of spring 2019 gave IOC 22, MOC (Secure) 32, FOC 46.
    pub groups: [(GroupId, u64, &'static str); 8],
    /// With a gas meter.
    pub gas: u64,
    /// With Dormant Meters alone.
    pub dormant: u64,
    /// With gas, and one meter Active and one Dormant.
    pub mixed: u64,
    /// FOC installations with firmware behind that of their entry: all of them (S003 section 2).
    pub foc_behind: u64,
    /// Other installations with firmware behind.
    pub others_behind: u64,
    /// Installations of models that no approved entry combines.
    pub unapproved: u64,
    /// Meters in Prepayment Mode.
    pub prepayment: u64,
    /// Changes of supplier a year, for each thousand meters.
    pub changes_a_year: u64,
    /// Changes that make an Active Meter dormant.
    pub lost_on_change: u64,
    /// Changes that make a Dormant Meter active.
    pub won_on_change: u64,
    /// Active installations that are authorised, by each of their suppliers.
    pub authorised: u64,
    /// Installations for which suppliers give certificates.
    pub certificates: u64,
    /// Interim versions of which no confirmation comes (4.33).
    pub unconfirmed: u64,
    /// Rows that are wrong, of each [`WrongKind`].
    pub wrong: u64,
}

impl Population {
    /// The population of these defaults.
    #[must_use]
    pub fn of(installations: u64, seed: u64) -> Population {
        use GroupId::{AA, BA, CA, CB, DA, EA, EB, EC};
        Population {
            seed,
            installations,
            suppliers: 24,
            installing_suppliers: 4,
            described: date(2020, 9, 1),
            days: 730,
            groups: [
                (AA, 8, "Initial SMSO"),
                (BA, 5, "Initial SMSO"),
                (CA, 5, "Initial SMSO"),
                (CB, 4, "Morrison Data Services"),
                (DA, 32, "Secure"),
                (EA, 24, "Final SMSO 1"),
                (EB, 14, "Final SMSO 2"),
                (EC, 8, "Final SMSO 3"),
            ],
            gas: 70,
            dormant: 40,
            mixed: 4,
            foc_behind: 100,
            others_behind: 40,
            unapproved: 4,
            prepayment: 15,
            changes_a_year: 180,
            lost_on_change: 40,
            won_on_change: 20,
            authorised: 60,
            certificates: 50,
            unconfirmed: 5,
            wrong: 0,
        }
    }

    /// The parameters, each with its name, as they are printed.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let percent = |share: u64| format!("{share} %");
        let groups: Vec<String> = self.groups.iter().map(|(group, share, _)| format!("{group} {share}")).collect();
        vec![
            ("seed", self.seed.to_string()),
            ("installations", self.installations.to_string()),
            ("suppliers", format!("{}, {} of them install", self.suppliers, self.installing_suppliers)),
            ("described", format!("{}, events for {} days", self.described, self.days)),
            ("groups", format!("{} (of a hundred)", groups.join(", "))),
            ("with gas", percent(self.gas)),
            ("Dormant", percent(self.dormant)),
            ("Mixed", percent(self.mixed)),
            ("FOC firmware behind", percent(self.foc_behind)),
            ("other firmware behind", percent(self.others_behind)),
            ("unapproved models", percent(self.unapproved)),
            ("prepayment meters", percent(self.prepayment)),
            ("changes of supplier", format!("{} a year for 1,000 meters", self.changes_a_year)),
            ("changes that lose service", percent(self.lost_on_change)),
            ("changes that win service", percent(self.won_on_change)),
            ("Active, authorised", percent(self.authorised)),
            ("certificates given", percent(self.certificates)),
            ("versions unconfirmed", percent(self.unconfirmed)),
            ("wrong rows of each kind", self.wrong.to_string()),
        ]
    }

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
        happenings.sort();
        written.events = file(dir, happenings.records().chain(wrong.events()))?;
        written.planted = wrong.planted();
        Ok(written)
    }

    fn check(&self) -> Result<(), WorldError> {
        let wrong = |reason: &str| Err(WorldError::Plan { reason: reason.to_owned() });
        if self.installations == 0 || self.suppliers == 0 || self.installing_suppliers == 0 {
            return wrong("an estate has one installation, supplier and Installing Supplier at least");
        }
        if self.installations > homes::MOST {
            return wrong("there are not metering points for so many installations: 80,000,000 at most");
        }
        if self.groups.iter().map(|(_, share, _)| share).sum::<u64>() != 100 {
            return wrong("the groups' shares make a hundred");
        }
        if self.wrong * WrongKind::ALL.len() as u64 * 2 > self.installations {
            return wrong("there are more wrong rows than half of the installations");
        }
        Ok(())
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
