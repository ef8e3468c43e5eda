//! TMAD 15.3: both blobs in the Migration Group Encrypted File.

use tern_model::Grade;

use crate::alike::encrypted_elements;
use crate::documents::TMAD_FOC;
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.3",
    book: Book::Tmad,
    title: "Migration Group Encrypted File",
    grade: Grade::Stated,
    source: "S002 item 21",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "A Migration Group Encrypted File is required, and it includes EncryptedS1SPGroupInformation and \
         EncryptedMasterKey.",
    )],
    reading: "Every entry has both; an entry that lacks one is refused and stops no other (P).",
    file: file!(),
    check: Check::Installation(encrypted_elements::check),
};
