//! `tern plan make`: the first generation of a plan, or the next one after events were added.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::Digest;
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::Contradicted;
use tern_plan::estate::AsOf;
use tern_plan::plan::Period;
use tern_service::execution::Carried;
use tern_service::plans::{
    EstateFolder, Generation, Made, PlanFolder, PlanView, Standing, Standings, Work, events_digest, load_as_of,
};

use crate::assumed;
use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;
use crate::verbs::estate::told::Told;

/// Plan an estate: its first plan, or, where events were added to it, the next generation of its plan
///
/// The next generation plans those installations again that the new events touch, and leaves everybody else's days as they are.
/// With a later --until it has more days, for all who are not migrated on those before. Where anything else is different, the plan
/// is another one and wants another folder.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern plan make estate --out plan --from 2020-11-30",
    "tern plan make estate --out plan --from 2020-11-30 --until 2021-12-31 --assumptions ours.toml"
))]
pub struct Args {
    /// The estate's folder
    estate: PathBuf,
    /// The plan's folder
    #[arg(long, value_name = "DIR", default_value = "plan")]
    out: PathBuf,
    /// The first day to plan; by default today, or the first day of the plan that is there
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// The last day to plan; by default two years later, or the last day of the plan that is there
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    /// What to assume where no source says it (TOML); by default what the plan that is there assumes
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct PlanMade {
    /// What is wrong with the estate's files.
    #[serde(flatten)]
    told: Told,
    generation: u32,
    parent: Option<Digest>,
    digest: Digest,
    period: Period,
    /// Installations that were planned, or planned again.
    planned: u64,
    standings: Standings,
    assumptions: Assumptions,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.estate, "name the folder with the estate's files")?;
        let configured = context.config_or_default(&self.estate)?;
        let rulebook = configured.config.rulebook.clone();
        let newest = PlanView::open(&self.out, None)?;
        let before = newest.as_ref().map(|newest| newest.generation().made.clone());
        let before = before.as_ref();
        let from = self.from.or(before.map(|made| made.period.first)).unwrap_or_else(|| configured.clock().today());
        let period = assumed::period(from, self.until.or(before.map(|made| made.period.last)))?;
        let assumptions = match &self.assumptions {
            Some(file) => assumed::read(file)?,
            None => before.map_or_else(Assumptions::default, |made| made.assumptions.clone()),
        };
        let stage = Stage::begin("reading the estate", None);
        let folder = load_as_of(&self.estate, AsOf::FirstDay(period.first))?;
        drop(stage);
        let made = Made {
            period,
            assumptions,
            overlay: rulebook.overlay_name().map(ToString::to_string),
            estate: folder.digest,
            events_bytes: folder.events_bytes,
            events: folder.events_digest,
            last_event_row: folder.events.iter().map(|event| event.row).max().unwrap_or_default(),
            still: before.map(|made| made.still.clone()).unwrap_or_default(),
        };
        let parent = newest.map(|newest| self.parent(newest, &folder, &made)).transpose()?;
        let days = (period.last - period.first).get_days().unsigned_abs() as usize;
        let stage = Stage::begin("planning", Some(days));
        let work = Work { folder: &folder, rulebook: &rulebook, made };
        let contradicted = work.contradicted();
        let generation = match &parent {
            None => work.first(&PlanFolder::new(&self.out), || stage.advance(1))?,
            Some(parent) => work.next(&PlanFolder::new(&self.out), parent)?,
        };
        drop(stage);
        let made = PlanMade::of(&folder, &contradicted, generation);
        let wrong = usize::try_from(made.told.findings_in_all).unwrap_or(usize::MAX);
        context.output.show(&made)?;
        Ok(Exit::of_findings(wrong))
    }

    /// The generation that the next one comes after: the newest one, unless the plan is being carried out, and events were corrected
    /// that the execution does not know yet.
    fn parent(&self, newest: PlanView, folder: &EstateFolder, made: &Made) -> Result<PlanView, Failure> {
        let (number, carried) = (newest.generation().number, Carried::of(&self.out)?);
        let parent = match &carried {
            Some(carried) => carried.parent(newest, &self.estate)?,
            None => newest,
        };
        let known = parent.generation();
        self.same_plan(known, made)?;
        let has_more_days = made.period.last > known.made.period.last;
        if known.number == number && known.made.events_bytes == made.events_bytes && !has_more_days {
            let what = format!("the plan in {} knows every event already", self.out.display());
            let help = "add rows to the estate's events.csv, give it more days with --until, or look at it with `tern plan show`";
            return Err(Failure::new(what, help));
        }
        if let Some(carried) = carried {
            carried.admit(&parent, folder)?;
        }
        Ok(parent)
    }

    /// Refuses what is no later generation of the plan that is there.
    fn same_plan(&self, parent: &Generation, made: &Made) -> Result<(), Failure> {
        let before = &parent.made;
        let other = if before.period.first != made.period.first || made.period.last < before.period.last {
            "other days"
        } else if before.assumptions != made.assumptions {
            "other assumptions"
        } else if before.overlay != made.overlay {
            "other rules"
        } else if before.estate != made.estate {
            "another estate"
        } else if events_digest(&self.estate, before.events_bytes)? != Some(before.events) {
            "other earlier events"
        } else {
            return Ok(());
        };
        let what = format!("the plan in {} was made from {other}", self.out.display());
        Err(Failure::new(what, "a plan is never altered: give --out another folder, and compare with `tern plan diff`"))
    }
}

impl PlanMade {
    fn of(folder: &EstateFolder, contradicted: &[Contradicted], generation: Generation) -> PlanMade {
        let Generation { number, parent, made, touched, standings, digest, .. } = generation;
        let mut told = Told::of(&folder.findings, usize::MAX);
        told.contradicted(contradicted);
        PlanMade {
            told,
            generation: number,
            parent,
            digest,
            period: made.period,
            planned: touched,
            standings,
            assumptions: made.assumptions,
        }
    }
}

impl Report for PlanMade {
    fn text(&self, look: &Look) -> String {
        let mut lines = self.told.warnings(look);
        let planned = counted(usize::try_from(self.planned).unwrap_or(usize::MAX), "installation");
        let again = if self.parent.is_some() { " again" } else { "" };
        let head = format!("generation {}: {planned} planned{again}", self.generation);
        lines.push(format!("  {}, {} to {}", look.strong(&head), self.period.first, self.period.last));
        lines.push(String::new());
        let rows = self.standings.iter().map(|(standing, count)| {
            vec![cell(words(*standing)), count_cell(usize::try_from(*count).unwrap_or(usize::MAX))]
        });
        lines.push(look.table(&["at the end", "installations"], 0, rows));
        lines.push(String::new());
        lines.extend(assumed::told(&self.assumptions, look));
        lines.push(String::new());
        let parent = self.parent.map_or(String::new(), |parent| format!(", after {parent}"));
        lines.push(look.faint(&look.paragraph(&format!("digest {}{parent}", self.digest), 2)));
        lines.push(look.faint("  `tern plan show CHF` tells one installation's story"));
        lines.join("\n")
    }
}

fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Migrated => "migrated",
        Standing::WaitsForCapacity => "wait for capacity",
        Standing::UnderWay => "under way",
        Standing::Waits => "wait for something else",
        Standing::Excluded => "excluded",
    }
}
