//! P-hops: how hops follow one another.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-hops",
    book: Book::Project,
    title: "One hop at a time",
    grade: Grade::Project,
    source: "PL7, PL14, after S003 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "The Devices of an installation are upgraded one hop at a time. A hop that failed is tried again as often \
         as configured; after that it is reported, and tried again when a person says so, or, where a plan is \
         carried out, after the pause of an attempt without success (P-attempts).",
    )],
    reading: "A hop under way cannot be called back: whatever changes meanwhile counts when it has ended. After a \
              crash the SMSO is asked what became of it, and nothing is instructed twice.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it binds upgrades, which come before migration."),
};
