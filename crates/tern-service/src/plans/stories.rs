//! Stories as a plan's generations have them, and how two plans differ.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_model::ChfIdentifier;
use tern_plan::plan::Line;
use tern_store::{SqliteView, StoreView};

use super::PlanFolder;
use super::kept::{Generation, STORY, generations};
use crate::fault::ServiceFault;

/// Records that are read at once.
const PAGE: usize = 2_000;

/// A plan up to one of its generations.
pub struct PlanView {
    dir: PathBuf,
    view: SqliteView,
    generations: Vec<Generation>,
}

/// An installation's story, and the generation that last touched it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Story {
    /// Which.
    pub chf: ChfIdentifier,
    /// The generation that last planned it.
    pub generation: u32,
    /// Its lines.
    #[serde(skip)]
    pub lines: Vec<Line>,
}

impl PlanView {
    /// Opens a plan as it was with a generation, or with the newest one; none where there is no such plan or generation.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn open(dir: &Path, number: Option<u32>) -> Result<Option<PlanView>, ServiceFault> {
        let Some(view) = PlanFolder::new(dir).view()? else { return Ok(None) };
        let mut generations = generations(&view)?;
        generations.retain(|generation| number.is_none_or(|number| generation.number <= number));
        let there = generations.last().is_some_and(|last| number.is_none_or(|number| last.number == number));
        Ok(there.then(|| PlanView { dir: dir.to_owned(), view, generations }))
    }

    /// The plan's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn store(&self) -> &SqliteView {
        &self.view
    }

    /// Its generations, up to the one that it is looked at with.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generation that it is looked at with.
    ///
    /// # Panics
    /// Never: a plan without a generation is not opened.
    #[must_use]
    pub fn generation(&self) -> &Generation {
        self.generations.last().expect("an opened plan has a generation")
    }

    /// The story of an installation; none where the plan has none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn story(&self, chf: ChfIdentifier) -> Result<Option<Story>, ServiceFault> {
        for generation in self.generations.iter().rev() {
            let key = format!("{chf}/{:06}", generation.number);
            if let Some(record) = self.view.get(STORY, &key)? {
                return Ok(Some(story(&key, &record.body)?));
            }
        }
        Ok(None)
    }

    /// Every story, in the order of CHF identifiers.
    pub fn stories(&self) -> Stories<'_> {
        Stories { view: self, page: Vec::new().into_iter(), after: None, held: None, done: false }
    }
}

/// Every story of a plan, read in pages.
pub struct Stories<'v> {
    view: &'v PlanView,
    page: std::vec::IntoIter<Story>,
    after: Option<String>,
    held: Option<Story>,
    done: bool,
}

impl Stories<'_> {
    fn next_record(&mut self) -> Result<Option<Story>, ServiceFault> {
        let newest = self.view.generation().number;
        loop {
            if let Some(story) = self.page.next() {
                if story.generation <= newest {
                    return Ok(Some(story));
                }
                continue;
            }
            if self.done {
                return Ok(None);
            }
            let records = self.view.view.scan(STORY, self.after.as_deref(), PAGE)?;
            self.done = records.len() < PAGE;
            self.after = records.last().map(|(key, _)| key.clone()).or(self.after.take());
            let page: Result<Vec<Story>, ServiceFault> =
                records.iter().map(|(key, record)| story(key, &record.body)).collect();
            self.page = page?.into_iter();
        }
    }

    /// The next installation's newest story.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn next_story(&mut self) -> Result<Option<Story>, ServiceFault> {
        let Some(mut newest) = self.held.take().map_or_else(|| self.next_record(), |held| Ok(Some(held)))? else {
            return Ok(None);
        };
        while let Some(next) = self.next_record()? {
            if next.chf == newest.chf {
                newest = next;
            } else {
                self.held = Some(next);
                break;
            }
        }
        Ok(Some(newest))
    }
}

fn story(key: &str, body: &[u8]) -> Result<Story, ServiceFault> {
    let named = key.split_once('/').and_then(|(chf, number)| Some((chf.parse().ok()?, number.parse().ok()?)));
    let (chf, generation) = named.ok_or_else(|| ServiceFault::body(format!("{key} is no key of a story")))?;
    Ok(Story { chf, generation, lines: serde_json::from_slice(body).map_err(ServiceFault::body)? })
}

/// An installation of which two plans tell different stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub chf: ChfIdentifier,
    /// Its story in the first plan; none where that has none.
    pub before: Option<Vec<Line>>,
    /// Its story in the second.
    pub after: Option<Vec<Line>>,
}

/// Hands every installation of which two plans tell different stories to `on_change`, in the order of CHF identifiers; how
/// many are alike.
///
/// # Errors
/// A store cannot be read, or what `on_change` says.
pub fn differences<E: From<ServiceFault>>(
    before: &PlanView,
    after: &PlanView,
    mut on_change: impl FnMut(Changed) -> Result<(), E>,
) -> Result<usize, E> {
    let (mut first, mut second) = (before.stories(), after.stories());
    let (mut left, mut right) = (first.next_story()?, second.next_story()?);
    let mut alike = 0;
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(alike),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(left), Some(right)) => left.chf.cmp(&right.chf),
        };
        let one = if order.is_le() { std::mem::replace(&mut left, first.next_story()?) } else { None };
        let other = if order.is_ge() { std::mem::replace(&mut right, second.next_story()?) } else { None };
        let Some(chf) = one.as_ref().or(other.as_ref()).map(|story| story.chf) else { return Ok(alike) };
        let (before, after) = (one.map(|story| story.lines), other.map(|story| story.lines));
        if before == after {
            alike += 1;
        } else {
            on_change(Changed { chf, before, after })?;
        }
    }
}
