//! What the rulebook says on one day, asked once a day and group.
//!
//! This module must never hold a number of days: wordings do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tern_model::{Fuel, GroupId};
use tern_rules::documents::{REGISTER, TMAD_FOC};
use tern_rules::groups::{Standing, row_of};
use tern_rules::{Books, Number, Rule, Rulebook, find};

use crate::plan::{Dormancy, NoticeOf};

/// The rules of one day.
#[derive(Debug, Clone)]
pub(crate) struct Today {
    /// The day.
    pub(crate) day: Date,
    /// The first day of the wording that knows of Recently Dormant installations.
    pub(crate) recent_from: Option<Date>,
    groups: BTreeMap<GroupId, OfGroup>,
    /// The first days of document versions: between them nothing changes.
    turns: BTreeSet<Date>,
}

/// What binds one group.
#[derive(Debug, Clone, Copy, Default)]
struct OfGroup {
    covered: bool,
    from: Option<Date>,
    preparation: (u16, u16),
    migration: (u16, u16),
    window: (u16, u16),
    configured: bool,
}

impl Today {
    /// The rules of a day.
    pub(crate) fn of(rulebook: &Rulebook, day: Date) -> Today {
        let books = rulebook.on(day);
        let of_group = |group: GroupId| OfGroup {
            covered: books.standing(group) == Standing::InForce,
            from: rulebook.in_force_from(row_of(group).since),
            preparation: notice(books, "4.29", group),
            migration: notice(books, "4.30", group),
            window: (window(books, "5.10.10", group), window(books, "5.10.15", group)),
            configured: find("15.2").is_some_and(|rule| rule.groups.bind(group)),
        };
        Today {
            day,
            recent_from: rulebook.in_force_from(&TMAD_FOC),
            groups: GroupId::ALL.map(|group| (group, of_group(group))).into(),
            turns: REGISTER.iter().filter_map(|version| rulebook.in_force_from(version)).collect(),
        }
    }

    /// The rules of the same or a later day.
    pub(crate) fn go_to(&mut self, rulebook: &Rulebook, day: Date) {
        if self.turns.range(self.day..=day).next().is_some() {
            *self = Today::of(rulebook, day);
        }
        self.day = day;
    }

    /// Whether the TMAD binds a group.
    pub(crate) fn covers(&self, group: GroupId) -> bool {
        self.group(group).covered
    }

    /// The day from which it does.
    pub(crate) fn covers_from(&self, group: GroupId) -> Option<Date> {
        self.group(group).from
    }

    /// The Working Days between a notice and the steps that it is about.
    pub(crate) fn notice(&self, of: NoticeOf, dormancy: Dormancy, group: GroupId) -> u16 {
        let (standard, recent) = match of {
            NoticeOf::Preparation => self.group(group).preparation,
            NoticeOf::Migration => self.group(group).migration,
        };
        match dormancy {
            Dormancy::Standard => standard,
            Dormancy::Recent => recent,
        }
    }

    /// Whether the SMSO configures hub and SIM before migration (15.2).
    pub(crate) fn configures(&self, group: GroupId) -> bool {
        self.group(group).configured
    }

    /// The days from the migration day on within which a change of supplier is too close.
    pub(crate) fn window(&self, fuel: Fuel, group: GroupId) -> u16 {
        let (electricity, gas) = self.group(group).window;
        match fuel {
            Fuel::Electricity => electricity,
            Fuel::Gas => gas,
        }
    }

    fn group(&self, group: GroupId) -> OfGroup {
        self.groups.get(&group).copied().unwrap_or_default()
    }
}

/// Working Days for any installation, and for a Recently Dormant one; a wording that does not tell them apart has one number.
fn notice(books: Books<'_>, clause: &str, group: GroupId) -> (u16, u16) {
    let standard = number(books, clause, group, Number::WorkingDays).unwrap_or_default();
    (standard, number(books, clause, group, Number::WorkingDaysIfRecentlyDormant).unwrap_or(standard))
}

fn window(books: Books<'_>, clause: &str, group: GroupId) -> u16 {
    number(books, clause, group, Number::Days).unwrap_or_default()
}

fn number(books: Books<'_>, clause: &str, group: GroupId, number: Number) -> Option<u16> {
    let rule: &'static Rule = find(clause)?;
    let days = books.number(rule, books.text_of(rule, Some(group))?, number)?;
    u16::try_from(days).ok()
}
