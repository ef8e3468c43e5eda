//! TMAD 13: whom clause 13 binds.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::BA;
use crate::rule::{ALL_JUDGES, Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "13",
    book: Book::Tmad,
    title: "Whom clause 13 binds",
    grade: Grade::Reading,
    source: "S002 items 1, 22, 23",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: BA,
    texts: &[Text::since(
        &TMAD_IOC,
        "Clause 13 has the requirements that are specific to installations of one GroupID.",
    )],
    reading: "That it is BA is our reading: BA is the one group of the TMAD of 2019 that no other clause \
              binds. Of clause 13 the sources have 13.6 and 13.7 alone; what else is judged of these \
              installations has project-defined numbers.",
    file: file!(),
    check: Check::Scope("a group that no clause of this rulebook binds is P-group's finding."),
};
