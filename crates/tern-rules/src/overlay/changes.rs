//! What an overlay changes, one line each: what `tern rules --overlay FILE --diff` tells.

use serde::Serialize;

use super::read::NEVER;
use super::{Overlay, Setting, Value};
use crate::documents::{DocumentVersion, Force};
use crate::registry;
use crate::rule::{Rule, Since};

/// One thing that an overlay changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverlayChange {
    /// Its key in the file, from the top.
    pub key: String,
    /// What it is without the overlay.
    pub before: String,
    /// What it is under it.
    pub after: String,
    /// The clauses that follow it.
    pub clauses: Vec<&'static str>,
}

impl Overlay {
    /// Everything that the overlay changes, in the order of register and registry; `without` says what a setting is without
    /// it. What is as it was is not told.
    #[must_use]
    pub fn changes(&self, without: impl Fn(Setting) -> Value) -> Vec<OverlayChange> {
        let mut changes = self.document_changes();
        for set in &self.numbers {
            let texts = set.rule.texts.iter();
            let mut of_version = texts
                .filter(|text| matches!(text.since, Since::Version(version) if std::ptr::eq(version, set.version)));
            let numbers = of_version.next().map(|text| text.numbers).unwrap_or_default();
            let before = numbers.iter().find(|(number, _)| *number == set.number).map(|(_, value)| *value);
            changes.push(OverlayChange {
                key: format!("texts.{:?}.{:?}.{}", set.rule.clause, set.version.name(), set.number.as_str()),
                before: before.map_or_else(String::new, |value| value.to_string()),
                after: set.value.to_string(),
                clauses: vec![set.rule.clause],
            });
        }
        for (setting, value) in self.settings() {
            let (table, key) = setting.key();
            changes.push(OverlayChange {
                key: format!("{table}.{key}"),
                before: without(setting).to_string(),
                after: value.to_string(),
                clauses: vec![setting.of()],
            });
        }
        changes.retain(|change| change.before != change.after);
        changes
    }

    fn document_changes(&self) -> Vec<OverlayChange> {
        let day = |force: Force| force.first_day().map_or_else(|| NEVER.to_owned(), |day| day.to_string());
        let change = |(version, force): &(&'static DocumentVersion, Force)| OverlayChange {
            key: format!("documents.{:?}", version.name()),
            before: day(version.force),
            after: day(*force),
            clauses: registry::rules().filter(|rule| follows(rule, version)).map(|rule| rule.clause).collect(),
        };
        self.documents.iter().map(change).collect()
    }
}

/// Whether a wording of the rule came with the version.
fn follows(rule: &Rule, version: &DocumentVersion) -> bool {
    rule.texts.iter().any(|text| matches!(text.since, Since::Version(of) if std::ptr::eq(of, version)))
}
