//! P-encrypted-elements: both blobs of the Migration Group Encrypted File, in IOC and MOC.

use tern_model::Grade;

use crate::alike::encrypted_elements;
use crate::groups::EARLIER;
use crate::rule::{ALL_JUDGES, Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-encrypted-elements",
    book: Book::Project,
    title: "Both blobs of the Migration Group Encrypted File",
    grade: Grade::Project,
    source: "FI5, after S002 item 21",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: EARLIER,
    texts: &[Text::always(
        "Every entry of the Migration Group Encrypted File includes EncryptedS1SPGroupInformation and \
         EncryptedMasterKey.",
    )],
    reading: "Stated for these groups (S002 item 21: the same as for IOC and MOC), in clauses whose numbers \
              are not known. An entry that lacks one is refused and stops no other.",
    file: file!(),
    check: Check::Installation(encrypted_elements::check),
};
