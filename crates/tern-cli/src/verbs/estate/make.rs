//! `tern estate make`: invents an estate. What it invents is `tern_world::population`'s.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_plan::estate::EstateFile;
use tern_world::population::{Entries, Population, Written};

use crate::context::{Context, file_failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values;

/// Invent an estate: installations, devices, meters, entries, upgrade paths, and what happens to them
///
/// The same seed and the same numbers give the same files. What shaped them is printed: any figure that is taken of the estate
/// rests on it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern estate make ./estate",
    "tern estate make ./estate -n 1000000 --seed 7 --dormant 60",
    "tern estate make ./estate --population population.toml",
    "tern estate make ./estate -n 1000 --wrong 5"
))]
pub struct Args {
    /// The folder to write to; it must not hold an estate already
    dir: PathBuf,
    /// How many installations
    /// [default: 10000]
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = values::at_least_one)]
    installations: Option<usize>,
    /// The same seed gives the same estate [default: 1]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Parameters as TOML, by the names that are printed; what it leaves out is as by default, and what an option says counts
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// What may be otherwise than by default.
#[derive(Debug, clap::Args)]
struct Shape {
    /// The day on which the estate is described; events come after it
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    described: Option<Date>,
    /// How many days of events follow
    #[arg(long, value_name = "NUMBER")]
    days: Option<u32>,
    /// How many suppliers
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    suppliers: Option<u64>,
    /// Installations with Dormant Meters alone, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    dormant: Option<u64>,
    /// Installations with a gas meter, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    gas: Option<u64>,
    /// FOC installations with older firmware than their entry's, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    foc_behind: Option<u64>,
    /// Other installations with older firmware, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    others_behind: Option<u64>,
    /// Changes of supplier a year, for a thousand meters
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(0..=12_000))]
    changes: Option<u64>,
    /// Combinations of which a first version was not approved, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    refused: Option<u64>,
    /// Entries in which a defect is found before their approval, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    defects: Option<u64>,
    /// Installations with an attempt to migrate that has no success, in per cent
    #[arg(long, value_name = "PER CENT", value_parser = percent())]
    attempts_failed: Option<u64>,
    /// Rows that are wrong, of each of ten kinds [default: 0]
    #[arg(long, value_name = "NUMBER")]
    wrong: Option<u64>,
}

fn percent() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(0..=100)
}

#[derive(Debug, Serialize)]
struct Made {
    dir: PathBuf,
    parameters: Vec<(&'static str, String)>,
    installations: u64,
    devices: u64,
    meters: u64,
    entries: u64,
    hops: u64,
    events: u64,
    /// Installations with something wrong.
    wrong: usize,
    seconds: f64,
    /// The day on which it is described, where that has not come.
    #[serde(skip)]
    later: Option<Date>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if self.dir.join(EstateFile::Installations.name()).exists() {
            let what = format!("{} holds an estate already", self.dir.display());
            return Err(Failure::new(what, "name another folder; nothing is written over"));
        }
        let population = self.population()?;
        let today = context.config_or_default(&self.dir)?.clock().today();
        let stage = Stage::begin("estate", None);
        let written = population.write(&self.dir)?;
        let seconds = stage.end().as_secs_f64();
        let made = Made::of(self.dir, &population, &written, seconds);
        context.output.show(&Made { later: Some(population.described).filter(|day| *day > today), ..made })?;
        Ok(Exit::Clean)
    }

    fn population(&self) -> Result<Population, Failure> {
        let shape = &self.shape;
        let usual = self.population.as_deref().map(read).transpose()?.unwrap_or_default();
        let entries = Entries {
            refused: shape.refused.unwrap_or(usual.entries.refused),
            defects: shape.defects.unwrap_or(usual.entries.defects),
            ..usual.entries
        };
        Ok(Population {
            installations: self.installations.map_or(usual.installations, |number| number as u64),
            seed: self.seed.unwrap_or(usual.seed),
            described: shape.described.unwrap_or(usual.described),
            days: shape.days.unwrap_or(usual.days),
            suppliers: shape.suppliers.unwrap_or(usual.suppliers),
            dormant: shape.dormant.unwrap_or(usual.dormant),
            gas: shape.gas.unwrap_or(usual.gas),
            foc_behind: shape.foc_behind.unwrap_or(usual.foc_behind),
            others_behind: shape.others_behind.unwrap_or(usual.others_behind),
            changes_a_year: shape.changes.unwrap_or(usual.changes_a_year),
            attempts_failed: shape.attempts_failed.unwrap_or(usual.attempts_failed),
            wrong: shape.wrong.unwrap_or(usual.wrong),
            entries,
            ..usual
        })
    }
}

fn read(file: &Path) -> Result<Population, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| file_failure("read", file, &error))?;
    toml::from_str(&text).map_err(|error| {
        let next = "`tern estate make` prints each parameter by its name; those of `entries.` stand under [entries]";
        Failure::new(error.to_string(), next).at(file.display().to_string())
    })
}

impl Made {
    fn of(dir: PathBuf, population: &Population, written: &Written, seconds: f64) -> Made {
        Made {
            dir,
            parameters: population.parameters(),
            installations: written.installations,
            devices: written.devices,
            meters: written.meters,
            entries: written.entries,
            hops: written.hops,
            events: written.events,
            wrong: written.planted.len(),
            seconds,
            later: None,
        }
    }
}

impl Report for Made {
    fn text(&self, look: &Look) -> String {
        let number = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        let installations = counted(number(self.installations), "installation");
        let mut lines = vec![format!("{} {installations} in {}", look.good("made"), self.dir.display())];
        let rows = [
            ("devices", self.devices),
            ("meters", self.meters),
            ("entries", self.entries),
            ("hops of upgrade paths", self.hops),
            ("events", self.events),
        ];
        lines.extend(rows.map(|(what, rows)| format!("  {:>11}  {what}", count(number(rows)))));
        if self.wrong > 0 {
            lines.push(format!("  {:>11}  {}", count(self.wrong), look.bad("wrong on purpose")));
        }
        lines.push(String::new());
        lines.extend(self.parameters.iter().map(|(name, value)| format!("  {name:<24} {}", look.hanging(value, 27))));
        lines.push(String::new());
        let as_of = self.later.map_or(String::new(), |day| format!(" --as-of {day}"));
        lines.push(look.faint(&format!("  next: `tern estate check {}{as_of}`", self.dir.display())));
        lines.join("\n")
    }
}
