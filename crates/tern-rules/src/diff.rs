//! What changes from the rule books of one day to those of another, clause by clause: what `tern rules --diff` tells.
//!
//! This module must never hold words about a single rule, nor judge anything.

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{Grade, GroupId};

use crate::binding::{bound, first_day};
use crate::documents::{Force, REGISTER};
use crate::registry;
use crate::rule::{Number, Rule, Since, Text};
use crate::rulebook::Books;

/// What is different on the later day.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    /// The earlier day.
    pub from: Date,
    /// The later day.
    pub to: Date,
    /// Document versions that came into force after the earlier day, and not after the later one; in order of their days.
    pub documents: Vec<VersionCame>,
    /// GroupIDs that are covered on the later day and were not on the earlier one.
    pub groups: Vec<GroupCame>,
    /// Clauses that changed, in the order of the registry.
    pub clauses: Vec<ClauseChange>,
    /// So many clauses are as they were.
    pub unchanged: usize,
}

/// A document version that came into force.
#[derive(Debug, Clone, Serialize)]
pub struct VersionCame {
    /// For example `TMAD AL 5.0`.
    pub version: String,
    /// On which day.
    pub on: Date,
    /// Whether the day is our assumption.
    pub assumed: bool,
    /// How far it had come when its source spoke of it.
    pub status: &'static str,
    /// What it brought.
    pub note: &'static str,
    /// Where that comes from.
    pub source: &'static str,
}

/// A group that came to be covered.
#[derive(Debug, Clone, Serialize)]
pub struct GroupCame {
    /// Which.
    pub group: GroupId,
    /// Since when.
    pub on: Date,
    /// Whether the day is our assumption.
    pub assumed: bool,
}

/// How a clause changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It bound nobody before.
    New,
    /// Another wording, or other numbers.
    TextChanged,
    /// The same wording binds groups that it did not bind.
    FurtherGroups,
    /// It binds nobody on either day, and comes into force later.
    NotYetInForce,
}

/// A clause that changed.
#[derive(Debug, Clone, Serialize)]
pub struct ClauseChange {
    /// For example `5.10.10`.
    pub clause: &'static str,
    /// For example `TMAD clause 5.10.10`.
    pub name: String,
    /// A few words.
    pub title: &'static str,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// For example `S002 item 8`.
    pub source: &'static str,
    /// How.
    pub change: Change,
    /// The wording on the earlier day; none where it bound nobody.
    pub before: Option<Wording>,
    /// The wording on the later day; the first one to come where it binds nobody then.
    pub after: Option<Wording>,
    /// Numbers that are not the same.
    pub numbers: Vec<NumberChange>,
    /// The first day on which it binds, or will bind, any group.
    pub since: Option<Date>,
    /// The groups that it binds on the later day.
    pub groups: Vec<GroupId>,
    /// Those of them that it did not bind on the earlier day.
    pub further: Vec<GroupId>,
}

/// A wording with its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wording {
    /// What it says.
    pub words: &'static str,
    /// The document version that brought it.
    pub version: String,
    /// Its first day.
    pub from: Option<Date>,
    /// Whether that is our assumption.
    pub assumed: bool,
}

/// A number that a clause sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberChange {
    /// What it counts.
    pub number: &'static str,
    /// What it was; none where the wording set none.
    pub before: Option<i32>,
    /// What it is.
    pub after: Option<i32>,
}

impl Diff {
    /// Compares the rule books of two days.
    #[must_use]
    pub fn between(before: Books<'_>, after: Books<'_>) -> Diff {
        let clauses: Vec<ClauseChange> = registry::rules().filter_map(|rule| clause(rule, before, after)).collect();
        Diff {
            from: before.on,
            to: after.on,
            documents: versions(before, after),
            groups: groups(before, after),
            unchanged: registry::rules().count() - clauses.len(),
            clauses,
        }
    }

    /// The clauses that changed in one way.
    pub fn of(&self, change: Change) -> impl Iterator<Item = &ClauseChange> {
        self.clauses.iter().filter(move |clause| clause.change == change)
    }
}

fn versions(before: Books<'_>, after: Books<'_>) -> Vec<VersionCame> {
    let came = |on: Date| before.on < on && on <= after.on;
    let dated = REGISTER.iter().filter_map(|version| {
        let force = after.rulebook.force(version);
        let on = force.first_day().filter(|day| came(*day))?;
        let (status, note, source) = (version.status.as_str(), version.note, version.source);
        Some(VersionCame { version: version.name(), on, assumed: is_assumed(force), status, note, source })
    });
    let mut versions: Vec<VersionCame> = dated.collect();
    versions.sort_by_key(|version| version.on);
    versions
}

fn groups(before: Books<'_>, after: Books<'_>) -> Vec<GroupCame> {
    let came = |group: GroupId| {
        let force = after.rulebook.force(crate::groups::row_of(group).since);
        let on = force.first_day().filter(|day| before.on < *day && *day <= after.on)?;
        Some(GroupCame { group, on, assumed: is_assumed(force) })
    };
    GroupId::ALL.into_iter().filter_map(came).collect()
}

fn is_assumed(force: Force) -> bool {
    matches!(force, Force::AssumedSince(_))
}

/// None where nothing changed.
fn clause(rule: &'static Rule, before: Books<'_>, after: Books<'_>) -> Option<ClauseChange> {
    let (bound_before, groups) = (bound(rule, before), bound(rule, after));
    let text_of = |books: Books<'_>, bound: &[GroupId]| books.text_of(rule, Some(*bound.first()?));
    let (old, new) = (text_of(before, &bound_before), text_of(after, &groups));
    let numbers = numbers(rule, old.map(|text| (before, text)), new.map(|text| (after, text)));
    let further: Vec<GroupId> = groups.iter().copied().filter(|group| !bound_before.contains(group)).collect();
    let change = match (old, new) {
        (None, None) => Change::NotYetInForce,
        (None, Some(_)) => Change::New,
        (Some(old), Some(new)) if std::ptr::eq(old, new) && numbers.is_empty() => {
            if further.is_empty() {
                return None;
            }
            Change::FurtherGroups
        }
        (Some(_), _) => Change::TextChanged,
    };
    let coming = rule.texts.first().filter(|_| change == Change::NotYetInForce);
    Some(ClauseChange {
        clause: rule.clause,
        name: rule.name(),
        title: rule.title,
        grade: rule.grade,
        source: rule.source,
        change,
        before: old.map(|text| wording(text, before)),
        after: new.or(coming).map(|text| wording(text, after)),
        numbers,
        since: GroupId::ALL.into_iter().filter_map(|group| first_day(rule, group, after.rulebook)).min(),
        groups,
        further,
    })
}

/// The numbers that are not the same in two wordings.
fn numbers(rule: &'static Rule, old: Option<Dated<'_>>, new: Option<Dated<'_>>) -> Vec<NumberChange> {
    let of = |side: Option<Dated<'_>>, number| side.and_then(|(books, text)| books.number(rule, text, number));
    let changes = Number::ALL.into_iter().map(|number| NumberChange {
        number: number.as_str(),
        before: of(old, number),
        after: of(new, number),
    });
    changes.filter(|change| change.before != change.after).collect()
}

/// A wording under the books of a day.
type Dated<'a> = (Books<'a>, &'static Text);

fn wording(text: &'static Text, books: Books<'_>) -> Wording {
    let force = match text.since {
        Since::Always => None,
        Since::Version(version) => Some(books.rulebook.force(version)),
    };
    Wording {
        words: text.words,
        version: match text.since {
            Since::Always => String::new(),
            Since::Version(version) => version.name(),
        },
        from: force.and_then(Force::first_day),
        assumed: force.is_some_and(is_assumed),
    }
}
