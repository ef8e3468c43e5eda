//! TMAD 14.1: whom clause 14 binds.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::CA_CB;
use crate::rule::{ALL_JUDGES, Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "14.1",
    book: Book::Tmad,
    title: "Whom clause 14 binds",
    grade: Grade::Stated,
    source: "S002 item 17",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: CA_CB,
    texts: &[Text::since(
        &TMAD_IOC,
        "Clause 14 has the requirements that are specific to installations of GroupID CA or CB.",
    )],
    reading: "P-group refuses a set whose group no clause of this rulebook binds. Of clause 14 the sources \
              have 14.1, 14.5 and 14.6; what else is judged of these installations has project-defined \
              numbers.",
    file: file!(),
    check: Check::Scope("a group that no clause of this rulebook binds is P-group's finding."),
};
