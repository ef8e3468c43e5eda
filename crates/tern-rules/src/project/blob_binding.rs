//! P-blob-binding: the blob belongs to its set.

use tern_model::{Grade, Verdict};
use tern_wire::FaultKind;

use crate::context::{Subject, Told};
use crate::rule::{Book, Check, Groups, Rule, S1SP_AND_DCO, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-blob-binding",
    book: Book::Project,
    title: "The blob belongs to its set",
    grade: Grade::Project,
    source: "FI5, wire-profile",
    roles: S1SP_AND_DCO,
    stage: Stage::EncryptedFile,
    groups: Groups::All,
    texts: &[Text::always("The plaintext names an SMSO export that no earlier set used for this CHFIdentifier.")],
    reading: "A blob that was moved to another entry is a finding of 15.7 or 15.8, whose \"valid\" includes that the \
              keys belong to the CHFIdentifier.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let faults = subject.judge_blob(&[FaultKind::Binding]);
    if faults != [Verdict::Pass] {
        return faults;
    }
    let export = match (subject.group_information(), subject.master_key()) {
        (Ok(plaintext), _) => &plaintext.smso_export_reference,
        (_, Ok(plaintext)) => &plaintext.smso_export_reference,
        (Err(verdict), Err(_)) => return vec![verdict],
    };
    let used = subject.export_used_by(export.as_str());
    let other = used.filter(|set| Some(*set) != subject.set.set_id());
    vec![other.map_or(Verdict::Pass, |other| told(subject, format!("export {export}, used by set {other}")))]
}

fn told(subject: &Subject<'_>, found: String) -> Verdict {
    let blob = subject.blob_name();
    subject.finding(Told {
        place: subject.at_encrypted(blob),
        message: format!("{blob} in the entry of CHF {} was used by an earlier set", subject.chf()),
        found,
        expected: "an export that no earlier set used".to_owned(),
        suggestion: "ask the SMSO for a new export of this installation and build the set again".to_owned(),
    })
}
