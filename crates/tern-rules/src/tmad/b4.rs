//! TMAD Appendix B4: installing a PPMID.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B4",
    book: Book::Tmad,
    title: "Installing a SMETS1 PPMID",
    grade: Grade::Stated,
    source: "S002 item 36",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "No additional checks or processing.")],
    reading: "",
    file: file!(),
    check: Check::Explained("there is nothing to do."),
};
