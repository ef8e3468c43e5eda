//! The stages of a Service Request, with the reasons for which each refuses.

use serde::Serialize;
use tern_requests::codes::{Basis, REASONS, ReasonRow};
use tern_requests::stages::{STAGES, StageRow};

use crate::look::Look;
use crate::output::Report;

/// Every stage.
#[derive(Debug, Serialize)]
pub struct Stages {
    stages: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    row: &'static StageRow,
    reasons: Vec<&'static ReasonRow>,
}

impl Stages {
    pub fn new() -> Stages {
        let told = |row: &'static StageRow| Told {
            row,
            reasons: REASONS.iter().filter(|reason| reason.stage == row.stage).collect(),
        };
        Stages { stages: STAGES.iter().map(told).collect() }
    }
}

impl Report for Stages {
    fn text(&self, look: &Look) -> String {
        let mut lines = Vec::new();
        for (at, stage) in self.stages.iter().enumerate() {
            let head = format!("{:>4}  {} · {}", at + 1, look.strong(stage.row.title), stage.row.party);
            let words = look.paragraph(&format!("{}.", stage.row.words), 6);
            lines.extend([head, if stage.row.is_on { words } else { look.unsure(&words) }]);
            lines.extend(stage.reasons.iter().map(|reason| told(reason, look)));
            lines.push(String::new());
        }
        let note = "Of the SRPD only fragments are public: the order is ours (P). * nobody could confirm the code: it is configuration.";
        lines.push(look.faint(&look.paragraph(note, 2)));
        lines.join("\n")
    }
}

/// A reason: its code, a mark where it is configuration, and what is wrong.
fn told(reason: &ReasonRow, look: &Look) -> String {
    let mark = if reason.basis == Basis::Unconfirmed { "*" } else { " " };
    let code = format!("{}{mark}", reason.code);
    let wide = (code.chars().count() + 1).max(9);
    format!("        {code:<wide$}{}", look.hanging(reason.meaning, 8 + wide))
}
