//! P-not-approved: what becomes of installations whose entry was not approved.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-not-approved",
    book: Book::Project,
    title: "On from a version that was not approved",
    grade: Grade::Project,
    source: "PL8, after S003 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "No upgrade starts towards an entry that was not approved. An installation that is part-way is completed \
         to it, and it and those already there go on, whole, to the new version by the manufacturer's path; one \
         without a path is reported as stranded.",
    )],
    reading: "Completion needs no notice of its own where the first one has run. What comes after it is a new \
              upgrade under 4.26, 4.29 and 4.33, for another entry. An installation with an Active Meter that a \
              hop would touch, or without a Dormant Meter, stays where it is, and goes on once the meter is \
              Dormant; what is left is then announced anew.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it binds upgrades, which come before migration."),
};
