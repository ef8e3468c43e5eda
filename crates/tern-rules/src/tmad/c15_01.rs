//! TMAD 15.1: whom clause 15 binds.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.1",
    book: Book::Tmad,
    title: "Whom clause 15 binds",
    grade: Grade::Stated,
    source: "S002 item 19",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "Clause 15 has the requirements that are specific to installations of GroupID EA, EB or EC.",
    )],
    reading: "P-group refuses a set whose group no clause of this rulebook binds.",
    file: file!(),
    check: Check::Scope("a group that no clause of this rulebook binds is P-group's finding."),
};
