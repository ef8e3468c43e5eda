//! P-prepayment-key: a prepayment key must not stay untried after commissioning.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-prepayment-key",
    book: Book::Project,
    title: "The prepayment key verified after commissioning",
    grade: Grade::Project,
    source: "CO9, after the rationale of 4.49 (S002 item 6)",
    roles: &[],
    stage: Stage::After,
    groups: Groups::FOC,
    texts: &[Text::always(
        "The Responsible Supplier of an Active Meter in Prepayment Mode verifies its prepayment key after it was commissioned.",
    )],
    reading: "A Top Up that was successfully processed since verifies it. Active is what the Common File said; Prepayment Mode is \
              asked of the day that is asked about.",
    file: file!(),
    check: Check::Explained("no set is judged by it: `tern duties` lists the meters of which it is owed."),
};
