//! The Device Model Variations to Equivalent Steps Matrix (AC5), S1SR Annex A, as far as the sources let it be known: what a
//! Service Reference Variant does on some devices other than the Equivalent Steps say, from day to day.
//!
//! The matrix itself is not public. Each row here is a behaviour that a source names, with its grade; the sources name cohorts
//! and GroupIDs and no Device Models, so that a row is read for all models of its kind there (R). This module must never process a
//! Service Request: whoever does asks it.

mod guidance;
mod rows;
mod told;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{Behaviour, DeviceKind, Grade, GroupId};

use crate::documents::{DocumentVersion, Force};
use crate::groups::row_of;
use crate::releases::Release;
use crate::rulebook::{Books, Rulebook};

pub use guidance::{GuidanceEntry, guidance, page as guidance_page};
pub use rows::ROWS;
pub use told::{ToldRow, ToldVariation};

/// Since when a behaviour holds.
#[derive(Debug, Clone, Copy)]
pub enum Begins {
    /// Since the group is migrated at all.
    Ever,
    /// Since a document version is in force.
    Version(&'static DocumentVersion),
    /// Since the systems were changed.
    Release(&'static Release),
}

/// One behaviour, since when, and in words for Users. The last one reached holds.
#[derive(Debug, Clone, Copy)]
pub struct Variation {
    /// Since when.
    pub from: Begins,
    /// What happens.
    pub behaviour: Behaviour,
    /// What a User is told of it.
    pub words: &'static str,
}

/// A group of a row, and how firmly the sources put it there.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Member {
    /// Which.
    pub group: GroupId,
    /// How firmly.
    pub grade: Grade,
}

/// Some devices and some Service Reference Variants.
#[derive(Debug)]
pub struct Row {
    /// Its name: ours (P).
    pub key: &'static str,
    /// A few words.
    pub title: &'static str,
    /// The kind of device that a request is for.
    pub device: DeviceKind,
    /// Whose installations.
    pub groups: &'static [Member],
    /// The Service Reference Variants.
    pub srvs: &'static [&'static str],
    /// What happens, the earliest first.
    pub variations: &'static [Variation],
    /// How firmly the sources support it.
    pub grade: Grade,
    /// For example `S000 section 7.2`.
    pub source: &'static str,
    /// Where the source is unclear or silent: how we read it.
    pub reading: &'static str,
    /// The requirement that it serves.
    pub requirement: &'static str,
}

impl Begins {
    /// The first day in a rulebook, and whether it is our assumption; none where there is no such day.
    #[must_use]
    pub fn day(self, rulebook: &Rulebook) -> Option<(Date, bool)> {
        match self {
            Begins::Ever => None,
            Begins::Version(version) => {
                let force = rulebook.force(version);
                Some((force.first_day()?, matches!(force, Force::AssumedSince(_))))
            }
            Begins::Release(release) => {
                let day = rulebook.release_day(release);
                Some((day, release.assumed && day == release.day))
            }
        }
    }

    /// For example `S1SR 5.0`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Begins::Ever => "the group's migration".to_owned(),
            Begins::Version(version) => version.name(),
            Begins::Release(release) => release.title.to_owned(),
        }
    }

    fn reached(self, books: Books<'_>) -> bool {
        match self {
            Begins::Ever => true,
            Begins::Version(_) | Begins::Release(_) => self.day(books.rulebook).is_some_and(|(day, _)| day <= books.on),
        }
    }
}

impl Row {
    /// What holds for a group under the books of a day; none where the row is not for the group, or the group is not yet covered.
    #[must_use]
    pub fn variation(&self, group: GroupId, books: Books<'_>) -> Option<&Variation> {
        let member = self.groups.iter().any(|member| member.group == group);
        let covered = books.rulebook.in_force_from(row_of(group).since).is_some_and(|day| day <= books.on);
        self.variations.iter().rev().find(|variation| member && covered && variation.from.reached(books))
    }
}

/// What a request of a variant to a device does other than its Equivalent Steps, under the books of a day: the rows that say so,
/// each with what holds. Empty where nothing is known to be different.
pub fn variations<'a>(
    (device, group): (DeviceKind, GroupId),
    srv: &'a str,
    books: Books<'a>,
) -> impl Iterator<Item = (&'static Row, &'static Variation)> + 'a {
    let row = move |row: &&'static Row| row.device == device && row.srvs.contains(&srv);
    ROWS.iter().copied().filter(row).filter_map(move |row| Some((row, row.variation(group, books)?)))
}

/// The row of a name, whatever the case of its letters.
#[must_use]
pub fn find(key: &str) -> Option<&'static Row> {
    ROWS.iter().copied().find(|row| row.key.eq_ignore_ascii_case(key.trim()))
}
