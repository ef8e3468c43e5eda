//! TMAD 15.10.4: WAN communication with the SMSO.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.10.4",
    book: Book::Tmad,
    title: "Restore WAN communication with the SMSO",
    grade: Grade::Stated,
    source: "S002 item 29",
    roles: &[],
    stage: Stage::Rollback,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "On rollback the S1SP takes reasonable steps to restore WAN communication between the installation and its \
         SMETS1 SMSO.",
    )],
    reading: "The hub's APN goes back to the PreviousAPN of the Group File (P). Reasonable steps are attempts, each \
              recorded.",
    file: file!(),
    check: Check::Code("the undo of the step that took the hub to the S1SP's APN."),
};
