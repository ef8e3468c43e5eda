//! TMAD Appendix A6: securing a SMETS1 ESME.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "A6",
    book: Book::Tmad,
    title: "Securing a SMETS1 ESME",
    grade: Grade::Stated,
    source: "S002 item 38",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::since(&TMAD_IOC, "S1SP and DCO carry out the checks and processing of Table A6.")],
    reading: "The table's rows are not to be had (P): the keys of the ESME's association, then its master key, \
              are replaced by keys that the SMSO never saw, and the ESME then refuses the SMSO's keys. That \
              DA's devices are installed by Appendix A too is project-defined.",
    file: file!(),
    check: Check::Code("at the device, with keys that the DCO wraps."),
};
