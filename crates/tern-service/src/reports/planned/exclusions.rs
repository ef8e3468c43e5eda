//! Who is excluded by a plan, since when, why, and what supports it: the rows of `events.csv` that say so.
//!
//! Nothing is said to be excluded here that the plan does not exclude.

use jiff::civil::Date;
use tern_model::PartyId;
use tern_plan::estate::{Estate, Event, InstallationIx, NameIx, What as Happened};
use tern_plan::plan::End;

/// An installation that is excluded at the end of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded {
    /// Which.
    pub installation: InstallationIx,
    /// Its supplier.
    pub supplier: PartyId,
    /// Since when.
    pub since: Date,
    /// The category, as records of exclusions name it.
    pub category: &'static str,
}

/// A row of `events.csv` that supports an exclusion.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    installation: InstallationIx,
    row: u32,
    on: Date,
    why: Option<NameIx>,
}

/// Everybody who is excluded.
#[derive(Debug, Default)]
pub struct Exclusions {
    /// In the order of CHF identifiers.
    pub all: Vec<Excluded>,
    /// By installation, and of one in the order in which it is known.
    evidence: Vec<Evidence>,
}

/// As `facts/exclusions.csv` calls the category of those who were attempted too often.
const ATTEMPTS: &str = "attempts-exhausted";

impl Exclusions {
    /// Nobody yet; with what the events say, up to a row of their file.
    pub(super) fn of(events: &[Event], last_row: u32) -> Exclusions {
        let evidence = |event: &Event| match event.what {
            Happened::AttemptFailed { installation, why } => {
                Some(Evidence { installation, row: event.row, on: event.on, why })
            }
            _ => None,
        };
        let mut evidence: Vec<Evidence> =
            events.iter().filter(|event| event.row <= last_row).filter_map(evidence).collect();
        evidence.sort_by_key(|evidence| evidence.installation);
        Exclusions { all: Vec::new(), evidence }
    }

    /// Adds an installation if its story ends with an exclusion.
    pub(super) fn add(&mut self, installation: InstallationIx, supplier: PartyId, end: End) {
        if let End::Excluded(since) = end {
            self.all.push(Excluded { installation, supplier, since, category: ATTEMPTS });
        }
    }

    /// What supports an exclusion: each row with its day and what it says.
    #[must_use]
    pub fn evidence(&self, excluded: &Excluded, estate: &Estate) -> String {
        let first = self.evidence.partition_point(|evidence| evidence.installation < excluded.installation);
        let of = self.evidence[first..].iter().take_while(|evidence| evidence.installation == excluded.installation);
        let told = of.filter(|evidence| evidence.on <= excluded.since).map(|evidence| {
            let why = evidence.why.map_or("", |why| estate.catalogue().text(why));
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            format!("events.csv row {}, {}{why}", evidence.row, evidence.on)
        });
        told.collect::<Vec<_>>().join("; ")
    }
}
