//! P-entry-halted: what stops upgrades towards a planned entry.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-entry-halted",
    book: Book::Project,
    title: "No new upgrade while an entry is halted",
    grade: Grade::Project,
    source: "PL8, after S003 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "A defect in a planned entry, no approval in the time foreseen, or a dispute of the TAG halts it: no hop \
         towards it begins until somebody decides.",
    )],
    reading: "A hop is one upgrade of one Device. Between hops an installation waits at a version that is \
              confirmed (4.33); a notice that was given stays good. A tested entry that is halted halts those that \
              are substantively equivalent to it. What is proven of an entry stays proven; a decision of the \
              Secretary of State ends disputes and halts.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it binds upgrades, which come before migration."),
};
