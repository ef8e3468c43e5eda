//! A row of the matrix with its days, as it is told to a reader.

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{Behaviour, DeviceKind, Grade, GroupId};

use super::{Member, Row};
use crate::rulebook::Rulebook;

/// A row with its days.
#[derive(Debug, Clone, Serialize)]
pub struct ToldRow {
    /// Its name.
    pub key: &'static str,
    /// A few words.
    pub title: &'static str,
    /// The kind of device.
    pub device: DeviceKind,
    /// Whose installations.
    pub groups: &'static [Member],
    /// The Service Reference Variants.
    pub srvs: &'static [&'static str],
    /// What happens, the earliest first; of a day that was asked for, what holds for any group then.
    pub variations: Vec<ToldVariation>,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// Where it comes from.
    pub source: &'static str,
    /// How we read it.
    pub reading: &'static str,
    /// The requirement that it serves.
    pub requirement: &'static str,
}

/// What happens from a day on.
#[derive(Debug, Clone, Serialize)]
pub struct ToldVariation {
    /// The document version or the release that brought it.
    pub by: String,
    /// The first day; none where it was so from the beginning.
    pub from: Option<Date>,
    /// Whether the day is our assumption.
    pub assumed: bool,
    /// What happens.
    pub behaviour: Behaviour,
    /// What a User is told.
    pub words: &'static str,
    /// For which groups it holds on the day that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_for: Option<Vec<GroupId>>,
}

impl Row {
    /// The row as it is told; with a day only what holds for some group then.
    #[must_use]
    pub fn told(&'static self, rulebook: &Rulebook, as_of: Option<Date>) -> ToldRow {
        let told = |(at, variation): (usize, &'static super::Variation)| {
            let (from, assumed) = variation.from.day(rulebook).unzip();
            let holds = |group: &GroupId, day: Date| {
                let of_day = self.variation(*group, rulebook.on(day));
                of_day.is_some_and(|of_day| std::ptr::eq(of_day, &self.variations[at]))
            };
            let holds_for =
                as_of.map(|day| GroupId::ALL.into_iter().filter(|group| holds(group, day)).collect::<Vec<_>>());
            ToldVariation {
                by: variation.from.name(),
                from,
                assumed: assumed.unwrap_or_default(),
                behaviour: variation.behaviour,
                words: variation.words,
                holds_for,
            }
        };
        let variations = self.variations.iter().enumerate().map(told);
        ToldRow {
            key: self.key,
            title: self.title,
            device: self.device,
            groups: self.groups,
            srvs: self.srvs,
            variations: variations.filter(|v| v.holds_for.as_ref().is_none_or(|groups| !groups.is_empty())).collect(),
            grade: self.grade,
            source: self.source,
            reading: self.reading,
            requirement: self.requirement,
        }
    }
}
