//! TMAD 15.2: configuration by the SMSO before migration.

use tern_model::facts::SmsoConfiguration;
use tern_model::{Grade, Place, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.2",
    book: Book::Tmad,
    title: "Configured by the SMSO beforehand",
    grade: Grade::Stated,
    source: "S002 item 20",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "Before migration each SMETS1 SMSO has configured the installation so that it can communicate with its S1SP.",
    )],
    reading: "Hub and SIM: recorded as configured by the SMSO that the header names, and tried with success, both by \
              the planned migration day (P). The S1SP goes that way once more before its first step: a hub that it \
              cannot reach then fails under this clause (P).",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let Some(record) = subject.facts().smso_configuration(subject.chf()) else {
        return vec![facts_missing(format!(
            "no record that the SMSO configured CHF {}; add it to facts/smso_configuration.csv",
            subject.chf()
        ))];
    };
    let smso = subject.set.header.map(|h| h.smets1_smso);
    let day = subject.day();
    let wrong = if smso.is_some_and(|smso| smso != record.smso) {
        Some("was configured by another SMSO than the header names".to_owned())
    } else if record.configured > day {
        Some(format!("is configured only on {}", record.configured))
    } else if record.tried.is_none_or(|tried| tried > day) {
        Some(format!("was not tried with success by {day}"))
    } else {
        None
    };
    vec![wrong.map_or(Verdict::Pass, |wrong| finding(subject, record, &wrong))]
}

fn finding(subject: &Subject<'_>, record: &SmsoConfiguration, wrong: &str) -> Verdict {
    let tried = record.tried.map_or("never tried".to_owned(), |day| format!("tried on {day}"));
    let smso = subject.set.header.map(|h| h.smets1_smso.to_string()).unwrap_or_default();
    subject.finding(Told {
        place: Place { line: u32::try_from(record.row.0).unwrap_or(0), ..Place::document("smso_configuration.csv") },
        message: format!("CHF {} {wrong}", subject.chf()),
        found: format!("SMSO {}, configured on {}, {tried}", record.smso, record.configured),
        expected: format!("SMSO {smso}, configured and tried by {}", subject.day()),
        suggestion:
            "have the SMSO configure hub and SIM and try it, then record the day in facts/smso_configuration.csv"
                .to_owned(),
    })
}
