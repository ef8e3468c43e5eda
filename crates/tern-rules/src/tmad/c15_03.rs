//! TMAD 15.3: both blobs in the Migration Group Encrypted File.

use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told};
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
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let entry = match subject.encrypted() {
        Ok(entry) => entry,
        Err(verdict) => return vec![verdict],
    };
    let blobs = [
        ("EncryptedS1SPGroupInformation", entry.encrypted_s1sp_group_information.is_some()),
        ("EncryptedMasterKey", entry.encrypted_master_key.is_some()),
    ];
    blobs.into_iter().filter(|(_, there)| !there).map(|(name, _)| missing(subject, name)).collect()
}

fn missing(subject: &Subject<'_>, name: &str) -> Verdict {
    subject.finding(Told {
        place: subject.at_encrypted(""),
        message: format!("the entry of CHF {} has no {name}", subject.chf()),
        found: format!("no {name}"),
        expected: "EncryptedS1SPGroupInformation and EncryptedMasterKey".to_owned(),
        suggestion: "ask the SMSO for a new export of this installation and build the set again".to_owned(),
    })
}
