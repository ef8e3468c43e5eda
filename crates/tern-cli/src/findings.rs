//! How a finding is told: clause, grade, what is wrong; place; found and expected; what to do next.

use tern_model::Finding;

use crate::look::Look;

/// Where a finding's second and further lines begin.
const INDENT: usize = 13;

/// A finding as several lines, without a line feed at the end.
pub fn text(finding: &Finding, look: &Look) -> String {
    let Finding { clause, grade, place, message, found, expected, suggestion } = finding;
    let head =
        format!("  {} {}  {}", look.bad("✗"), look.strong(&format!("{clause:<8}")), look.faint(&format!("{grade:<6}")));
    let mut lines = vec![format!("{head}  {}", look.hanging(message, INDENT + 8))];
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
    let head = format!(
        "  {} {}  {}",
        look.unsure("?"),
        look.strong(&format!("{clause:<8}")),
        look.faint(&format!("{grade:<6}"))
    );
    format!("{head}  {}", look.hanging(&format!("FACTS MISSING: {missing}"), INDENT + 8))
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
