//! P-group-file: IMSI and PreviousAPN, in IOC and MOC.

use tern_model::Grade;

use crate::alike::sim;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-group-file",
    book: Book::Project,
    title: "IMSI and PreviousAPN",
    grade: Grade::Project,
    source: "CH5, after S002 item 24",
    roles: S1SP,
    stage: Stage::GroupFile,
    groups: EARLIER,
    texts: &[Text::always("IMSI and PreviousAPN in CHFDetails are checked for the CHFIdentifier.")],
    reading: "S002 item 24 calls 15.6 no significant change from IOC and MOC, whose numbers are not known: \
              judged as 15.6 is.",
    file: file!(),
    check: Check::Installation(sim::check),
};
