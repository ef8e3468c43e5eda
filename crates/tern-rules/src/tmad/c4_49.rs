//! TMAD 4.49: Credit Mode before a change of supplier.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.49",
    book: Book::Tmad,
    title: "Credit Mode before a change of supplier",
    grade: Grade::Stated,
    source: "S002 item 6",
    roles: &[],
    stage: Stage::After,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The Responsible Supplier of a meter sets it to Credit Mode by the time that a change of supplier takes effect, where the \
         meter (a) is part of an Enrolled Smart Metering System, (b) is of GroupID EA, EB or EC, (c) was in Prepayment Mode when \
         its installation was Migrated and (d) has been ever since, (e) has had no Top Up successfully processed and (f) no \
         change of supplier since it was Commissioned, and (g) has a change of supplier pending.",
    )],
    reading: "The days of Migration and Commissioning are one: that on which the installation came to rest as commissioned (P). A \
              change of supplier takes effect at the beginning of its day, so that the day before is the last one to set Credit \
              Mode (P). A Payment Mode holds on the whole of its day (P). A planned change of which nothing more is recorded took \
              effect as planned (P).",
    file: file!(),
    check: Check::Explained(
        "no set is judged by it: `tern duties` lists the meters of which it is owed, and those of which it was broken.",
    ),
};
