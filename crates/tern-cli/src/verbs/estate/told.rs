//! What is wrong with an estate's files, as every verb that tells it does.

use std::collections::BTreeMap;

use serde::Serialize;
use tern_plan::engine::Contradicted;
use tern_plan::estate::{EVENTS_FILE, Finding, FindingKind, Findings};
use tern_wire::facts_csv::RowFault;

use crate::look::{Look, counted};

/// What is wrong, and what is worth a look.
#[derive(Debug, Serialize)]
pub struct Told {
    /// How many findings there are of each kind.
    kinds: BTreeMap<&'static str, u64>,
    /// The first of them.
    findings: Vec<One>,
    pub findings_in_all: u64,
    /// Rows of each file that are not used because of what is told of their installations.
    rows_not_used: BTreeMap<&'static str, u64>,
    /// What is not wrong: it was taken as it stands.
    notes: Vec<Note>,
}

/// A finding as it is told.
#[derive(Debug, Serialize)]
struct One {
    kind: &'static str,
    #[serde(flatten)]
    note: Note,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_aside: Option<String>,
}

/// Where, what, and what to do.
#[derive(Debug, Serialize)]
struct Note {
    file: String,
    row: u64,
    field: String,
    reason: String,
    suggestion: String,
}

impl Told {
    /// What was found in the files, so many findings of it at most.
    pub fn of(findings: &Findings, most: usize) -> Told {
        Told {
            kinds: findings.counts().iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
            findings: findings.list().iter().take(most).map(One::of).collect(),
            findings_in_all: findings.count(),
            rows_not_used: findings.rows_not_used().clone(),
            notes: findings.notes().iter().take(most).map(Note::of).collect(),
        }
    }

    /// Adds designations that the rulebook contradicts.
    pub fn contradicted(&mut self, all: &[Contradicted]) {
        for one in all {
            let note = Note {
                file: EVENTS_FILE.to_owned(),
                row: u64::from(one.row),
                field: "effective".to_owned(),
                reason: one.why.to_string(),
                suggestion: "the designation moves nothing; correct the day, or give it in an overlay".to_owned(),
            };
            let kind = FindingKind::Contradiction.as_str();
            *self.kinds.entry(kind).or_default() += 1;
            self.findings_in_all += 1;
            self.findings.push(One { kind, note, set_aside: None });
        }
    }

    /// The findings, a few lines each, and what they add up to.
    pub fn lines(&self, look: &Look) -> Vec<String> {
        let mut lines = Vec::new();
        for One { note, set_aside, .. } in &self.findings {
            lines.push(format!("  {} {}", look.bad("✗"), look.hanging(&note.head(), 4)));
            lines.push(look.paragraph(&note.to_do(set_aside.as_deref()), 4));
        }
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        if !kinds.is_empty() {
            lines.push(look.paragraph(&format!("findings by kind: {}", kinds.join(", ")), 2));
        }
        let told = self.findings.len() as u64;
        if told < self.findings_in_all {
            let words = format!("{told} of {} findings are told; --most tells more", self.findings_in_all);
            lines.push(look.faint(&look.paragraph(&words, 2)));
        }
        lines.extend(self.beside(look));
        lines
    }

    /// The findings, a sentence each, before something that was made of the rest.
    pub fn warnings(&self, look: &Look) -> Vec<String> {
        let sentence =
            |One { note, set_aside, .. }: &One| format!("{}; {}", note.head(), note.to_do(set_aside.as_deref()));
        let all: Vec<String> = self.findings.iter().map(sentence).collect();
        let mut lines = look.warnings(&all);
        let more = usize::try_from(self.findings_in_all).unwrap_or(usize::MAX).saturating_sub(all.len());
        if more > 0 {
            lines.push(format!("  and {} more", counted(more, "finding")));
        }
        lines.extend(self.beside(look));
        lines
    }

    /// What follows from the findings, and what is none.
    fn beside(&self, look: &Look) -> Vec<String> {
        let mut lines = Vec::new();
        let rows: Vec<String> = self
            .rows_not_used
            .iter()
            .map(|(file, rows)| format!("{} of {file}", counted(usize::try_from(*rows).unwrap_or(usize::MAX), "row")))
            .collect();
        if !rows.is_empty() {
            let words = format!("not used because of what is told above: {}", rows.join(", "));
            lines.push(look.paragraph(&words, 2));
        }
        for note in &self.notes {
            let words = format!("{}; {}", note.head(), note.suggestion);
            lines.push(format!("  {} {}", look.faint("·"), look.hanging(&words, 4)));
        }
        lines
    }
}

impl One {
    fn of(finding: &Finding) -> One {
        let set_aside = finding.set_aside.map(|chf| chf.to_string());
        One { kind: finding.kind.as_str(), note: Note::of(&finding.fault), set_aside }
    }
}

impl Note {
    fn of(fault: &RowFault) -> Note {
        let RowFault { file, row, field, reason, suggestion } = fault.clone();
        Note { file, row, field, reason, suggestion }
    }

    fn head(&self) -> String {
        let place = match self.row {
            0 => self.file.clone(),
            row => format!("{} row {row}", self.file),
        };
        let field = if self.field.is_empty() { String::new() } else { format!(", {}", self.field) };
        format!("{place}{field}: {}", self.reason)
    }

    /// What to do, and who is set aside until then, where the words do not say it.
    fn to_do(&self, set_aside: Option<&str>) -> String {
        match set_aside {
            Some(chf) if !self.suggestion.contains("set aside") => {
                format!("{}; CHF {chf} is set aside until then", self.suggestion)
            }
            _ => self.suggestion.clone(),
        }
    }
}
