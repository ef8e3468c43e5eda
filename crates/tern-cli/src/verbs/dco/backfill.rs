//! `tern dco backfill`: the PPMIDs' keys of sites that were migrated before the Uplift 1.2 system change.

use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::dco::{Backfilled, Upkeep};

use super::{Place, unusable};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::progress::Stage;

/// Add the PPMIDs' keys to the key packages of sites that were migrated before the Uplift 1.2 system change
///
/// Until a site has them, Activate Firmware on its PPMIDs is rejected. Sites that are complete are passed over, so that a run
/// that was interrupted is simply begun again. From the system change on the Joins of commissioning add these keys themselves.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern dco backfill",
    "tern dco backfill --per-second 50 --json",
    "tern dco gate"
))]
pub struct Args {
    /// Key packages looked at in a second, at the most
    #[arg(long, value_name = "NUMBER", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    per_second: u32,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Serialize)]
struct Told {
    /// Sites that this run upgraded.
    upgraded: Vec<Upgraded>,
    /// Sites that were complete before.
    complete: usize,
    /// Sites whose devices nobody knows.
    unknown: Vec<Unknown>,
    /// Key packages that cannot be used, each with the reason.
    unusable: Vec<String>,
    /// Whether it came to its end.
    finished: bool,
}

#[derive(Debug, Serialize)]
struct Upgraded {
    chf_identifier: ChfIdentifier,
    ppmids: Vec<DeviceId>,
}

#[derive(Debug, Serialize)]
struct Unknown {
    chf_identifier: ChfIdentifier,
    why: String,
}

/// So many sites are listed for people; all of them with `--json`.
const LISTED: usize = 20;

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.place.dir)?;
        let clock = configured.clock();
        let change = configured.config.dco.system_change;
        if clock.today() < change {
            let what = format!(
                "the Uplift 1.2 system change is on {change}: before it no key package can hold a PPMID's keys"
            );
            return Err(Failure::new(
                what,
                "run it on that day or later; dco.system_change in tern.toml says when it is",
            ));
        }
        let stop = interrupt::stop_flag()?;
        let mut upkeep = Upkeep::open(&configured.config)?;
        let stage = Stage::begin("back-fill", Some(upkeep.packages()?));
        let per_second = usize::try_from(self.per_second).unwrap_or(usize::MAX);
        let done = upkeep.backfill(clock.now(), per_second, &stop, &mut |looked| stage.advance(looked))?;
        drop(stage);
        let told = Told::of(done);
        context.output.show(&told)?;
        Ok(match told.finished {
            false => Exit::Interrupted,
            true => Exit::of_findings(told.unknown.len() + told.unusable.len()),
        })
    }
}

impl Told {
    fn of(done: Backfilled) -> Told {
        let upgraded = |(chf_identifier, ppmids)| Upgraded { chf_identifier, ppmids };
        let unknown = |(chf_identifier, why)| Unknown { chf_identifier, why };
        Told {
            upgraded: done.upgraded.into_iter().map(upgraded).collect(),
            complete: done.complete,
            unknown: done.unknown.into_iter().map(unknown).collect(),
            unusable: done.unusable,
            finished: !done.stopped,
        }
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let ppmids = self.upgraded.iter().map(|site| site.ppmids.len()).sum();
        let mut lines = vec![format!(
            "  {} upgraded with the keys of {}; {} complete before",
            counted(self.upgraded.len(), "site"),
            counted(ppmids, "PPMID"),
            self.complete,
        )];
        if !self.unknown.is_empty() {
            let row = |site: &Unknown| vec![cell(site.chf_identifier), cell(&site.why)];
            lines.push(look.bad(&format!("  {} whose devices nobody knows", counted(self.unknown.len(), "site"))));
            lines.push(look.table(&["CHFIdentifier", "why"], 1, self.unknown.iter().take(LISTED).map(row)));
            if self.unknown.len() > LISTED {
                lines.push(look.faint(&format!("  and {} more: --json lists all", self.unknown.len() - LISTED)));
            }
        }
        lines.extend(unusable(&self.unusable, look));
        lines.push(match self.finished {
            true => look.faint("  next: `tern dco gate`"),
            false => look.unsure("  stopped: the same command goes on"),
        });
        lines.join("\n")
    }
}
