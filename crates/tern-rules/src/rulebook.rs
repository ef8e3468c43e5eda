//! A rulebook: the register of document versions with the days on which they bind. Whoever judges is handed one, with a day.
//!
//! Rules and register are fixed; what a rulebook may say otherwise are days and numbers. This module must never hold one itself, so that two rulebooks can be used side by side.

use std::sync::Arc;

use jiff::civil::Date;
use tern_model::GroupId;

use crate::documents::{Document, DocumentVersion, Force, REGISTER, TOGETHER};
use crate::groups::{Standing, row_of};
use crate::judgement::Judged;
use crate::overlay::{Overlay, OverlayName, Setting, Value};
use crate::releases::Release;
use crate::rule::{Number, Rule, Since, Text};

/// The days on which document versions bind, and the numbers that wordings set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    overlay: Option<Arc<Overlay>>,
    /// Versions that were designated, with the first days on which they bind.
    designated: Vec<(&'static DocumentVersion, Date)>,
}

/// A document version in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// Which.
    pub version: &'static DocumentVersion,
    /// Since when, in this rulebook.
    pub force: Force,
}

impl Rulebook {
    /// The register as the sources have it, with our assumptions where they give no day.
    #[must_use]
    pub fn published() -> Rulebook {
        Rulebook::default()
    }

    /// The published rulebook with the days and numbers of an overlay in the place of its own.
    #[must_use]
    pub fn under(overlay: Overlay) -> Rulebook {
        Rulebook { overlay: Some(Arc::new(overlay)), designated: Vec::new() }
    }

    /// The rulebook once it is known that a version was designated and from which day on it binds; none where that is its
    /// day already. What comes into force with it has the same day.
    ///
    /// A designation fixes a day that was assumed. It says nothing against a day that a source or an overlay gives.
    ///
    /// # Errors
    /// What contradicts it, in words.
    pub fn designate(&self, version: &'static DocumentVersion, from: Date) -> Result<Option<Rulebook>, String> {
        let name = version.name();
        let before = match self.force(version) {
            force if force.first_day() == Some(from) => return Ok(None),
            Force::Since(day) => return Err(format!("a source has {name} in force since {day}")),
            Force::Overlaid(day) => return Err(format!("the overlay has {name} in force since {day}")),
            Force::Never if version.force == Force::Never => {
                return Err(format!("{name} was a draft and never in force itself"));
            }
            Force::Never => return Err(format!("the overlay takes {name} away")),
            Force::AssumedSince(day) | Force::Designated(day) => day,
        };
        let with = |(one, other): &(&'static DocumentVersion, &'static DocumentVersion)| {
            let other = if std::ptr::eq(*one, version) { *other } else { *one };
            (self.in_force_from(other) == Some(before)).then_some(other)
        };
        let together =
            TOGETHER.iter().filter(|(one, other)| std::ptr::eq(*one, version) || std::ptr::eq(*other, version));
        let mut after = self.clone();
        for version in together.filter_map(with).chain([version]) {
            after.designated.retain(|(of, _)| !std::ptr::eq(*of, version));
            after.designated.push((version, from));
            after.in_order(version)?;
        }
        Ok(Some(after))
    }

    /// Whether a version begins after the one before it, and before the one behind it.
    fn in_order(&self, version: &'static DocumentVersion) -> Result<(), String> {
        let of_document = REGISTER.iter().copied().filter(|other| other.document == version.document);
        let dated: Vec<_> = of_document.filter_map(|other| Some((other, self.in_force_from(other)?))).collect();
        let wrong = dated.windows(2).find(|pair| pair[1].1 <= pair[0].1);
        wrong.map_or(Ok(()), |pair| {
            let [(first, first_day), (second, second_day)] = [pair[0], pair[1]];
            Err(format!("{} would begin on {second_day}, and {} on {first_day}", second.name(), first.name()))
        })
    }

    /// The overlay; none for the rulebook as published.
    #[must_use]
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_deref()
    }

    /// How the overlay is called in outputs.
    #[must_use]
    pub fn overlay_name(&self) -> Option<&OverlayName> {
        self.overlay().map(|overlay| &overlay.name)
    }

    /// Since when a version is in force.
    #[must_use]
    pub fn force(&self, version: &'static DocumentVersion) -> Force {
        let designated = self.designated.iter().find(|(of, _)| std::ptr::eq(*of, version));
        if let Some((_, from)) = designated {
            return Force::Designated(*from);
        }
        let other = self.overlay().and_then(|overlay| overlay.force(version));
        other.unwrap_or(version.force)
    }

    /// The first day of a release.
    #[must_use]
    pub fn release_day(&self, release: &'static Release) -> Date {
        let is = |(setting, _): &(Setting, &Value)| setting.key() == ("releases", release.key);
        match self.overlay().and_then(|overlay| overlay.settings().find(is)) {
            Some((_, Value::Day(day))) => *day,
            _ => release.day,
        }
    }

    /// The first day on which a version is in force; none for a draft that never was.
    #[must_use]
    pub fn in_force_from(&self, version: &'static DocumentVersion) -> Option<Date> {
        self.force(version).first_day()
    }

    /// The version of a document that is in force on a day. The last one stays in force: the TMAD's expiry, proposed for the
    /// end of 2022 and put off to 2024, is recorded and not applied (P).
    #[must_use]
    pub fn version_on(&self, document: Document, on: Date) -> Option<InForce> {
        let of_document = REGISTER.iter().copied().filter(|version| version.document == document);
        let dated = of_document.filter_map(|version| Some((self.in_force_from(version)?, version)));
        let (_, version) = dated.filter(|(from, _)| *from <= on).max_by_key(|(from, _)| *from)?;
        Some(InForce { version, force: self.force(version) })
    }

    /// The number that a wording of a rule sets; none where it sets none of the kind.
    #[must_use]
    pub fn number(&self, rule: &'static Rule, text: &'static Text, number: Number) -> Option<i32> {
        let published = text.numbers.iter().find(|(kind, _)| *kind == number).map(|(_, value)| *value)?;
        match (self.overlay(), text.since) {
            (Some(overlay), Since::Version(version)) => overlay.number(rule, version, number).or(Some(published)),
            _ => Some(published),
        }
    }

    /// The rulebook on a day.
    #[must_use]
    pub fn on(&self, on: Date) -> Books<'_> {
        Books { rulebook: self, on }
    }
}

/// The rule books of a day.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    /// All of them.
    pub rulebook: &'a Rulebook,
    /// The day, in Europe/London.
    pub on: Date,
}

impl Books<'_> {
    /// The wording of a rule in force; none before the first one. A dated wording binds a group from the day on which the
    /// group itself is covered (AC7), and not before.
    #[must_use]
    pub fn text_of(self, rule: &'static Rule, group: Option<GroupId>) -> Option<&'static Text> {
        let text = rule.texts.iter().rev().find(|text| match text.since {
            Since::Always => true,
            Since::Version(version) => self.reached(version),
        })?;
        let covered = group.is_none_or(|group| self.reached(row_of(group).since));
        (covered || matches!(text.since, Since::Always)).then_some(text)
    }

    /// The number that a wording of a rule sets; none where it sets none of the kind.
    #[must_use]
    pub fn number(self, rule: &'static Rule, text: &'static Text, number: Number) -> Option<i32> {
        self.rulebook.number(rule, text, number)
    }

    /// How a group stands.
    #[must_use]
    pub fn standing(self, group: GroupId) -> Standing {
        if self.reached(row_of(group).since) { Standing::InForce } else { Standing::NotYetInForce }
    }

    /// The version of a document in force.
    #[must_use]
    pub fn version(self, document: Document) -> Option<InForce> {
        self.rulebook.version_on(document, self.on)
    }

    /// What is said under an overlay says so, where it is not clean.
    #[must_use]
    pub(crate) fn named(self, judged: Judged) -> Judged {
        let Some(name) = self.rulebook.overlay_name() else { return judged };
        Judged { verdict: name.on(judged.verdict), ..judged }
    }

    fn reached(self, version: &'static DocumentVersion) -> bool {
        self.rulebook.in_force_from(version).is_some_and(|from| from <= self.on)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::documents::{SCHEMA_1_2, TMAD_AL_7, TMAD_EARLY_FIRMWARE, TMAD_FOC, find};

    #[test]
    fn a_designation_fixes_an_assumed_day_with_what_belongs_to_it() {
        let book = Rulebook::published();
        let later = book.designate(&TMAD_FOC, date(2021, 1, 11)).expect("no contradiction").expect("another day");
        for version in [&TMAD_FOC, &SCHEMA_1_2] {
            assert_eq!(later.force(version), Force::Designated(date(2021, 1, 11)));
        }
        assert_eq!(later.designate(&TMAD_FOC, date(2021, 1, 11)), Ok(None), "it is known");
        assert_eq!(book.designate(&TMAD_FOC, date(2020, 11, 29)), Ok(None), "as assumed");
        let again = later.designate(&TMAD_FOC, date(2021, 2, 1)).expect("no contradiction").expect("another day");
        assert_eq!(again.in_force_from(&SCHEMA_1_2), Some(date(2021, 2, 1)));
    }

    #[test]
    fn a_designation_that_contradicts_is_refused_in_words() {
        let book = Rulebook::published();
        let refused = |version, day| book.designate(version, day).expect_err("contradicts");
        assert_eq!(refused(&TMAD_AL_7, date(2020, 10, 1)), "a source has TMAD AL 7.0 in force since 2020-09-18");
        let order = "TMAD AL 7.0 would begin on 2020-09-18, and TMAD V5.2 on 2020-09-20";
        assert_eq!(refused(&TMAD_EARLY_FIRMWARE, date(2020, 9, 20)), order);
        let draft = find("TMAD V1.5").expect("the register has it");
        assert!(refused(draft, date(2020, 1, 1)).contains("was a draft"));
        let overlay =
            Overlay::read("name = \"o\"\n[documents]\n\"TMAD V5.2\" = \"never\"\n", tern_model::Digest([0; 32]));
        let under = Rulebook::under(overlay.expect("an overlay"));
        assert_eq!(
            under.designate(&TMAD_EARLY_FIRMWARE, date(2020, 9, 10)),
            Err("the overlay takes TMAD V5.2 away".to_owned())
        );
    }
}
