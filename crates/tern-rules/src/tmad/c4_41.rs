//! TMAD 4.41: authorisations.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.41",
    book: Book::Tmad,
    title: "Migration Authorisation Mechanism",
    grade: Grade::Stated,
    source: "migration-facts 1 and 6",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::since(
        &TMAD_IOC,
        "The DCC has a Migration Authorisation Mechanism, by which migrations of installations with Active \
         Meters are authorised.",
    )],
    reading: "The mechanism is not among the sources; its files have published names (migration-facts 7.4). \
              Every Responsible Supplier of an Active Meter authorises, a Mixed installation too (R).",
    file: file!(),
    check: Check::Explained("no set is judged by it: P-authorisation asks for the authorisation."),
};
