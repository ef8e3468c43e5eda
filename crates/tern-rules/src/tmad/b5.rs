//! TMAD Appendix B5: commissioning the CHF.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B5",
    book: Book::Tmad,
    title: "Commission Device (CHF)",
    grade: Grade::Stated,
    source: "S002 item 37",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The S1SP instructs the DCC to add the CHF's details to the Smart Metering Inventory; if that fails the code \
         is DP01.",
    )],
    reading: "The installation's other devices go into the inventory with it (P).",
    file: file!(),
    check: Check::Code("by the DSP, on the S1SP's order."),
};
