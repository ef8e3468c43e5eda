//! TMAD 15.5: the DCO Required File Set.

use tern_model::Grade;
use tern_wire::migration::FileKind;

use crate::documents::TMAD_FOC;
use crate::required_files;
use crate::rule::{Book, Check, DCO, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.5",
    book: Book::Tmad,
    title: "DCO Required File Set",
    grade: Grade::Stated,
    source: "S002 item 23",
    roles: DCO,
    stage: Stage::Set,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The DCO Required File Set is one Migration Common File, one Migration Common Validation File and one \
         Migration Group Encrypted File, all with the same MigrationHeader and so the same GroupID.",
    )],
    reading: "Incomplete, doubled or mixed sets are refused with the reason (P).",
    file: file!(),
    check: Check::Set(|set| {
        let wanted = [
            FileKind::MigrationCommonFile,
            FileKind::MigrationCommonValidationFile,
            FileKind::MigrationGroupEncryptedFile,
        ];
        required_files::check(&RULE, set, &wanted)
    }),
};
