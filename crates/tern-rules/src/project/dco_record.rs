//! P-dco-record: one record that cannot be used stops its own device and no other.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-dco-record",
    book: Book::Project,
    title: "The DCO's record of a device can be used",
    grade: Grade::Project,
    source: "CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "An order about a device whose key package cannot be read or opened is refused; orders about others are \
         obeyed.",
    )],
    reading: "Where no other package opens either, nothing is refused: custody or store fail, and orders wait until \
              they are mended.",
    file: file!(),
    check: Check::Explained(
        "the DCO's answer to an order of the S1SP's; the operator puts the record back from a backup, then resolves \
         the installation.",
    ),
};
