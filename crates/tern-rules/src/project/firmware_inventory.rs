//! P-firmware-inventory: the inventory says which firmware a device runs, of devices that it holds.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-firmware-inventory",
    book: Book::Project,
    title: "Firmware in the inventory",
    grade: Grade::Project,
    source: "RQ4",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "Which firmware a device runs is noted in the Smart Metering Inventory only where the very set that the S1SP names \
         put the device in, and nobody took it out again.",
    )],
    reading: "",
    file: file!(),
    check: Check::Explained("the DSP's answer to the S1SP, once a device says what it runs."),
};
