//! P-sender: who may send what.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-sender",
    book: Book::Project,
    title: "Sender known and of the right role",
    grade: Grade::Project,
    source: "CH3",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "The signer's role may send this kind of file, and its EUI is that of the sender whom the header names.",
    )],
    reading: "",
    file: file!(),
    check: Check::Wire(FaultKind::Sender),
};
