//! TMAD 12.10: installation rollback.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::AA;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "12.10",
    book: Book::Tmad,
    title: "Installation rollback",
    grade: Grade::Stated,
    source: "S002 item 28",
    roles: &[],
    stage: Stage::Rollback,
    groups: AA,
    texts: &[Text::since(
        &TMAD_IOC,
        "An installation whose commissioning fails is put back by the steps of Table 12.10.",
    )],
    reading: "The table is not to be had: every step's undo, in reverse order, stands for it (P). It has no \
              counterpart of 15.10.3, for S1SP and SMSO may be one party. An undo that keeps failing ends \
              `stuck`, never unseen.",
    file: file!(),
    check: Check::Explained(
        "the rollback machine; `tern stuck` lists what it could not put back and `tern resolve` takes it up again.",
    ),
};
