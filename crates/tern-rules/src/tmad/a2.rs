//! TMAD Appendix A2: installing a SMETS1 Electricity Meter.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "A2",
    book: Book::Tmad,
    title: "Installing a SMETS1 Electricity Meter",
    grade: Grade::Stated,
    source: "S002 item 34",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::since(&TMAD_IOC, "S1SP and DCO carry out the checks and processing of Table A2.")],
    reading: "The table's rows are not to be had (P): the S1SP opens the ESME's association with the keys of \
              the file and compares its model and firmware with the Common File, and the DCO has the ESME \
              prove the master key of the file. That DA's devices are installed by Appendix A too is \
              project-defined.",
    file: file!(),
    check: Check::Code("at the device; a key that the device rejects fails here with code A2."),
};
