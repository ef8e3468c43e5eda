//! Code DP01 of Tables A5 and B5.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "DP01",
    book: Book::Tmad,
    title: "Adding the CHF to the inventory failed",
    grade: Grade::Stated,
    source: "S002 item 37",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::since(
        &TMAD_IOC,
        "The instruction to add the CHF's details to the Smart Metering Inventory failed.",
    )],
    reading: "The source calls Table B5 identical to Table A5. The installation is rolled back (P).",
    file: file!(),
    check: Check::Code("the code of a failure of A5 or B5."),
};
