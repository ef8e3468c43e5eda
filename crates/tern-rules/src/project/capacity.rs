//! P-capacity: who has a place on a day.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-capacity",
    book: Book::Project,
    title: "A place on a migration day",
    grade: Grade::Project,
    source: "PL12, PL13, after migration-facts 9",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "On each migration day every supplier has places for as many of its installations as the flat \
         allocation says, and the rest of the capacity goes in proportion to unmet demand. Of one supplier, \
         Recently Dormant installations come first, then those that wait longest. A supplier that says how many \
         places a day it wants gets no more. Of the capacity, capacity_a_day, a whole plan leaves reserve_a_day \
         places free each day: those that are planned again in a later generation take them.",
    )],
    reading: "Capacity, allocation and migration days are assumptions, which every plan prints. Fractions go \
              by the largest remainder, of equal ones to the lower supplier ID.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it says on which day an installation has its place."),
};
