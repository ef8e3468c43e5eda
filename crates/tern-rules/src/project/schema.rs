//! P-schema: what the schema describes.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-schema",
    book: Book::Project,
    title: "Fits the Migration Schema",
    grade: Grade::Project,
    source: "CH6, FI11",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "A file holds what the Migration Schema describes, element by element, in that order; a GroupID that is none \
         of the known ones is refused here.",
    )],
    reading: "",
    file: file!(),
    check: Check::Wire(FaultKind::Schema),
};
