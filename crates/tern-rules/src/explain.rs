//! What `tern explain` and `tern rules` print, and the generated reference page: all from the rules themselves.
//!
//! This module must never hold words about a single rule.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::Grade;

use crate::documents::Force;
use crate::registry;
use crate::rule::{Check, Number, Rule, Since, Text};
use crate::rulebook::Rulebook;

/// One wording with its dates.
#[derive(Debug, Clone, Serialize)]
pub struct DatedText {
    /// What it says.
    pub words: &'static str,
    /// The document version that brought it; none for the project's own rules without a date.
    pub version: Option<String>,
    /// First day in force; none where it always holds.
    pub from: Option<Date>,
    /// Last day in force; none for the latest wording.
    pub until: Option<Date>,
    /// Whether the first day is our assumption.
    pub assumed: bool,
    /// What an overlay changes of it, in words; empty without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlaid: Vec<String>,
}

/// Everything that there is to say of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// For example `15.11`.
    pub clause: &'static str,
    /// For example `TMAD clause`.
    pub book: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// For example `S002 item 30`; empty where there is none.
    pub source: &'static str,
    /// The GroupIDs that it binds.
    pub groups: String,
    /// The roles that judge it; empty where it is not judged from files.
    pub roles: Vec<&'static str>,
    /// When it is judged.
    pub stage: &'static str,
    /// Its wordings, the earliest first.
    pub texts: Vec<DatedText>,
    /// Where and how it is fulfilled when no check of files does; empty otherwise.
    pub fulfilled: &'static str,
    /// Our reading; empty where there is nothing to say.
    pub reading: &'static str,
    /// The file that holds it.
    pub file: &'static str,
}

/// Explains the rule of a clause.
#[must_use]
pub fn explain(clause: &str, rulebook: &Rulebook) -> Option<Explanation> {
    registry::find(clause).map(|rule| Explanation::of(rule, rulebook))
}

/// Every rule, in order.
#[must_use]
pub fn list(rulebook: &Rulebook) -> Vec<Explanation> {
    registry::rules().map(|rule| Explanation::of(rule, rulebook)).collect()
}

impl Explanation {
    /// Explains a rule.
    #[must_use]
    pub fn of(rule: &'static Rule, rulebook: &Rulebook) -> Explanation {
        Explanation {
            clause: rule.clause,
            book: rule.kind_of_number(),
            title: rule.title,
            grade: rule.grade,
            source: rule.source,
            groups: rule.groups.describe(),
            roles: rule.roles.iter().map(|r| r.as_str()).collect(),
            stage: rule.stage.as_str(),
            texts: dated(rule, rulebook),
            fulfilled: if let Check::Explained(words) | Check::Code(words) = rule.check { words } else { "" },
            reading: rule.reading,
            file: rule.file,
        }
    }

    /// For example `TMAD clause 15.11`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.clause.starts_with("P-") { self.clause.to_owned() } else { format!("{} {}", self.book, self.clause) }
    }

    /// For example `stated (S002 item 30)`.
    #[must_use]
    pub fn graded_source(&self) -> String {
        if self.source.is_empty() { self.grade.to_string() } else { format!("{} ({})", self.grade, self.source) }
    }

    /// Who judges it and when, as a sentence.
    #[must_use]
    pub fn judged(&self) -> String {
        if self.roles.is_empty() {
            format!("Not judged from files ({}): {}", self.stage, self.fulfilled)
        } else {
            format!("Judged by {}: {}.", self.roles.join(", "), self.stage)
        }
    }
}

impl DatedText {
    /// Its dates as a sentence, for example `In force from 2020-11-29 (assumed), with TMAD FOC text.`
    #[must_use]
    pub fn dates(&self) -> String {
        let (Some(from), Some(version)) = (self.from, &self.version) else {
            return "Always in force.".to_owned();
        };
        let assumed = if self.assumed { " (assumed)" } else { "" };
        match self.until {
            None => format!("In force from {from}{assumed}, with {version}."),
            Some(until) => format!("In force from {from}{assumed} to {until}, with {version}."),
        }
    }
}

fn dated(rule: &'static Rule, rulebook: &Rulebook) -> Vec<DatedText> {
    let force = |text: &Text| match text.since {
        Since::Always => None,
        Since::Version(version) => Some(rulebook.force(version)),
    };
    let next = rule.texts.iter().skip(1).map(|text| force(text).and_then(Force::first_day)).chain([None]);
    let dated = |(text, next): (&'static Text, Option<Date>)| DatedText {
        words: text.words,
        version: match text.since {
            Since::Always => None,
            Since::Version(version) => Some(version.name()),
        },
        from: force(text).and_then(Force::first_day),
        until: next.and_then(|day| day.yesterday().ok()),
        assumed: matches!(force(text), Some(Force::AssumedSince(_))),
        overlaid: overlaid(rule, text, rulebook),
    };
    rule.texts.iter().zip(next).map(dated).collect()
}

/// What an overlay changes of a wording.
fn overlaid(rule: &'static Rule, text: &'static Text, rulebook: &Rulebook) -> Vec<String> {
    let Since::Version(version) = text.since else { return Vec::new() };
    let day = match (rulebook.force(version), version.force.first_day()) {
        (Force::Overlaid(day), Some(published)) if day != published => {
            Some(format!("in force from {day}, {published} without the overlay"))
        }
        (Force::Never, Some(published)) => Some(format!("never in force, from {published} without the overlay")),
        _ => None,
    };
    let number = |(number, published): &(Number, i32)| {
        let now = rulebook.number(rule, text, *number).filter(|now| now != published)?;
        Some(format!("{} {now}, {published} without the overlay", number.as_str().replace('_', " ")))
    };
    day.into_iter().chain(text.numbers.iter().filter_map(number)).collect()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} · {} · GroupIDs {} · {}", self.name(), self.title, self.groups, self.graded_source())?;
        for text in &self.texts {
            wrapped(f, text.words)?;
            wrapped(f, &text.dates())?;
            text.overlaid.iter().try_for_each(|words| wrapped(f, &format!("Overlaid: {words}.")))?;
        }
        wrapped(f, &self.judged())?;
        if !self.reading.is_empty() {
            wrapped(f, &format!("Our reading: {}", self.reading))?;
        }
        writeln!(f, "  {}", self.file)
    }
}

/// Writes a paragraph, indented by two, of lines of at most 110 characters.
fn wrapped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    const WIDTH: usize = 110;
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(f, "{line}")?;
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(f, "{line}")
}
