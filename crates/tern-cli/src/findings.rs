//! How a finding is told: clause, grade, what is wrong; place; found and expected; what to do next.

use tern_model::Finding;

use crate::look::Look;

/// Where a finding's second and further lines begin.
const INDENT: usize = 13;
/// Room for a clause; a longer one takes what it needs.
const CLAUSE: usize = 8;
/// So much of an overlay's digest is told with each finding.
const DIGEST: usize = 8;
/// Room for a grade.
const GRADE: usize = 6;

/// A finding as several lines, without a line feed at the end.
pub fn text(finding: &Finding, look: &Look) -> String {
    let Finding { clause, grade, place, message, found, expected, suggestion } = finding;
    let mut lines = vec![head(&look.bad("✗"), clause, *grade, message, look)];
    let mut say = |line: String| lines.push(line);
    let whole = place.xpath.is_empty();
    let place = if whole { place.to_string() } else { format!("{place}  ({})", place.document) };
    say(look.faint(&look.paragraph(&place, INDENT)));
    if !found.is_empty() {
        say(look.paragraph(&format!("found: {found}"), INDENT));
    }
    if !expected.is_empty() {
        say(look.paragraph(&format!("expected: {expected}"), INDENT));
    }
    if !suggestion.is_empty() {
        say(look.paragraph(&format!("next: {suggestion}"), INDENT));
    }
    lines.join("\n")
}

/// What nobody can say because a record lacks.
pub fn facts_missing(clause: &str, grade: tern_model::Grade, missing: &str, look: &Look) -> String {
    head(&look.unsure("?"), clause, grade, &format!("FACTS MISSING: {missing}"), look)
}

/// Clause, grade and message; a message that does not fit beside a long clause stands below it.
fn head(mark: &str, clause: &str, grade: tern_model::Grade, message: &str, look: &Look) -> String {
    let message = &overlay_in_short(message);
    let named = format!("{clause:<CLAUSE$}");
    let beside = 4 + named.chars().count() + 2 + GRADE + 2;
    let lead = format!("  {mark} {}  {}", look.strong(&named), look.faint(&format!("{grade:<GRADE$}")));
    if named.len() > CLAUSE && beside + message.chars().count() > look.width {
        format!("{lead}\n{}", look.paragraph(message, INDENT))
    } else {
        format!("{lead}  {}", look.hanging(message, beside))
    }
}

/// An overlay that a message ends with, by as much of its digest as tells it from others: the whole of it stands above, and in
/// JSON.
fn overlay_in_short(message: &str) -> String {
    let digest = message.rsplit_once("(SHA-256 ").and_then(|(before, rest)| Some((before, rest.strip_suffix(")]")?)));
    match digest {
        Some((before, digest)) if message.contains("[overlay ") => {
            format!("{before}(SHA-256 {}…)]", digest.chars().take(DIGEST).collect::<String>())
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tern_model::{Grade, Place};

    use super::*;

    #[test]
    fn a_finding_tells_everything_in_the_order_of_reading() {
        let finding = Finding {
            clause: "15.6".into(),
            grade: Grade::Stated,
            place: Place {
                document: "MGF_1.xml".to_owned(),
                xpath: "MigrationGroupFile/Installation[3]/CHFDetails/IMSI".to_owned(),
                line: 1,
                column: 812,
            },
            message: "the IMSI is no IMSI".to_owned(),
            found: "12".to_owned(),
            expected: "14 or 15 digits".to_owned(),
            suggestion: "ask the SMSO".to_owned(),
        };
        let lines = "  ✗ 15.6      stated  the IMSI is no IMSI
             MigrationGroupFile/Installation[3]/CHFDetails/IMSI, line 1, column 812 (MGF_1.xml)
             found: 12
             expected: 14 or 15 digits
             next: ask the SMSO";
        assert_eq!(text(&finding, &Look::plain()), lines);
    }
}
