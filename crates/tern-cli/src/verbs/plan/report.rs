//! `tern plan report`: what a plan has for everybody, as tables for programs and pictures for people.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_plan::estate::AsOf;
use tern_plan::plan::Period;
use tern_rules::ambition;
use tern_service::plans::{EstateFolder, PlanView, events_digest, load_as_of};
use tern_service::reports::{self, DormantStand, Enrolled, Names, Planned, STANDINGS, standing_words};

use super::{PlanName, given};
use crate::context::{Configured, Context, absolute, need_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;

/// Write what a plan has for everybody as CSV tables and SVG pictures
///
/// Migrations by week, cohort, group and supplier against all known installations; what others wait for; each notice against
/// the Working Days that 4.29 and 4.30 want; Dormant Meters against the ambition of all by the end of 2020; exclusions with their
/// evidence; a calendar; and where notices were sent (`tern plan notices --send`), which were given in time. `tern report --plan` writes the same beside what was done. The same plan gives the same files.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern plan report estate",
    "tern plan report estate --in plan@2 --out ./report"
))]
pub struct Args {
    /// The folder of the estate from which the plan was made
    estate: PathBuf,
    /// The plan's folder; with @ and a number one of its generations
    #[arg(long = "in", value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
    /// Where the files go
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
    /// The last day whose notices are held against what was sent; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
}

/// What was written of a plan.
#[derive(Debug, Serialize)]
pub struct Written {
    dir: PathBuf,
    generation: u32,
    period: Period,
    /// Installations that the estate knows.
    known: u64,
    /// Of which rows contradict one another: nothing is planned for them.
    set_aside: u64,
    standing: Vec<Counted>,
    /// As planned.
    notices: Notices,
    /// As given; none where nothing was ever sent.
    given: Option<given::Counts>,
    dormant_meters: u64,
    dormant: Vec<Counted>,
    /// The day until which a Dormant Meter is in time.
    ambition: Date,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Counted {
    what: &'static str,
    count: u64,
}

#[derive(Debug, Serialize)]
struct Notices {
    all: u64,
    in_time: u64,
    too_late: u64,
    without_steps: u64,
    facts_missing: u64,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(&self.estate)?;
        let names = names(&configured)?;
        let (planned, folder) = gather(&self.plan, &self.estate, None)?;
        if let Some(overlay) = &planned.plan.made.overlay {
            context.output.say(&format!("  planned under {overlay}"))?;
        }
        let until = self.until.unwrap_or_else(|| configured.clock().today());
        let given = given::given(&self.plan, &names, until)?;
        context.output.show(&write((&planned, given), &folder, &names, &self.out)?)?;
        Ok(Exit::Clean)
    }
}

/// What the directory of certificates calls parties, where there is one.
fn names(configured: &Configured) -> Result<Names, Failure> {
    let dir = configured.config.path(&configured.config.pki.dir);
    if configured.file.is_none() || !dir.is_dir() {
        return Ok(Names::default());
    }
    let trust = tern_service::pki::load_trust(&dir)?;
    Ok(Names::of(&trust))
}

/// Says of an installation what is enrolled already.
pub type HowEnrolled<'a> = &'a dyn Fn(tern_model::ChfIdentifier) -> Enrolled;

/// Counts a plan over the estate that it was made from.
pub fn gather(
    plan: &PlanName,
    estate: &Path,
    enrolled: Option<HowEnrolled<'_>>,
) -> Result<(Planned, EstateFolder), Failure> {
    need_dir(estate, "name the folder with the estate's files")?;
    let view = plan.open()?;
    let stage = Stage::begin("reading the estate", None);
    let folder = load_as_of(estate, AsOf::FirstDay(view.generation().made.period.first))?;
    drop(stage);
    same_estate(&view, &folder, estate)?;
    let stage = Stage::begin("counting", None);
    let planned = Planned::of(&view, &folder, enrolled)?;
    drop(stage);
    Ok((planned, folder))
}

/// Refuses a folder that is not what the plan was made from; events that were added since are none of the plan's.
fn same_estate(view: &PlanView, folder: &EstateFolder, estate: &Path) -> Result<(), Failure> {
    let made = &view.generation().made;
    let other = if made.estate != folder.digest {
        "another estate"
    } else if events_digest(estate, made.events_bytes)? != Some(made.events) {
        "other events"
    } else {
        return Ok(());
    };
    let what = format!("the plan was made from {other} than lie in {}", estate.display());
    Err(Failure::new(what, "name the folder that `tern plan make` was given"))
}

/// Writes the files.
pub fn write(
    (planned, given): (&Planned, Option<given::Given>),
    folder: &EstateFolder,
    names: &Names,
    dir: &Path,
) -> Result<Written, Failure> {
    let (given_files, given) = given.map(|given| (given.files, given.counts)).unzip();
    let files = planned.files(&folder.estate, names).into_iter().chain(given_files.unwrap_or_default());
    let files = reports::write(dir, files.collect())?;
    let (all, notices, dormant) = (planned.all(), planned.all_notices(), planned.all_dormant());
    let standing = |standing| Counted { what: standing_words(standing), count: all.count(standing) };
    let with_stores = planned.with_stores;
    let stands = DormantStand::ALL.into_iter().filter(|stand| with_stores || *stand != DormantStand::Enrolled);
    Ok(Written {
        dir: absolute(dir),
        generation: planned.plan.number,
        period: planned.plan.made.period,
        known: planned.known(),
        set_aside: planned.set_aside,
        standing: STANDINGS.map(standing).into(),
        notices: Notices {
            all: notices.notices(),
            in_time: notices.in_time,
            too_late: notices.too_late,
            without_steps: notices.without_steps,
            facts_missing: notices.facts_missing,
        },
        given,
        dormant_meters: dormant.total(),
        dormant: stands.map(|stand| Counted { what: stand.words(), count: dormant.count(stand) }).collect(),
        ambition: ambition::DORMANT_METERS.by,
        files,
    })
}

impl Report for Written {
    fn text(&self, look: &Look) -> String {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let row = |of: &Counted| vec![cell(of.what), count_cell(number(of.count))];
        let head = format!("generation {}, {} to {}", self.generation, self.period.first, self.period.last);
        let mut lines = vec![format!("  {}", look.strong(&head)), String::new()];
        let mut standing: Vec<_> = self.standing.iter().map(row).collect();
        if self.set_aside > 0 {
            standing.push(vec![cell("set aside: rows contradict one another"), count_cell(number(self.set_aside))]);
        }
        lines.push(look.table(&["at the end", "installations"], 0, standing));
        lines.push(String::new());
        let until = format!("Dormant Meters, in time until {}", self.ambition);
        lines.push(look.table(&[until.as_str(), "meters"], 0, self.dormant.iter().map(row)));
        lines.push(String::new());
        let Notices { all, in_time, too_late, without_steps, facts_missing } = self.notices;
        let count = |n: u64| count(number(n));
        let missing =
            if facts_missing > 0 { format!("; FACTS MISSING for {}", count(facts_missing)) } else { String::new() };
        let told = format!(
            "as planned, {}: {} in time, {} too late, {} whose steps do not come{missing}",
            counted(number(all), "notice"),
            count(in_time),
            count(too_late),
            count(without_steps)
        );
        lines.push(look.paragraph(&told, 2));
        lines.extend(self.given.iter().map(|given| look.paragraph(&given.words(), 2)));
        let of = |ending: &str| self.files.iter().filter(|f| f.ends_with(ending)).count();
        let (tables, pictures) = (counted(of(".csv"), "table"), counted(of(".svg"), "picture"));
        lines.push(look.paragraph(&format!("{tables} and {pictures} written to {}", shown(&self.dir).display()), 2));
        lines.push(look.faint("  next: open planned-by-group.svg in a browser, a table in a spreadsheet"));
        lines.join("\n")
    }
}
