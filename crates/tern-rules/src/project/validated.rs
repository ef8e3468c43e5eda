//! P-validated: the DSP found the installation valid.

use tern_model::{Grade, Verdict};
use tern_wire::migration::{ValidationInstallation, Validity};

use crate::context::{Subject, Told};
use crate::rule::{Book, Check, Groups, Rule, S1SP_AND_DCO, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-validated",
    book: Book::Project,
    title: "Found valid by the DSP",
    grade: Grade::Project,
    source: "CH8",
    roles: S1SP_AND_DCO,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always("The Migration Common Validation File says Valid for the installation.")],
    reading: "Whoever counts reasons takes the DSP's own findings and not this one beside them.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        let entry = match subject.validation() {
            Ok(entry) => entry,
            Err(verdict) => return vec![verdict],
        };
        vec![if entry.outcome == Validity::Valid { Verdict::Pass } else { invalid(subject, entry) }]
    }),
};

fn invalid(subject: &Subject<'_>, entry: &ValidationInstallation) -> Verdict {
    let mut clauses: Vec<&str> = entry.findings.iter().map(|f| f.clause.as_str()).collect();
    clauses.dedup();
    subject.finding(Told {
        place: subject.at_validation("Outcome"),
        message: format!("the DSP found CHF {} invalid", subject.chf()),
        found: if clauses.is_empty() { "Invalid".to_owned() } else { format!("Invalid by {}", clauses.join(", ")) },
        expected: "Valid".to_owned(),
        suggestion: "mend what the validation file's findings name, and send the installation in a new set".to_owned(),
    })
}
