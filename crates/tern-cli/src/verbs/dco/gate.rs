//! `tern dco gate`: whether the Uplift 1.2 documents may be re-designated. It only reads.

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::dco::{self, Incomplete};

use super::Place;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::values::day;

/// Say whether re-designating the Uplift 1.2 documents is safe: sites without a PPMID's keys, and the day in its window
///
/// Done while a site lacks them, it would be a non-compliance: firmware of a PPMID would be rejected that the documents allow.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(judging, "tern dco gate", "tern dco gate --as-of 2020-10-12 --json"))]
pub struct Args {
    /// The day; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Serialize)]
struct Gate {
    day: Date,
    safe: bool,
    in_window: bool,
    window_first: Date,
    window_last: Date,
    system_change: Date,
    system_changed: bool,
    /// Whether the DCC would break the SEC by doing it that day.
    non_compliance: bool,
    /// Sites that the DCC operates.
    sites: usize,
    incomplete: Vec<Site>,
}

#[derive(Debug, Serialize)]
struct Site {
    chf_identifier: ChfIdentifier,
    /// PPMIDs without keys; null where nobody knows the site's devices.
    ppmids: Option<Vec<DeviceId>>,
}

/// So many sites are listed for people; all of them with `--json`.
const LISTED: usize = 20;

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.place.dir)?;
        let day = self.as_of.unwrap_or_else(|| configured.clock().today());
        let gate = Gate::of(dco::Gate::look(&configured.config, day)?);
        context.output.show(&gate)?;
        Ok(if gate.safe { Exit::Clean } else { Exit::Findings })
    }
}

impl Gate {
    fn of(gate: dco::Gate) -> Gate {
        let site = |site: &Incomplete| Site { chf_identifier: site.chf, ppmids: site.ppmids.clone() };
        Gate {
            day: gate.day,
            safe: gate.is_safe(),
            in_window: gate.is_in_window(),
            window_first: gate.window.0,
            window_last: gate.window.1,
            system_change: gate.system_change,
            system_changed: gate.is_system_changed(),
            non_compliance: gate.is_non_compliance(),
            sites: gate.sites,
            incomplete: gate.incomplete.iter().map(site).collect(),
        }
    }

    fn window(&self, look: &Look) -> String {
        let window = format!("the window from {} to {}", self.window_first, self.window_last);
        match self.in_window {
            true => format!("  {} {} lies in {window}", look.good("✓"), self.day),
            false => format!("  {} {} lies outside {window}", look.bad("✗"), self.day),
        }
    }

    fn change(&self, look: &Look) -> String {
        match self.system_changed {
            true => format!("  {} the system was changed on {}", look.good("✓"), self.system_change),
            false => format!("  {} the system is changed on {} only", look.bad("✗"), self.system_change),
        }
    }

    fn packages(&self, look: &Look) -> String {
        match self.incomplete.len() {
            0 => format!("  {} the key packages of all {} are complete", look.good("✓"), counted(self.sites, "site")),
            lacking => {
                let sites = counted(self.sites, "site");
                format!("  {} of {sites}, {lacking} lack a PPMID's keys", look.bad("✗"))
            }
        }
    }
}

impl Report for Gate {
    fn text(&self, look: &Look) -> String {
        let mut lines = vec![self.window(look), self.change(look), self.packages(look)];
        if !self.incomplete.is_empty() {
            let row = |site: &Site| {
                let ppmids = site.ppmids.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let known = site.ppmids.is_some();
                vec![
                    cell(site.chf_identifier),
                    cell(if known { ppmids } else { "its devices are not known".to_owned() }),
                ]
            };
            lines.push(look.table(
                &["CHFIdentifier", "PPMIDs without keys"],
                1,
                self.incomplete.iter().take(LISTED).map(row),
            ));
            if self.incomplete.len() > LISTED {
                lines.push(look.faint(&format!("  and {} more: --json lists all", self.incomplete.len() - LISTED)));
            }
        }
        if self.non_compliance {
            let words =
                "re-designating now is non-compliance: Activate Firmware on these PPMIDs would be rejected (S000 7.1)";
            lines.push(look.bad(&look.paragraph(words, 2)));
        }
        lines.push(match (self.safe, self.incomplete.is_empty()) {
            (true, _) => look.good("  re-designation is safe"),
            (false, false) => look.faint("  next: `tern dco backfill`"),
            (false, true) => look.unsure("  not on this day"),
        });
        lines.join("\n")
    }
}
