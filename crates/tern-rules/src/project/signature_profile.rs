//! P-signature-profile: one signature, of one profile.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-signature-profile",
    book: Book::Project,
    title: "One signature of the pinned profile",
    grade: Grade::Project,
    source: "FI4",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "A file has exactly one signature, as the last child of its root, with exactly the algorithms, the one \
         reference, the one transform and the KeyInfo of the profile.",
    )],
    reading: "The profile is that of genuine DUIS messages; see docs/wire-profile.md.",
    file: file!(),
    check: Check::Wire(FaultKind::SignatureProfile),
};
