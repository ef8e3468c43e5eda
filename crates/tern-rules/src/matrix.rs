//! The generated table of clause, GroupID and day: how each clause stands for each group on each day on which anything changes,
//! and on the day before. Pure: whoever calls it writes it, or compares it with what is there.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::civil::Date;
use tern_model::GroupId;

use crate::binding::Binding;
use crate::groups::{GROUPS, Standing};
use crate::registry;
use crate::rule::{Check, Rule, Since};
use crate::rulebook::Rulebook;

/// The table's path from the workspace's root, and its text.
///
/// A row for a clause and the groups for which it stands alike: `clause`, `judged` (`yes` where sets are judged by it), `groups`
/// (apart by spaces), and a column for each day. The rows `GroupID` say of the groups themselves whether they are covered.
#[must_use]
pub fn matrix() -> (&'static str, String) {
    let book = Rulebook::published();
    let days = days(&book);
    let mut out = "clause,judged,groups".to_owned();
    days.iter().for_each(|day| out.push_str(&format!(",{day}")));
    out.push('\n');
    let covered =
        |group: GroupId| days.iter().map(|day| standing(book.on(*day).standing(group)).to_owned()).collect::<Vec<_>>();
    rows(&mut out, "GroupID,yes", covered);
    for rule in registry::rules() {
        let judged = if matches!(rule.check, Check::Explained(_) | Check::Code(_)) { "no" } else { "yes" };
        let cells = |group| days.iter().map(|day| cell(rule, Binding::of(rule, group, book.on(*day)))).collect();
        rows(&mut out, &format!("{},{judged}", rule.clause), cells);
    }
    ("docs/reference/matrix.csv", out)
}

/// Each day on which a group or a wording comes into force, and the day before.
fn days(book: &Rulebook) -> Vec<Date> {
    let texts = registry::rules().flat_map(|rule| rule.texts).filter_map(|text| match text.since {
        Since::Always => None,
        Since::Version(version) => Some(version),
    });
    let versions = GROUPS.iter().map(|row| row.since).chain(texts);
    let first = versions.filter_map(|version| book.in_force_from(version));
    first.flat_map(|day| [day.yesterday().unwrap_or(day), day]).collect::<BTreeSet<_>>().into_iter().collect()
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::NotYetInForce => "not yet in force",
        Standing::InForce => "binds",
    }
}

/// Which wording binds, where there are several.
fn cell(rule: &Rule, binding: Binding) -> String {
    match binding {
        Binding::Binds(text) if rule.texts.len() > 1 => {
            let at = rule.texts.iter().position(|other| std::ptr::eq(other, text)).unwrap_or_default();
            format!("binds wording {}", at + 1)
        }
        other => other.word().to_owned(),
    }
}

/// One row for the groups whose cells are alike, in the order of the first of them.
fn rows(out: &mut String, head: &str, cells: impl Fn(GroupId) -> Vec<String>) {
    let mut told: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for group in GroupId::ALL {
        let cells = cells(group);
        match told.iter_mut().find(|(_, other)| *other == cells) {
            Some((groups, _)) => groups.push(group.as_str()),
            None => told.push((vec![group.as_str()], cells)),
        }
    }
    for (groups, cells) in told {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{head},{},{}", groups.join(" "), cells.join(","));
    }
}
