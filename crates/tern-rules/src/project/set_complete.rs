//! P-set-complete: the three files before validation.

use tern_model::Grade;
use tern_wire::migration::FileKind;

use crate::alike::required_files;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-set-complete",
    book: Book::Project,
    title: "One of each of the three files",
    grade: Grade::Project,
    source: "FI2",
    roles: SENDER_AND_DSP,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "A set is one Migration Common File, one Migration Group File and one Migration Group Encrypted File, all \
         with the same MigrationHeader; incomplete, doubled or mixed sets are refused.",
    )],
    reading: "",
    file: file!(),
    check: Check::Set(|set| {
        let wanted =
            [FileKind::MigrationCommonFile, FileKind::MigrationGroupFile, FileKind::MigrationGroupEncryptedFile];
        required_files::check(&RULE, set, &wanted)
    }),
};
