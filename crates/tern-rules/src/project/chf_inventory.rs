//! P-chf-inventory: the CHF is not in the inventory.

use tern_model::{DeviceKind, Grade};

use crate::context::Subject;
use crate::inventory;
use crate::rule::{Book, Check, DSP, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-chf-inventory",
    book: Book::Project,
    title: "CHF not in the inventory",
    grade: Grade::Project,
    source: "CH3",
    roles: DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always("The Smart Metering Inventory does not hold the CHF.")],
    reading: "What this very set put there (same counter, same bytes) does not count against it.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        vec![inventory::check(subject, DeviceKind::Chf, subject.chf().into(), "CHFIdentifier")]
    }),
};
