//! TMAD 15.6: IMSI and PreviousAPN in the Migration Group File.

use tern_model::Grade;

use crate::alike::sim;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.6",
    book: Book::Tmad,
    title: "IMSI and PreviousAPN",
    grade: Grade::Stated,
    source: "S002 item 24",
    roles: S1SP,
    stage: Stage::GroupFile,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "IMSI and PreviousAPN in CHFDetails are checked for the CHFIdentifier.")],
    reading: "The IMSI has 14 or 15 digits; PreviousAPN is 1 to 100 characters, labels of letters, digits and inner \
              hyphens joined by dots; both are those of the hub's SIM record, the APN whatever the case of its \
              letters (P).",
    file: file!(),
    check: Check::Installation(sim::check),
};
