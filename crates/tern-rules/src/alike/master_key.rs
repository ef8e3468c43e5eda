//! The master key of the ESME, as the DCO opens it: for 15.7 and P-master-key.

use tern_model::Verdict;
use tern_wire::FaultKind;

use crate::context::{Subject, Told};
use crate::keys;

/// A finding for each way in which it is not the key of this installation's ESME.
pub(crate) fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let faults = subject.judge_blob(&[FaultKind::Limits, FaultKind::Form, FaultKind::Schema]);
    if faults != [Verdict::Pass] {
        return faults;
    }
    let plaintext = match subject.master_key() {
        Ok(plaintext) => plaintext,
        Err(verdict) => return vec![verdict],
    };
    let mut wrong = Vec::new();
    let esme = subject.common.esme.device_id;
    if (plaintext.chf_identifier, plaintext.device_id) != (subject.chf(), esme) {
        let words = |chf, esme| format!("ESME {esme} of CHF {chf}");
        let found = words(plaintext.chf_identifier, plaintext.device_id);
        wrong.push(told(subject, "is another device's", found, words(subject.chf(), esme)));
    }
    if let Some(found) = keys::fault(&plaintext.master_key) {
        wrong.push(told(subject, "is no key", found, keys::KEY_FORM.to_owned()));
    }
    wrong
}

fn told(subject: &Subject<'_>, wrong: &str, found: String, expected: String) -> Verdict {
    subject.finding(Told {
        place: subject.at_encrypted("EncryptedMasterKey/EncryptedKey"),
        message: format!("the master key of ESME {} {wrong}", subject.common.esme.device_id),
        found,
        expected,
        suggestion: "ask the SMSO for a new export of this installation and build the set again".to_owned(),
    })
}
