//! P-dco-one-operation: a device's keys are the subject of one operation at a time.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-dco-one-operation",
    book: Book::Project,
    title: "One operation on a device's keys at a time",
    grade: Grade::Project,
    source: "CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "While it is not known whether a device took the master key that it was last asked to take, the DCO begins \
         nothing else with its keys, whoever asks.",
    )],
    reading: "The very same order may be repeated. An answer of the device under either of its master keys ends the \
              wait.",
    file: file!(),
    check: Check::Explained(
        "the DCO's answer to an order of the S1SP's; the row that needed it fails, and the installation is rolled \
         back.",
    ),
};
