//! P-critical-answer: what a device says counts under its critical keys alone.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-critical-answer",
    book: Book::Project,
    title: "A device's answer is believed under its critical keys alone",
    grade: Grade::Project,
    source: "CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "The DCO believes an answer that is protected with the device's critical keys, tells the device's own Device \
         ID or that what was asked was done, and is newer than every answer before.",
    )],
    reading: "What nobody asked for, what another device says, what is older, and other bytes under a number that was \
              heard are not believed. The way back of a key package wants an answer that is newer than the one by \
              which it came into force.",
    file: file!(),
    check: Check::Explained(
        "the DCO's answer to an order of the S1SP's; the row that needed it fails, and the installation is rolled \
         back.",
    ),
};
