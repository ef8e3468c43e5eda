//! TMAD 4.27: the steps that migrate.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.27",
    book: Book::Tmad,
    title: "Steps necessary to migrate",
    grade: Grade::Stated,
    source: "S002 items 5 and 8",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::since(
        &TMAD_IOC,
        "The DCC is authorised to take the steps that are necessary to migrate the Devices of a SMETS1 \
         Installation with Dormant Meters.",
    )],
    reading: "The clause itself is not printed; its rationale is. That an installation with an Active Meter \
              needs the authorisation of its suppliers in its place is our reading (R).",
    file: file!(),
    check: Check::Explained("no set is judged by it: P-authorisation asks for the notice or the authorisation."),
};
