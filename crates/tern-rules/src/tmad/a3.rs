//! TMAD Appendix A3: installing a SMETS1 GSME.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "A3",
    book: Book::Tmad,
    title: "Installing a SMETS1 GSME",
    grade: Grade::Stated,
    source: "S002 item 35",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::since(&TMAD_IOC, "The S1SP carries out the processing of Table A3.")],
    reading: "The table's rows are not to be had (P): the GSME answers on the gas HAN and is the one that the \
              Common File describes. GT01 leaves the gas side behind and electricity goes on. That DA's \
              devices are installed by Appendix A too is project-defined.",
    file: file!(),
    check: Check::Code("at the device, where the installation has a GSME."),
};
