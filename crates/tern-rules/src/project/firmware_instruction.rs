//! P-firmware-instruction: a device uses the firmware image that its supplier's signed instruction names.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-firmware-instruction",
    book: Book::Project,
    title: "Instruction for firmware",
    grade: Grade::Project,
    source: "S000 4.3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "The S1SP has a device use a firmware image only on a Firmware Instruction that it can believe, and that names the \
         device, and the image that was sent, by identifier, length and SHA-256.",
    )],
    reading: "The DCO verifies the same again, and also whether the supplier is the Electricity Supplier of that day and \
              whether the instruction is the newest (P-dual-control).",
    file: file!(),
    check: Check::Explained("`tern firmware activate`."),
};
