//! P-xml-limits: caps before the parser.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-xml-limits",
    book: Book::Project,
    title: "Caps on size, depth, names and attributes",
    grade: Grade::Project,
    source: "FI4",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "A file keeps within the caps on size, depth, length of names and number of attributes, which are counted \
         before any parser runs.",
    )],
    reading: "",
    file: file!(),
    check: Check::Wire(FaultKind::Limits),
};
