//! P-firmware-complete: FOC firmware first.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-firmware-complete",
    book: Book::Project,
    title: "Upgrade recorded complete before migration",
    grade: Grade::Project,
    source: "PL10, after S002 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::FOC,
    texts: &[Text::always(
        "No installation is put forward for migration before the upgrade of its firmware is recorded as complete.",
    )],
    reading: "All FOC installations need an upgrade before migration. Complete: every Device has the version of \
              the entry that is approved on the day, as described or as recorded since.",
    file: file!(),
    check: Check::Explained(
        "no set is judged by it: the plan puts nothing forward earlier, and MA110 asks what the set says of the Devices.",
    ),
};
