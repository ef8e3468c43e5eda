//! Whether a plan may be carried out on a day, and the notices that it has go out on it. A plan that is outdated
//! announces nothing and has nothing done.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use tern_model::ChfIdentifier;
use tern_plan::notices::{Due, DueNotices};

use super::estate::EstateFolder;
use super::kept::latest;
use super::stories::PlanView;
use crate::fault::ServiceFault;

impl PlanView {
    /// Refuses a plan that is not in force on a day beside these files: it has a later generation, another estate or
    /// other events than it was made from, or the day is none of its days.
    ///
    /// # Errors
    /// [`ServiceFault::Refused`] where it is not in force; the store cannot be read.
    pub fn in_force(&self, folder: &EstateFolder, on: Date) -> Result<(), ServiceFault> {
        let generation = self.generation();
        let (made, dir) = (&generation.made, self.dir().display());
        let refused =
            |what: String, suggestion: &str| ServiceFault::Refused { what, suggestion: suggestion.to_owned() };
        if latest(self.store())?.is_some_and(|newest| newest.number != generation.number) {
            return Err(refused(format!("the plan in {dir} has a later generation"), "leave `@` and the number out"));
        }
        if made.estate != folder.digest {
            let what =
                format!("the plan in {dir} was made from another estate: one of its files but events.csv is another");
            return Err(refused(
                what,
                "put the estate's files back as they were, or make another plan, in another folder",
            ));
        }
        if made.events != folder.events_digest {
            let what = format!("the plan in {dir} was made from other events than there are");
            return Err(refused(what, "`tern plan make` makes its next generation, or says which rows to put back"));
        }
        let period = made.period;
        if on < period.first || on > period.last {
            let what = format!("{on} is not among the days of the plan, {} to {}", period.first, period.last);
            return Err(refused(what, "give --on a day among them"));
        }
        Ok(())
    }

    /// The notices that the plan has go out on the day of `made`, a moment in Europe/London, as files named by it.
    /// The same moment gives the same files.
    ///
    /// # Errors
    /// The plan is not [in force](PlanView::in_force) on that day, or its store cannot be read.
    pub fn due_notices(&self, folder: &EstateFolder, made: DateTime) -> Result<DueNotices, ServiceFault> {
        self.in_force(folder, made.date())?;
        let mut due = Due::of(&folder.estate, &folder.events, made);
        let mut stories = self.stories();
        while let Some(story) = stories.next_story()? {
            if let Some(installation) = folder.estate.find_installation(story.chf) {
                due.story(installation, &story.lines);
            }
        }
        Ok(due.finish())
    }

    /// As [`PlanView::due_notices`], where it is known who has notices on the day.
    ///
    /// # Errors
    /// As [`PlanView::due_notices`].
    pub fn due_notices_of(
        &self,
        folder: &EstateFolder,
        made: DateTime,
        chfs: &BTreeSet<ChfIdentifier>,
    ) -> Result<DueNotices, ServiceFault> {
        self.in_force(folder, made.date())?;
        let mut due = Due::of(&folder.estate, &folder.events, made);
        for chf in chfs {
            let Some(installation) = folder.estate.find_installation(*chf) else { continue };
            if let Some(story) = self.story(*chf)? {
                due.story(installation, &story.lines);
            }
        }
        Ok(due.finish())
    }
}
