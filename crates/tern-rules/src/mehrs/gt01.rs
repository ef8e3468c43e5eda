//! Code GT01: gas HAN error.

use tern_model::Grade;

use crate::documents::MEHRS_FIRST;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "GT01",
    book: Book::Mehrs,
    title: "Gas HAN error",
    grade: Grade::Stated,
    source: "migration-facts 10",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::since(
        &MEHRS_FIRST,
        "An error of the home area network on the gas meter: the electricity side is migrated alone.",
    )],
    reading: "The gas meter stays with the SMSO and out of the inventory; the whitelist goes by 15.11 all the same (P). An \
              exclusion with this code binds the gas meter and not the installation.",
    file: file!(),
    check: Check::Code("the code of a failure of A3 or B3."),
};
