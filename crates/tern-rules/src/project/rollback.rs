//! P-rollback: installation rollback in IOC and MOC.

use tern_model::Grade;

use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-rollback",
    book: Book::Project,
    title: "Installation rollback",
    grade: Grade::Project,
    source: "AC2, CO4, after S002 items 28 and 29",
    roles: &[],
    stage: Stage::Rollback,
    groups: EARLIER,
    texts: &[Text::always(
        "What the steps altered is put back in reverse order, so that the installation is wholly with its SMSO \
         again.",
    )],
    reading: "AA's is 12.10, whose text is not to be had; the other groups' numbers are not known. No \
              certificate is re-instated (15.10.3 and 5.1(c) are FOC's): one party may be S1SP and SMSO, so \
              that certificates stay as they are.",
    file: file!(),
    check: Check::Code(
        "the undo of the step that took the hub to the DCC's APN; every other step's undo bears that step's \
         code.",
    ),
};
