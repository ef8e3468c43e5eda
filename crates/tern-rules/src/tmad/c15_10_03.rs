//! TMAD 15.10.3: SMSO certificates back on the devices.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.10.3",
    book: Book::Tmad,
    title: "Re-instate SMSO certificates",
    grade: Grade::Stated,
    source: "S002 item 28",
    roles: &[],
    stage: Stage::Rollback,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "On rollback the S1SP takes reasonable steps to re-instate the SMSO's certificates on Devices.",
    )],
    reading: "Reasonable steps are attempts, each recorded. A certificate is used only within its dates and \
              constraints (5.1(c)): outside them this step fails, the rest goes on, and the installation is `stuck` \
              and visible (P).",
    file: file!(),
    check: Check::Code("the undo of the step that replaced them."),
};
