//! P-xml-form: the XML that a migration file is.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-xml-form",
    book: Book::Project,
    title: "The XML of a migration file",
    grade: Grade::Project,
    source: "FI4",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "A file is well-formed XML in UTF-8, whole, with no DOCTYPE, no entity beyond the five, no comment and no \
         processing instruction.",
    )],
    reading: "Comments and processing instructions are refused because the canonical form that is signed drops or \
              moves them.",
    file: file!(),
    check: Check::Wire(FaultKind::Form),
};
