//! TMAD 15.7: the master key of the ESME, as the DCO opens it.

use tern_model::{Grade, Verdict};
use tern_wire::FaultKind;

use crate::context::{Subject, Told};
use crate::documents::TMAD_FOC;
use crate::keys;
use crate::rule::{Book, Check, DCO, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.7",
    book: Book::Tmad,
    title: "EncryptedKey of the ESME",
    grade: Grade::Stated,
    source: "S002 item 25",
    roles: DCO,
    stage: Stage::MasterKey,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "EncryptedKey in EncryptedMasterKey is valid for the ESME of the entry with the CHFIdentifier.",
    )],
    reading: "Valid: it decrypts to a DecryptedMasterKey of this CHFIdentifier and of the ESME of the Common File, \
              and the key is 32 hexadecimal digits, not all zero (P).",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
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
