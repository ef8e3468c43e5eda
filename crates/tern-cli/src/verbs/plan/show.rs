//! `tern plan show`: one installation's story.

use serde::Serialize;
use tern_model::ChfIdentifier;
use tern_plan::plan::{End, Line, Telling};

use super::{PlanName, end_words};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// Tell what is planned for one installation, day by day: what, why on that day, and by which clause
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern plan show 00-DB-12-34-56-78-90-A2",
    "tern plan show 00-DB-12-34-56-78-90-A2 --in plan@1"
))]
pub struct Args {
    /// The installation, by its hub
    chf: ChfIdentifier,
    /// The plan's folder; with @ and a number one of its generations
    #[arg(long = "in", value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
}

#[derive(Debug, Serialize)]
struct Story {
    chf: ChfIdentifier,
    /// The generation that last planned it.
    generation: u32,
    end: End,
    story: Vec<Telling>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let view = self.plan.open()?;
        let made = &view.generation().made;
        let Some(story) = view.story(self.chf)? else {
            let what = format!("CHF {} is not in the plan", self.chf);
            let next = "compare the hub with those of the estate's installations.csv; one that is there and set aside has no \
                        plan, and `tern estate check ESTATE` says why";
            return Err(Failure::new(what, next));
        };
        let end = Line::end(&story.lines);
        let told = Telling::story(&story.lines);
        if let Some(overlay) = &made.overlay {
            context.output.say(&format!("  planned under {overlay}"))?;
        }
        context.output.show(&Story { chf: self.chf, generation: story.generation, end, story: told })?;
        Ok(Exit::Clean)
    }
}

/// A day and what stands before it.
const DAY: usize = 14;

impl Report for Story {
    fn text(&self, look: &Look) -> String {
        let head = format!("CHF {}: {}", self.chf, end_words(self.end));
        let mut lines = vec![format!("  {}", look.strong(&head))];
        for told in &self.story {
            lines.push(String::new());
            lines.push(format!("  {}  {}", told.day, look.hanging(&told.what, DAY)));
            let why = format!("{} ({})", told.reason, told.clause);
            lines.push(look.faint(&look.paragraph(&why, DAY)));
        }
        lines.push(String::new());
        let planned = format!("planned by generation {}; `tern explain CLAUSE` says more", self.generation);
        lines.push(look.faint(&format!("  {planned}")));
        lines.join("\n")
    }
}
