//! TMAD Appendix B2: installing the ESME.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B2",
    book: Book::Tmad,
    title: "Installing a SMETS1 Electricity Meter",
    grade: Grade::Stated,
    source: "S002 item 34",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "S1SP and DCO carry out the checks and processing of Table B2 in its order.")],
    reading: "The table's rows are not to be had (P): the S1SP opens the ESME's association with the keys of the file and \
              compares its model and firmware with the Common File, and the DCO has the ESME prove the master key of \
              the file.",
    file: file!(),
    check: Check::Code("at the device; a key that the device rejects fails here with code B2."),
};
