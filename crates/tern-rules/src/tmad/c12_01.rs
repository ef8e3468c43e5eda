//! TMAD 12.1: whom clause 12 binds.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::AA;
use crate::rule::{ALL_JUDGES, Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "12.1",
    book: Book::Tmad,
    title: "Whom clause 12 binds",
    grade: Grade::Stated,
    source: "S002 item 16",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: AA,
    texts: &[Text::since(
        &TMAD_IOC,
        "Clause 12 has the requirements that are specific to installations of GroupID AA.",
    )],
    reading: "P-group refuses a set whose group no clause of this rulebook binds. Of clause 12 the sources \
              have 12.1, 12.4, 12.5 and 12.10; what else is judged of these installations has project-defined \
              numbers.",
    file: file!(),
    check: Check::Scope("a group that no clause of this rulebook binds is P-group's finding."),
};
