//! `tern plan`: the migration of an estate, planned day by day. What is planned is `tern_plan`'s, what is kept
//! `tern_service::plans`'.

mod calendar;
mod diff;
pub mod given;
mod make;
mod notices;
mod places;
pub mod report;
mod sent;
mod show;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::civil::Date;
use tern_plan::plan::{Awaited, End};
use tern_service::plans::PlanView;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Plan the migration of an estate, with the reason for every date and its clause
///
/// A plan is kept in a folder of its own, and never altered: what is learnt later makes its next generation.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(
    plain,
    "tern plan make estate --out plan --from 2020-11-30",
    "tern plan show 00-DB-12-34-56-78-90-A2",
    "tern plan diff plan@1 plan@2"
))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Make(make::Args),
    Show(show::Args),
    Diff(diff::Args),
    Notices(notices::Args),
    Places(places::Args),
    Calendar(calendar::Args),
    Report(report::Args),
    Sent(sent::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Make(args) => args.run(context),
            Verb::Show(args) => args.run(context),
            Verb::Diff(args) => args.run(context),
            Verb::Notices(args) => args.run(context),
            Verb::Places(args) => args.run(context),
            Verb::Calendar(args) => args.run(context),
            Verb::Report(args) => args.run(context),
            Verb::Sent(args) => args.run(context),
        }
    }
}

/// A plan as the command line names it: its folder, and behind an `@` one of its generations.
#[derive(Debug, Clone)]
pub struct PlanName {
    dir: PathBuf,
    generation: Option<u32>,
}

impl PlanName {
    pub fn parse(text: &str) -> Result<PlanName, String> {
        match text.rsplit_once('@') {
            None => Ok(PlanName { dir: text.into(), generation: None }),
            Some((dir, number)) => {
                let generation = number.parse().map_err(|_| "expected a folder, or FOLDER@GENERATION".to_owned())?;
                Ok(PlanName { dir: dir.into(), generation: Some(generation) })
            }
        }
    }

    fn open(&self) -> Result<PlanView, Failure> {
        let newest = || PlanView::open(&self.dir, None);
        match (PlanView::open(&self.dir, self.generation)?, self.generation) {
            (Some(view), _) => Ok(view),
            (None, Some(number)) if newest()?.is_some() => {
                let what = format!("the plan in {} has no generation {number}", self.dir.display());
                Err(Failure::new(what, "leave `@` and the number out for its newest one"))
            }
            (None, _) => Err(no_plan(&self.dir)),
        }
    }
}

fn no_plan(dir: &Path) -> Failure {
    Failure::new(format!("there is no plan in {}", dir.display()), "`tern plan make ESTATE --out DIR` makes one")
}

/// Where an installation stands when the period ends.
fn end_words(end: End) -> String {
    let waits = |awaited| match awaited {
        Awaited::Group(_) => "waits for the TMAD to bind its group".to_owned(),
        Awaited::Entry => "waits for an entry of the EPCL".to_owned(),
        Awaited::Path => "waits for an upgrade path".to_owned(),
        Awaited::Operability => "waits for a confirmation that a version can be operated".to_owned(),
        Awaited::Authorisation => "waits for authorisation".to_owned(),
        Awaited::Change(day) => format!("waits for a change of supplier on {day}"),
        Awaited::Approval => "waits for the approval of its entry".to_owned(),
        Awaited::Decision => "waits for a decision on its entry".to_owned(),
        Awaited::StrandedEntry | Awaited::StrandedPath => "stranded at a version not approved".to_owned(),
        Awaited::WorkingDays => "FACTS MISSING: bank holidays".to_owned(),
    };
    match end {
        End::Migrated(day) => format!("migrated on {day}"),
        End::Excluded(day) => format!("excluded on {day}"),
        End::WaitsForCapacity => "waits for capacity".to_owned(),
        End::UnderWay => "under way".to_owned(),
        End::Waits(awaited) => waits(awaited),
    }
}

/// The day of a migration.
fn migrated(end: End) -> Option<Date> {
    if let End::Migrated(day) = end { Some(day) } else { None }
}
