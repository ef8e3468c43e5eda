//! TMAD Appendix B3: installing the GSME.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B3",
    book: Book::Tmad,
    title: "Installing a SMETS1 GSME",
    grade: Grade::Stated,
    source: "S002 item 35",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "The S1SP carries out the processing of Table B3 in its order.")],
    reading: "The table's rows are not to be had (P): the GSME answers on the gas HAN, is the one that the Common File \
              describes, and is put under the S1SP's certificate. GT01 leaves the gas side behind and electricity goes \
              on.",
    file: file!(),
    check: Check::Code("at the device, where the installation has a GSME."),
};
