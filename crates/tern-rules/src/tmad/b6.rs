//! TMAD Appendix B6: securing the ESME.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B6",
    book: Book::Tmad,
    title: "Securing a SMETS1 ESME",
    grade: Grade::Stated,
    source: "S002 item 38",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "S1SP and DCO carry out the checks and processing of Table B6 in its order.")],
    reading: "The table's rows are not to be had (P): the keys of the ESME's association, then its master key, are \
              replaced by keys that the SMSO never saw, hub and ESME are put under the S1SP's certificate, and the \
              ESME then refuses the SMSO's keys.",
    file: file!(),
    check: Check::Code("at the device, with keys that the DCO wraps."),
};
