//! Who is excluded by a plan, since when, why, and what supports it: the rows of `events.csv` that say so.
//!
//! Nothing is said to be excluded here that the plan does not exclude.

use jiff::civil::Date;
use tern_model::PartyId;
use tern_model::facts::ExclusionCategory;
use tern_plan::estate::{Estate, Event, InstallationIx, NameIx, What as Happened};
use tern_plan::plan::{Line, What};

/// An installation, or its gas meter alone, that is in an excluded category at the end of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded {
    /// Which.
    pub installation: InstallationIx,
    /// Its supplier.
    pub supplier: PartyId,
    /// Since when.
    pub since: Date,
    /// The category.
    pub category: ExclusionCategory,
}

/// A row of `events.csv` that supports an exclusion.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    installation: InstallationIx,
    category: ExclusionCategory,
    row: u32,
    on: Date,
    why: Option<NameIx>,
}

/// Everybody who is excluded.
#[derive(Debug, Default)]
pub struct Exclusions {
    /// In the order of CHF identifiers, those of one in the order of their days.
    pub all: Vec<Excluded>,
    /// By installation, and of one in the order in which it is known.
    evidence: Vec<Evidence>,
}

impl Exclusions {
    /// Nobody yet; with what the events say, up to a row of their file.
    pub(super) fn of(events: &[Event], last_row: u32) -> Exclusions {
        let evidence = |event: &Event| {
            let (installation, category, why) = match event.what {
                Happened::AttemptFailed { installation, why } => {
                    (installation, ExclusionCategory::AttemptsExhausted, why)
                }
                Happened::Excluded { installation, category, evidence, .. } => (installation, category, Some(evidence)),
                _ => return None,
            };
            Some(Evidence { installation, category, row: event.row, on: event.on, why })
        };
        let mut evidence: Vec<Evidence> =
            events.iter().filter(|event| event.row <= last_row).filter_map(evidence).collect();
        evidence.sort_by_key(|evidence| evidence.installation);
        Exclusions { all: Vec::new(), evidence }
    }

    /// Adds the exclusions that a story ends with.
    pub(super) fn add(&mut self, installation: InstallationIx, supplier: PartyId, story: &[Line]) {
        let first = self.all.len();
        for line in story {
            let category = match &line.what {
                What::Excluded(why) => why.category(),
                What::GasExcluded(_) => ExclusionCategory::GasHanError,
                What::ExclusionEnded { category, .. } => {
                    let ended = self.all[first..].iter().position(|excluded| excluded.category == *category);
                    ended.map(|at| self.all.remove(first + at));
                    continue;
                }
                _ => continue,
            };
            self.all.push(Excluded { installation, supplier, since: line.day, category });
        }
    }

    /// What supports an exclusion: each row with its day and what it says.
    #[must_use]
    pub fn evidence(&self, excluded: &Excluded, estate: &Estate) -> String {
        let first = self.evidence.partition_point(|evidence| evidence.installation < excluded.installation);
        let of = self.evidence[first..].iter().take_while(|evidence| evidence.installation == excluded.installation);
        let supports = |evidence: &&Evidence| evidence.category == excluded.category && evidence.on <= excluded.since;
        let told = of.filter(supports).map(|evidence| {
            let why = evidence.why.map_or("", |why| estate.catalogue().text(why));
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            format!("events.csv row {}, {}{why}", evidence.row, evidence.on)
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

/// Whether a story leaves the gas meter with the SMSO (GT01).
pub(super) fn leaves_gas(story: &[Line]) -> bool {
    story.iter().fold(false, |left, line| match &line.what {
        What::GasExcluded(_) => true,
        What::ExclusionEnded { category: ExclusionCategory::GasHanError, .. } => false,
        _ => left,
    })
}
