//! `tern estate check`: reads an estate and says what is in it, and what is wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::InstallationState;
use tern_plan::estate::{AsOf, Estate, Event, Findings, InstallationIx};
use tern_service::plans::{self, EstateFolder};

use super::told::Told;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;

/// Check an estate: bad rows, and rows that contradict one another
///
/// An installation about which rows contradict one another, or of which a row cannot be used, is set aside: nothing is planned
/// for it. Every other one is used.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(judging, "tern estate check ./estate", "tern estate check ./estate --most 200"))]
pub struct Args {
    /// The folder with the six files
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// By this day everything that is described has come about; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Tell so many findings
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    most: usize,
}

#[derive(Debug, Serialize)]
struct Checked {
    /// Installations that can be planned for, by group and by state.
    groups: BTreeMap<&'static str, States>,
    installations: usize,
    set_aside: usize,
    devices: usize,
    meters: usize,
    suppliers: usize,
    entries: usize,
    hops: usize,
    events: usize,
    #[serde(flatten)]
    told: Told,
    seconds: f64,
}

/// Installations by state.
#[derive(Debug, Default, Serialize)]
struct States {
    active: usize,
    dormant: usize,
    mixed: usize,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let clock = || context.config_or_default(&self.dir).map(|configured| configured.clock().today());
        let as_of = AsOf::Today(self.as_of.map_or_else(clock, Ok)?);
        let stage = Stage::begin("reading the estate", None);
        let EstateFolder { estate, events, findings, .. } = read(&self.dir, as_of)?;
        let seconds = stage.end().as_secs_f64();
        let report = Checked::of(&estate, &events, &findings, self.most, seconds);
        context.output.show(&report)?;
        Ok(Exit::of_findings(usize::try_from(findings.count()).unwrap_or(usize::MAX)))
    }
}

/// Reads the six files of a folder. Where one does not count as given, what is wrong with it is all that is told.
fn read(dir: &Path, as_of: AsOf) -> Result<EstateFolder, Failure> {
    plans::examine(dir, Some(as_of)).map(|examined| examined.folder).map_err(|error| {
        let next = "an estate has six files, each with its header at least; docs/reference/estate.md describes them";
        Failure::new(error.to_string(), next)
    })
}

impl Checked {
    fn of(estate: &Estate, events: &[Event], findings: &Findings, most: usize, seconds: f64) -> Checked {
        let mut groups: BTreeMap<&'static str, States> = BTreeMap::new();
        for at in 0..estate.installations().len() {
            let installation = InstallationIx::of(at);
            let states = groups.entry(estate.installation(installation).group.as_str()).or_default();
            match estate.state(installation) {
                InstallationState::Active => states.active += 1,
                InstallationState::Dormant => states.dormant += 1,
                InstallationState::Mixed => states.mixed += 1,
            }
        }
        Checked {
            groups,
            installations: estate.installations().len(),
            set_aside: estate.set_aside().len(),
            devices: estate.devices().len(),
            meters: estate.meters().len(),
            suppliers: estate.catalogue().suppliers().len(),
            entries: estate.entries().len(),
            hops: estate.hops().len(),
            events: events.len(),
            told: Told::of(findings, most),
            seconds,
        }
    }
}

impl Report for Checked {
    fn text(&self, look: &Look) -> String {
        let mut lines = self.told.lines(look);
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let installations = counted(self.installations, "installation");
        lines.push(format!("  {} can be planned for", look.strong(&installations)));
        if self.set_aside > 0 {
            let aside = counted(self.set_aside, "installation");
            lines.push(format!("  {} set aside until what is wrong is corrected", look.bad(&aside)));
        }
        let rest = [
            counted(self.devices, "device"),
            counted(self.meters, "meter"),
            counted(self.suppliers, "supplier"),
            counted(self.hops, "hop"),
            counted(self.events, "event"),
            format!(
                "{} of the EPCL",
                if self.entries == 1 { "1 entry".into() } else { format!("{} entries", self.entries) }
            ),
        ];
        lines.push(look.paragraph(&rest.join(", "), 2));
        if !self.groups.is_empty() {
            let row = |(group, states): (&&'static str, &States)| {
                let States { active, dormant, mixed } = states;
                vec![cell(*group), count_cell(*active), count_cell(*dormant), count_cell(*mixed)]
            };
            lines.push(String::new());
            lines.push(look.table(&["group", "Active", "Dormant", "Mixed"], 0, self.groups.iter().map(row)));
        }
        lines.join("\n")
    }
}
