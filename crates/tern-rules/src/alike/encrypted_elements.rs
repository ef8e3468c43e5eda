//! Both blobs stand in the entry: for 15.3 and P-encrypted-elements.

use tern_model::Verdict;

use crate::context::{Subject, Told};

/// A finding for each blob that the entry lacks.
pub(crate) fn check(subject: &Subject<'_>) -> Vec<Verdict> {
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
