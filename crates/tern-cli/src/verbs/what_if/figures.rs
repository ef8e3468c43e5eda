//! The figures of a comparison, one line each: for people and for the table alike.

use std::fmt;

use jiff::civil::Date;
use tern_plan::what_if::{Comparison, EntryGain, SOONER_BY, Share, Sides, Spread};

use crate::look::count;

/// One figure.
pub struct Figure {
    /// What it tells.
    pub name: String,
    /// Under the baseline; nothing where it is a figure of both.
    pub before: Value,
    /// Under the rules that are compared with it.
    pub after: Value,
    /// What was counted, and among what.
    pub counted: Counted,
}

/// What stands in a column.
#[derive(Clone, Copy)]
pub enum Value {
    /// Nothing: there is nothing to count, or it belongs to both.
    None,
    /// How many.
    Count(u64),
    /// Days.
    Days(i32),
    /// Hundredths.
    Percent(f64),
    /// Weeks.
    Weeks(f64),
}

/// What a figure was made from.
pub enum Counted {
    /// A numerator, a denominator, and what the denominator counts.
    Share(Share, &'static str),
    /// In words.
    Words(String),
}

impl Value {
    /// As a program reads it: the number alone.
    pub fn plain(self) -> String {
        match self {
            Value::None => String::new(),
            Value::Count(count) => count.to_string(),
            Value::Days(days) => days.to_string(),
            Value::Percent(number) | Value::Weeks(number) => format!("{number:.3}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Count(number) => f.write_str(&counts(*number)),
            Value::Days(days) => days.fmt(f),
            Value::Percent(percent) => write!(f, "{percent:.1} %"),
            Value::Weeks(weeks) => write!(f, "{weeks:.1}"),
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Counted::Share(share, among) => write!(f, "{} of {} {among}", counts(share.count), counts(share.of)),
            Counted::Words(words) => f.write_str(words),
        }
    }
}

/// Every figure.
pub fn figures(told: &Comparison) -> Vec<Figure> {
    let all = told.installations;
    let mut figures = vec![
        of_all("migrated in the period", told.migrated, all),
        days(told, 50, "days to migration, the middle one"),
        days(told, 90, "days to migration, 9 in 10 within"),
        share(format!("at least {SOONER_BY} Working Days sooner"), told.sooner, "that both plans migrate"),
        share("later".to_owned(), told.later, "that both plans migrate"),
        of_all("reprocessed", told.reprocessed, all),
        share("not reprocessed any more".to_owned(), told.spared, "that come to their day in the baseline"),
        of_all("notified as Recently Dormant", told.recently_dormant.map(|share| share.count), all),
        of_all("upgraded twice", told.upgraded_twice, all),
        of_all("ready on the day of approval", told.ready_on_approval, all),
    ];
    figures.extend(told.entries.iter().map(entry));
    figures
}

fn of_all(name: &str, sides: Sides<u64>, all: u64) -> Figure {
    let Sides { before, after } = sides.map(Value::Count);
    Figure { name: name.to_owned(), before, after, counted: Counted::Words(format!("of {}", counts(all))) }
}

fn share(name: String, share: Share, among: &'static str) -> Figure {
    let after = share.percent().map_or(Value::None, Value::Percent);
    Figure { name, before: Value::None, after, counted: Counted::Share(share, among) }
}

fn days(told: &Comparison, percent: u64, name: &str) -> Figure {
    let of = |spread: &Spread| spread.percentile(percent).map_or(Value::None, Value::Days);
    let Sides { before, after } = &told.days_to_migration;
    let counted = format!("{} and {} migrated", counts(before.total()), counts(after.total()));
    Figure { name: name.to_owned(), before: of(before), after: of(after), counted: Counted::Words(counted) }
}

fn entry(gain: &EntryGain) -> Figure {
    let weeks = |day: Option<Date>| {
        let days = day.map(|day| (day - gain.confirmed).get_days());
        days.map_or(Value::None, |days| Value::Weeks(f64::from(days) / 7.0))
    };
    let approved = gain.approved.map_or_else(|| "not approved".to_owned(), |day| format!("approved {day}"));
    Figure {
        name: format!("weeks from tests to migration, {}", gain.entry),
        before: weeks(gain.first_migration.before),
        after: weeks(gain.first_migration.after),
        counted: Counted::Words(format!("confirmed {}, {approved}", gain.confirmed)),
    }
}

fn counts(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX))
}
