//! How a clause stands on one day, for whoever reads the rulebook: in which wording, for which groups, and for which not yet.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::GroupId;

use crate::binding::{Binding, bound, first_day, list};
use crate::rule::{Number, Rule};
use crate::rulebook::Books;

/// How a clause stands on a day.
#[derive(Debug, Clone, Serialize)]
pub struct OnDay {
    /// The day.
    pub day: Date,
    /// The place of the wording in force among the rule's, from 0; none where it binds nobody.
    pub wording: Option<usize>,
    /// The numbers that it sets.
    pub numbers: BTreeMap<&'static str, i32>,
    /// The groups that it binds.
    pub binds: Vec<GroupId>,
    /// The groups that it will bind.
    pub not_yet: Vec<NotYet>,
}

/// A group for which a clause is NOT YET IN FORCE.
#[derive(Debug, Clone, Serialize)]
pub struct NotYet {
    /// Which.
    pub group: GroupId,
    /// The first day; none where no version that came into force has it.
    pub from: Option<Date>,
}

impl OnDay {
    /// How a rule stands under the books of a day.
    #[must_use]
    pub fn of(rule: &'static Rule, books: Books<'_>) -> OnDay {
        let binds = bound(rule, books);
        let text = binds.first().and_then(|group| books.text_of(rule, Some(*group)));
        let later = |group: &GroupId| matches!(Binding::of(rule, *group, books), Binding::NotYetInForce);
        let not_yet = |group| NotYet { group, from: first_day(rule, group, books.rulebook) };
        let number = |number: Number| Some((number.as_str(), text.and_then(|text| books.number(rule, text, number))?));
        OnDay {
            day: books.on,
            wording: text.and_then(|text| rule.texts.iter().position(|other| std::ptr::eq(other, text))),
            numbers: Number::ALL.into_iter().filter_map(number).collect(),
            not_yet: GroupId::ALL.into_iter().filter(later).map(not_yet).collect(),
            binds,
        }
    }

    /// For example `binds AA, BA, CA; NOT YET IN FORCE for CB (from 2020-06-15)`.
    #[must_use]
    pub fn words(&self) -> String {
        let binds = (!self.binds.is_empty()).then(|| format!("binds {}", list(&self.binds)));
        let mut parts: Vec<String> = binds.into_iter().collect();
        let mut days: Vec<Option<Date>> = self.not_yet.iter().map(|later| later.from).collect();
        days.sort_unstable();
        days.dedup();
        let mut later = Vec::new();
        for day in days {
            let of_day = self.not_yet.iter().filter(|later| later.from == day);
            let groups = list(&of_day.map(|later| later.group).collect::<Vec<_>>());
            later.push(day.map_or_else(|| groups.clone(), |day| format!("{groups} (from {day})")));
        }
        if !later.is_empty() {
            parts.push(format!("NOT YET IN FORCE for {}", later.join(", ")));
        }
        parts.join("; ")
    }
}
