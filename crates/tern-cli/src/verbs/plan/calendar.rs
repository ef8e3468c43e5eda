//! `tern plan calendar`: what a plan has on which day, as a picture.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_plan::plan::Period;
use tern_service::reports::{Calendar, Days, Doing};

use super::PlanName;
use crate::context::{Context, absolute, file_failure, make_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell};
use crate::output::Report;
use crate::progress::Stage;

/// Draw a plan as a calendar for the wall: what happens on which day, a row for each week (SVG)
///
/// Notices, firmware hops, configurations, migrations against the day's capacity, who leaves and who is excluded. Days that
/// are no Working Days are shaded, bank holidays named.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern plan calendar", "tern plan calendar plan@2 --out wall.svg"))]
pub struct Args {
    /// The plan's folder; with @ and a number one of its generations
    #[arg(value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
    /// The picture's file
    #[arg(long, value_name = "FILE", default_value = "planned-calendar.svg")]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct Drawn {
    file: PathBuf,
    generation: u32,
    period: Period,
    installations: u64,
    days: Vec<One>,
}

/// How much of something there is in the whole plan, and on the day that has most of it.
#[derive(Debug, Serialize)]
struct One {
    what: &'static str,
    #[serde(skip)]
    words: &'static str,
    count: u64,
    most: u64,
    on: jiff::civil::Date,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let view = self.plan.open()?;
        let stage = Stage::begin("counting", None);
        let days = Days::of(&view)?;
        drop(stage);
        let plan = view.generation();
        let picture = Calendar { days: &days, plan }.draw();
        if let Some(dir) = self.out.parent().filter(|dir| *dir != Path::new("")) {
            make_dir(dir)?;
        }
        fs::write(&self.out, picture).map_err(|error| file_failure("write", &self.out, &error))?;
        if let Some(overlay) = &plan.made.overlay {
            context.output.say(&format!("  planned under {overlay}"))?;
        }
        context.output.show(&Drawn {
            file: absolute(&self.out),
            generation: plan.number,
            period: plan.made.period,
            installations: days.installations,
            days: one_each(&days),
        })?;
        Ok(Exit::Clean)
    }
}

fn one_each(days: &Days) -> Vec<One> {
    let all = days.sum(..);
    let one = |(doing, count): (Doing, u64)| {
        let (on, most) = days.most(doing)?;
        Some(One { what: doing.column(), words: doing.words(), count, most, on })
    };
    all.some().filter_map(one).collect()
}

impl Report for Drawn {
    fn text(&self, look: &Look) -> String {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let rows = self.days.iter().map(|one| {
            vec![cell(one.words), count_cell(number(one.count)), count_cell(number(one.most)), cell(one.on.to_string())]
        });
        let mut lines = vec![look.table(&["in the plan", "in all", "on a day", "first on"], 0, rows), String::new()];
        let Period { first, last } = self.period;
        let words =
            format!("generation {}, {first} to {last}, drawn in {}", self.generation, shown(&self.file).display());
        lines.push(look.paragraph(&words, 2));
        lines.push(look.faint("  next: open it in a browser"));
        lines.join("\n")
    }
}
