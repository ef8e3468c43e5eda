//! TMAD Appendix A5: commissioning the CHF.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "A5",
    book: Book::Tmad,
    title: "Commission Device (CHF)",
    grade: Grade::Stated,
    source: "S002 item 37",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::since(
        &TMAD_IOC,
        "The S1SP instructs the DCC to add the CHF's details to the Smart Metering Inventory; if that fails \
         the code is DP01.",
    )],
    reading: "The source calls Table B5 identical to it. The installation's other devices go into the \
              inventory with it (P). That DA's devices are installed by Appendix A too is project-defined.",
    file: file!(),
    check: Check::Code("by the DSP, on the S1SP's order."),
};
