//! TMAD 5.23(b): the S1SP's plaintext is well formed and valid.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::context::Subject;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "5.23(b)",
    book: Book::Tmad,
    title: "Plaintext well formed and valid",
    grade: Grade::Stated,
    source: "S002 items 10, 15",
    roles: S1SP,
    stage: Stage::EncryptedFile,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The plaintext of EncryptedS1SPGroupInformation is well formed and valid as a DecryptedS1SPDPGroupInformation.",
    )],
    reading: "The structure goes by the GroupID (Table 11.2.1): another group's structure fails. That the blob opens at all \
              is P-decryption; whose keys it holds is 15.8.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        subject.judge_blob(&[FaultKind::Limits, FaultKind::Form, FaultKind::Schema])
    }),
};
