//! TMAD 4.12(b): how capacity is shared.

use tern_model::Grade;

use crate::documents::TMAD_IOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.12(b)",
    book: Book::Tmad,
    title: "Migration Scaling Methodology",
    grade: Grade::Stated,
    source: "migration-facts 1 and 9",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::since(
        &TMAD_IOC,
        "The DCC has a Migration Scaling Methodology, which says how constraints in its capacity to migrate \
         are managed.",
    )],
    reading: "The methodology is not among the sources. Public pages tell of a flat allocation for each \
              supplier, DMIN, of 100 installations a day; that the rest goes in proportion to unmet demand is \
              ours (P-capacity).",
    file: file!(),
    check: Check::Explained("no set is judged by it: it says on which day an installation has its place."),
};
