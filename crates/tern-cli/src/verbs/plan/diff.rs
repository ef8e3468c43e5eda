//! `tern plan diff`: what one plan says otherwise than another.

use serde::Serialize;
use tern_model::ChfIdentifier;
use tern_plan::plan::{End, Line, Telling};
use tern_service::plans::{Changed, differences};

use super::{PlanName, end_words, migrated};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count, counted};
use crate::output::Report;
use crate::progress::Stage;

/// Compare two plans, or two generations of one: who is planned otherwise, and from where on
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern plan diff plan@1 plan@2", "tern plan diff plan other --most 100"))]
pub struct Args {
    /// The first plan's folder; with @ and a number one of its generations
    #[arg(value_name = "A", value_parser = PlanName::parse)]
    before: PlanName,
    /// The second one
    #[arg(value_name = "B", value_parser = PlanName::parse)]
    after: PlanName,
    /// Tell of so many installations
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    most: usize,
}

#[derive(Debug, Default, Serialize)]
struct Diff {
    alike: usize,
    different: usize,
    /// In one of the plans alone.
    in_one_alone: usize,
    migrated_earlier: usize,
    migrated_later: usize,
    migrated_in_second_alone: usize,
    migrated_in_first_alone: usize,
    /// The first of those that are different.
    installations: Vec<One>,
}

/// An installation that is planned otherwise.
#[derive(Debug, Serialize)]
struct One {
    chf: ChfIdentifier,
    before: Option<End>,
    after: Option<End>,
    /// The first line of each story that the other has not.
    first_before: Option<Telling>,
    first_after: Option<Telling>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (before, after) = (self.before.open()?, self.after.open()?);
        let stage = Stage::begin("comparing plans", None);
        let mut diff = Diff::default();
        diff.alike = differences(&before, &after, |changed| {
            diff.take(changed, self.most);
            Ok::<_, Failure>(())
        })?;
        drop(stage);
        context.output.show(&diff)?;
        Ok(Exit::Clean)
    }
}

impl Diff {
    fn take(&mut self, changed: Changed, most: usize) {
        let Changed { chf, before, after } = changed;
        let end = |story: &Option<Vec<Line>>| story.as_ref().map(|story| Line::end(story));
        let (from, to) = (end(&before), end(&after));
        self.different += 1;
        self.in_one_alone += usize::from(from.is_none() || to.is_none());
        match (from.and_then(migrated), to.and_then(migrated)) {
            (Some(first), Some(second)) => {
                self.migrated_earlier += usize::from(second < first);
                self.migrated_later += usize::from(second > first);
            }
            (None, Some(_)) => self.migrated_in_second_alone += 1,
            (Some(_), None) => self.migrated_in_first_alone += 1,
            (None, None) => {}
        }
        if self.installations.len() < most {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            let alike = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
            let first = |story: &[Line]| Telling::story(story).into_iter().nth(alike);
            let (first_before, first_after) = (first(&before), first(&after));
            self.installations.push(One { chf, before: from, after: to, first_before, first_after });
        }
    }
}

impl Report for Diff {
    fn text(&self, look: &Look) -> String {
        let different = counted(self.different, "installation");
        let mut lines =
            vec![format!("  {}; {} alike", look.strong(&format!("{different} planned otherwise")), count(self.alike))];
        let rows = [
            ("migrated earlier in the second", self.migrated_earlier),
            ("migrated later in the second", self.migrated_later),
            ("migrated in the second alone", self.migrated_in_second_alone),
            ("migrated in the first alone", self.migrated_in_first_alone),
            ("in one of the plans alone", self.in_one_alone),
        ];
        let rows = rows.into_iter().filter(|(_, number)| *number > 0);
        lines.extend(rows.map(|(words, number)| format!("  {:>10}  {words}", count(number))));
        for one in &self.installations {
            let end = |end: Option<End>| end.map_or("not in the plan".to_owned(), end_words);
            lines.push(String::new());
            let chf = look.strong(&format!("CHF {}", one.chf));
            let ends = if one.before == one.after {
                end(one.before)
            } else {
                format!("{} → {}", end(one.before), end(one.after))
            };
            lines.push(format!("  {chf}  {ends}"));
            for (sign, line) in [("-", &one.first_before), ("+", &one.first_after)] {
                let told = line.as_ref().map(|told| format!("{} {} ({})", told.day, told.what, told.clause));
                lines.extend(told.map(|told| format!("    {sign} {}", look.hanging(&told, 6))));
            }
        }
        let told = self.installations.len();
        if told < self.different {
            lines.push(String::new());
            lines.push(look.faint(&format!("  and {} more; --most tells of more", count(self.different - told))));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        let diff = Diff { alike: 2_999, different: 1_000, migrated_later: 1_000, ..Diff::default() };
        let text = diff.text(&Look::plain());
        for said in ["1,000 installations planned otherwise; 2,999 alike", "  1,000  migrated later", "and 1,000 more"]
        {
            assert!(text.contains(said), "{said} in\n{text}");
        }
    }
}
