//! P-key-package: a device uses firmware only where its key package holds the DCO's keys.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-key-package",
    book: Book::Project,
    title: "Keys for firmware",
    grade: Grade::Project,
    source: "S000 7.1, CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "Activate Firmware is rejected for a device whose key package is not there, or whose DCO's keys are not in force.",
    )],
    reading: "A PPMID of a site that was migrated before the Uplift 1.2 system change has its keys once `tern dco \
              backfill` gave them to it. A GSME, a GPF and an IHD take no firmware.",
    file: file!(),
    check: Check::Explained("the DCO's answer to an order of the S1SP's."),
};
