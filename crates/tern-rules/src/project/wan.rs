//! P-wan: the way to the hub in IOC and MOC.

use tern_model::Grade;

use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-wan",
    book: Book::Project,
    title: "The S1SP reaches the hub",
    grade: Grade::Project,
    source: "AC2",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::always("The S1SP reaches the hub over the WAN, and its SIM is switched to the DCC's APN.")],
    reading: "15.2, by which an FOC SMSO configures hub and SIM beforehand, has no counterpart: one party may \
              be S1SP and SMSO. The way is the PreviousAPN's until the SIM is switched.",
    file: file!(),
    check: Check::Code("at the hub: the first step, and the one that switches the APN."),
};
