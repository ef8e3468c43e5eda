//! How a clause stands for a group on a day: it binds, it does not concern the group, or it is not yet in force.
//!
//! What [`crate::Judge`] decides before a rule is asked, told for whoever reads the rulebook. This module must never look at a
//! set, nor at a role.

use jiff::civil::Date;
use tern_model::GroupId;

use crate::groups::row_of;
use crate::rule::{Rule, Since, Text};
use crate::rulebook::{Books, Rulebook};

/// How a clause stands for a group on a day.
#[derive(Debug, Clone, Copy)]
pub enum Binding {
    /// In this wording.
    Binds(&'static Text),
    /// The group is none of those that the clause is for.
    NotApplicable,
    /// The clause, or the group, begins later, or in no version that came into force.
    NotYetInForce,
}

impl Binding {
    /// How a rule stands for a group under the books of a day.
    #[must_use]
    pub fn of(rule: &'static Rule, group: GroupId, books: Books<'_>) -> Binding {
        if !rule.groups.bind(group) {
            return Binding::NotApplicable;
        }
        books.text_of(rule, Some(group)).map_or(Binding::NotYetInForce, Binding::Binds)
    }

    /// The words for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Binding::Binds(_) => "binds",
            Binding::NotApplicable => "not applicable",
            Binding::NotYetInForce => "not yet in force",
        }
    }
}

/// The groups that a rule binds under the books of a day, in their order.
#[must_use]
pub fn bound(rule: &'static Rule, books: Books<'_>) -> Vec<GroupId> {
    let binds = |group: &GroupId| matches!(Binding::of(rule, *group, books), Binding::Binds(_));
    GroupId::ALL.into_iter().filter(binds).collect()
}

/// The first day on which a rule binds a group; none where it never does, or always did.
#[must_use]
pub fn first_day(rule: &'static Rule, group: GroupId, rulebook: &Rulebook) -> Option<Date> {
    let Some(Text { since: Since::Version(version), .. }) = rule.texts.first() else { return None };
    if !rule.groups.bind(group) {
        return None;
    }
    Some(rulebook.in_force_from(version)?.max(rulebook.in_force_from(row_of(group).since)?))
}

/// GroupIDs as a reader lists them; `all` where they are all.
#[must_use]
pub fn list(groups: &[GroupId]) -> String {
    if groups.len() == GroupId::ALL.len() {
        return "all".to_owned();
    }
    groups.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", ")
}
