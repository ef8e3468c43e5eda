//! What Users are told of Service Requests: by a code, of a response or an alert, or by the name of the reason for one. All words come
//! from the tables, the codes of a reason from the configuration too.

use serde::Serialize;
use tern_requests::codes::{Codes, DccAlert, REASONS, ReasonRow, is_alert_code, is_known, meaning};

use crate::look::Look;
use crate::output::Report;

/// A code, or a reason's name, and what it stands for.
#[derive(Debug, Serialize)]
pub struct CodePage {
    asked: String,
    /// What a public page says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'static str>,
    /// Of a DCC Alert.
    is_alert: bool,
    /// The alerts that are sent under it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<&'static str>,
    reasons: Vec<Told>,
}

/// A reason with the code that it is told by.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    row: &'static ReasonRow,
    /// In place of the table's, by configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    configured_code: Option<String>,
}

impl CodePage {
    /// What is known of it; none where it is no code and no reason's name.
    pub fn of(asked: &str, codes: &Codes) -> Option<CodePage> {
        let asked = asked.trim();
        let is = |name: &str| name.eq_ignore_ascii_case(asked);
        let reasons = REASONS.iter().filter(|row| is(codes.code(row.reason)) || is(row.key));
        let told = |row: &'static ReasonRow| {
            let code = codes.code(row.reason);
            Told { row, configured_code: (code != row.code).then(|| code.to_owned()) }
        };
        let reasons: Vec<_> = reasons.map(told).collect();
        let of_alert = |alert: &DccAlert| is(codes.alert(*alert)) || is(alert.key());
        let alerts: Vec<_> = DccAlert::ALL.into_iter().filter(of_alert).map(DccAlert::words).collect();
        let code = asked.to_ascii_uppercase();
        let is_alert = is_alert_code(&code) || !alerts.is_empty();
        let found = !reasons.is_empty() || is_alert || is_known(&code);
        found.then(|| CodePage { asked: asked.to_owned(), meaning: meaning(&code), is_alert, alerts, reasons })
    }

    /// What it is, and whatever is known beside the reasons.
    fn sentences(&self) -> Vec<String> {
        let of = if self.is_alert { "DCC Alerts" } else { "responses" };
        let nobody =
            || format!("The published schemas have it among the codes of {of}; no public page says what it means.");
        let mut sentences = match self.meaning {
            Some(meaning) => vec![format!("It means: {meaning}.")],
            None if self.reasons.is_empty() => vec![nobody()],
            None => Vec::new(),
        };
        sentences.extend(self.alerts.iter().map(|words| format!("It goes with this alert: {words} (P, unconfirmed).")));
        if self.reasons.is_empty() && self.alerts.is_empty() && self.meaning.is_none() {
            sentences.push("Nobody is told it here, unless `[gateway.codes]` in tern.toml says so.".to_owned());
        }
        sentences
    }
}

impl Report for CodePage {
    fn text(&self, look: &Look) -> String {
        let told = match (self.reasons.is_empty(), self.is_alert) {
            (false, _) => "how Service Requests are refused",
            (true, true) => "a code of DCC Alerts",
            (true, false) => "a code of responses to Service Requests",
        };
        let mut parts = vec![format!("  {} · {told}", look.strong(&self.asked))];
        for sentence in self.sentences() {
            parts.push(look.paragraph(&sentence, 2));
        }
        for Told { row, configured_code } in &self.reasons {
            let (grade, code) = (row.basis.grade(), configured_code.as_deref().unwrap_or(row.code));
            parts.push(String::new());
            parts.push(format!("  {} · {} · {code} · {grade}", look.strong(row.key), row.stage));
            parts.push(look.paragraph(&format!("Because {}.", row.meaning), 2));
            parts.push(look.paragraph(&format!("What to do: {}.", row.suggestion), 2));
        }
        parts.push(String::new());
        parts.push(format!("  {}", look.faint("`tern srv --stages` lists every stage and reason")));
        parts.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use tern_requests::codes::KNOWN;

    use super::*;

    #[test]
    fn every_code_of_the_schemas_and_every_reason_has_a_page_in_whole_sentences() {
        let codes = Codes::default();
        let alerts =
            (1..=65).filter(|n| *n != 32).map(|n| format!("N{n}")).chain(["AD1".to_owned(), "N999".to_owned()]);
        let reasons = REASONS.iter().flat_map(|row| [row.key, row.code]).chain(DccAlert::ALL.map(DccAlert::key));
        let all: Vec<String> = KNOWN.iter().copied().chain(reasons).map(str::to_owned).chain(alerts).collect();
        assert!(all.len() > 250, "{}", all.len());
        for code in &all {
            let page = CodePage::of(code, &codes).unwrap_or_else(|| panic!("nothing of {code}"));
            assert!(!page.sentences().is_empty() || !page.reasons.is_empty(), "{code} says nothing");
        }
        for nothing in ["E9999", "N32", "N66", "", "W1", "AD2"] {
            assert!(CodePage::of(nothing, &codes).is_none(), "{nothing}");
        }
    }

    #[test]
    fn a_reason_is_found_under_the_code_that_configuration_gives_it() {
        let codes = Codes::overridden([("counter-behind", "E1001"), ("alert-s1sp", "N1")]).expect("codes");
        let keys = |asked: &str| {
            let page = CodePage::of(asked, &codes).expect("a page");
            page.reasons.iter().map(|told| told.row.key).collect::<Vec<_>>()
        };
        assert_eq!(keys("e1001"), ["counter-behind"]);
        assert!(!keys("E1000").contains(&"counter-behind"));
        assert_eq!(CodePage::of("N1", &codes).expect("a page").alerts.len(), 1);
        assert!(CodePage::of("N55", &codes).expect("a page").alerts.is_empty());
    }
}
