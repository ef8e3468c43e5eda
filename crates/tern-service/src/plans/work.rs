//! Making a generation: the engine between the estate's files and the plan's folder.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::{ChfIdentifier, PartyId};
use tern_plan::engine::{Contradicted, Input, Parent, Touched};
use tern_plan::estate::{Estate, Event};
use tern_plan::plan::{End, Line, Still, Taken, What, end_of};
use tern_rules::Rulebook;

use super::estate::EstateFolder;
use super::kept::{Generation, Kept, Made, PlanFolder, Standing, Standings};
use super::stories::PlanView;
use crate::fault::ServiceFault;

/// What a generation is made from.
#[derive(Debug)]
pub struct Work<'a> {
    /// The estate, with its events.
    pub folder: &'a EstateFolder,
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// What is noted of it.
    pub made: Made,
}

impl Work<'_> {
    /// Designations among the events that the rulebook contradicts: they move nothing.
    #[must_use]
    pub fn contradicted(&self) -> Vec<Contradicted> {
        self.input().contradicted()
    }

    fn input(&self) -> Input<'_> {
        Input {
            estate: &self.folder.estate,
            events: &self.folder.events,
            rulebook: self.rulebook,
            assumptions: &self.made.assumptions,
            period: self.made.period,
            still: &self.made.still,
        }
    }

    /// Plans every installation, and keeps that as the first generation.
    ///
    /// # Errors
    /// The plan's store cannot be written.
    pub fn first(self, to: &PlanFolder, mut on_day: impl FnMut()) -> Result<Generation, ServiceFault> {
        let estate = &self.folder.estate;
        let plan = self.input().plan(|_| on_day());
        let mut standings = Standings::new();
        for (_, story) in plan.stories() {
            *standings.entry(end_of(story).into()).or_default() += 1;
        }
        let kept = Kept { made: self.made.clone(), standings, taken: named(plan.taken(), estate) };
        let stories = plan.stories().map(|(installation, story)| {
            let lines = story.iter().map(|step| Line::of(step, estate)).collect();
            (estate.installation(installation).chf, lines)
        });
        to.keep(kept, stories)
    }

    /// Plans those again whom the events touch that the parent did not know, of whom the parent had something for days on which
    /// nobody carried it out, or who are not migrated where there are more days now, and keeps that as the next generation.
    /// Generations behind the parent count no longer: whom they planned again has the parent's story again, unless he is planned
    /// again now.
    ///
    /// # Errors
    /// The plan's store cannot be read or written.
    pub fn next(self, to: &PlanFolder, parent: &PlanView) -> Result<Generation, ServiceFault> {
        let estate = &self.folder.estate;
        let before = parent.generation();
        let reached = before.made.period.last;
        let is_later = |event: &Event| self.made.period.last > reached && event.on > reached;
        let is_new = |event: &&Event| event.row > before.made.last_event_row || is_later(event);
        let new: Vec<Event> = self.folder.events.iter().filter(is_new).copied().collect();
        let mut touched = self.input().touched_by(&new);
        self.kept_back(parent, &mut touched)?;
        self.more_days(parent, &mut touched)?;
        let mut standings = before.standings.clone();
        let (mut came, mut planned) = (Vec::new(), Vec::new());
        for installation in &touched.installations {
            // Whoever the plan set aside stays so.
            let Some(story) = parent.story(estate.installation(*installation).chf)? else { continue };
            planned.push(*installation);
            leave(&mut standings, Line::end(&story.lines).into());
            for line in story.lines {
                match line.what {
                    What::Migration(supplier) => {
                        came.push((*installation, line.day, estate.catalogue().find_supplier(supplier)));
                    }
                    What::Left { .. } => came.push((*installation, line.day, None)),
                    _ => {}
                }
            }
        }
        touched.installations = planned;
        let (last, taken) = (before.made.period.last, places(&before.taken, estate));
        let replan = self.input().replan(Parent { last, taken, came }, &touched);
        for (_, story) in &replan.stories {
            *standings.entry(end_of(story).into()).or_default() += 1;
        }
        let kept = Kept { made: self.made.clone(), standings, taken: named(&replan.taken, estate) };
        let mut stories = taken_back(parent)?;
        stories.extend(replan.stories.iter().map(|(installation, story)| {
            let lines = story.iter().map(|step| Line::of(step, estate)).collect();
            (estate.installation(*installation).chf, lines)
        }));
        to.keep(kept, stories.into_iter())
    }
}

/// The parent's stories of those whom generations behind it planned again.
fn taken_back(parent: &PlanView) -> Result<BTreeMap<ChfIdentifier, Vec<Line>>, ServiceFault> {
    let (mut back, number) = (BTreeMap::new(), parent.generation().number);
    let newest = PlanView::open(parent.dir(), None)?.filter(|newest| newest.generation().number > number);
    let Some(newest) = newest else { return Ok(back) };
    let mut stories = newest.stories();
    while let Some(story) = stories.next_story()? {
        if story.generation > number
            && let Some(before) = parent.story(story.chf)?
        {
            back.insert(story.chf, before.lines);
        }
    }
    Ok(back)
}

impl Work<'_> {
    /// Adds whomever the parent has something of for days on which, as it did not know, nothing is done.
    fn kept_back(&self, parent: &PlanView, touched: &mut Touched) -> Result<(), ServiceFault> {
        let known = &parent.generation().made.still;
        let new: Vec<&Still> = self.made.still.iter().filter(|still| !known.contains(still)).collect();
        let Some(first) = new.iter().map(|still| still.migrations_from).min() else { return Ok(()) };
        let mut stories = parent.stories();
        while let Some(story) = stories.next_story()? {
            let kept_back = story.lines.iter().any(|line| new.iter().any(|still| still.keeps_back(line)));
            touched.installations.extend(self.folder.estate.find_installation(story.chf).filter(|_| kept_back));
        }
        add(touched, first);
        Ok(())
    }

    /// Adds, where there are days behind the parent's, whoever is not migrated on those that it has.
    fn more_days(&self, parent: &PlanView, touched: &mut Touched) -> Result<(), ServiceFault> {
        let last = parent.generation().made.period.last;
        if self.made.period.last <= last {
            return Ok(());
        }
        let mut stories = parent.stories();
        while let Some(story) = stories.next_story()? {
            let is_migrated = matches!(Line::end(&story.lines), End::Migrated(_));
            touched.installations.extend(self.folder.estate.find_installation(story.chf).filter(|_| !is_migrated));
        }
        add(touched, last.tomorrow().unwrap_or(Date::MAX));
        Ok(())
    }
}

/// Puts those who were added in order; they are planned again from a day on.
fn add(touched: &mut Touched, from: Date) {
    touched.installations.sort_unstable();
    touched.installations.dedup();
    touched.from = touched.from.into_iter().chain([from]).min();
}

fn leave(standings: &mut Standings, standing: Standing) {
    if let Some(count) = standings.get_mut(&standing) {
        *count = count.saturating_sub(1);
    }
}

/// Places by supplier's ID, which means the same beside any estate.
fn named(taken: &Taken, estate: &Estate) -> Vec<(Date, PartyId, u32)> {
    let of_day = |(day, of_day): (&Date, &BTreeMap<_, u32>)| {
        let named = of_day.iter().map(|(supplier, count)| (*day, estate.catalogue().supplier_id(*supplier), *count));
        named.collect::<Vec<_>>()
    };
    taken.iter().flat_map(of_day).collect()
}

fn places(taken: &[(Date, PartyId, u32)], estate: &Estate) -> Taken {
    let mut places = Taken::new();
    for (day, supplier, count) in taken {
        if let Some(supplier) = estate.catalogue().find_supplier(*supplier) {
            places.entry(*day).or_default().insert(supplier, *count);
        }
    }
    places
}
