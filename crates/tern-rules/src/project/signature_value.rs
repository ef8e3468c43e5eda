//! P-signature-value: the signature holds.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-signature-value",
    book: Book::Project,
    title: "Digest and signature value",
    grade: Grade::Project,
    source: "FI4",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always("Digest and signature value fit the bytes as received.")],
    reading: "",
    file: file!(),
    check: Check::Wire(FaultKind::SignatureValue),
};
