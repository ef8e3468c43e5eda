//! Why a Service Request is refused: by the code that its User was told, or by the reason's name. All words come from the table.

use serde::Serialize;
use tern_requests::codes::{REASONS, ReasonRow};

use crate::look::Look;
use crate::output::Report;

/// The reasons that a code or a name stands for.
#[derive(Debug, Serialize)]
pub struct Refusals {
    asked: String,
    reasons: Vec<&'static ReasonRow>,
}

impl Refusals {
    /// Those that are told by this code, or called so; none where there is none.
    pub fn of(asked: &str) -> Option<Refusals> {
        let asked = asked.trim();
        let fits = |row: &&ReasonRow| row.code.eq_ignore_ascii_case(asked) || row.key.eq_ignore_ascii_case(asked);
        let reasons: Vec<_> = REASONS.iter().filter(fits).collect();
        (!reasons.is_empty()).then(|| Refusals { asked: asked.to_owned(), reasons })
    }
}

impl Report for Refusals {
    fn text(&self, look: &Look) -> String {
        let mut parts = vec![format!("  {} · how Service Requests are refused", look.strong(&self.asked))];
        for row in &self.reasons {
            let grade = row.basis.grade();
            parts.push(String::new());
            parts.push(format!("  {} · {} · {} · {grade}", look.strong(row.key), row.stage, row.code));
            parts.push(look.paragraph(&format!("Because {}.", row.meaning), 2));
            parts.push(look.paragraph(&format!("What to do: {}.", row.suggestion), 2));
        }
        parts.push(String::new());
        parts.push(format!("  {}", look.faint("`tern srv --stages` lists every stage and reason")));
        parts.join("\n")
    }
}
