//! TMAD 15.10: installation rollback.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.10",
    book: Book::Tmad,
    title: "Installation rollback",
    grade: Grade::Stated,
    source: "S002 item 28",
    roles: &[],
    stage: Stage::Rollback,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "An installation whose commissioning fails is put back by the steps of Table 15.10: those of 12.10, then \
         15.10.3 and 15.10.4.",
    )],
    reading: "The text of 12.10 is not to be had: every step's undo, in reverse order, stands for it (P). An undo \
              that keeps failing ends `stuck`, never unseen.",
    file: file!(),
    check: Check::Explained(
        "the rollback machine; `tern stuck` lists what it could not put back and `tern resolve` takes it up again.",
    ),
};
