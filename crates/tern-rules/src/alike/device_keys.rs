//! The keys of ESME and GSME, as the S1SP opens them: for 15.8 and P-device-keys.

use tern_model::{DeviceId, DeviceKind, Verdict};
use tern_wire::schema::SecretText;

use crate::context::{Subject, Told};
use crate::keys;

/// A finding for each key that is none, or is another device's.
pub(crate) fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let plaintext = match subject.group_information() {
        Ok(plaintext) => plaintext,
        Err(verdict) => return vec![verdict],
    };
    if plaintext.chf_identifier != subject.chf() {
        let words = |chf| format!("keys of CHF {chf}");
        let message = "the entry holds another installation's keys".to_owned();
        return vec![told(subject, message, words(plaintext.chf_identifier), words(subject.chf()))];
    }
    let esme = &plaintext.esme;
    let mut wrong: Vec<Verdict> = [
        of_device(subject, DeviceKind::Esme, Some(subject.common.esme.device_id), Some(esme.device_id)),
        key(subject, DeviceKind::Esme, "AuthenticationKey", &esme.authentication_key),
        key(subject, DeviceKind::Esme, "EncryptionKey", &esme.encryption_key),
        key(subject, DeviceKind::Esme, "PrepaymentKey", &esme.prepayment_key),
    ]
    .into_iter()
    .flatten()
    .collect();
    let gsme = plaintext.gsme.as_ref();
    let (expected, found) = (subject.common.gsme.as_ref().map(|g| g.device_id), gsme.map(|g| g.device_id));
    wrong.extend(of_device(subject, DeviceKind::Gsme, expected, found));
    if let Some(gsme) = gsme.filter(|_| expected.is_some()) {
        wrong.extend(key(subject, DeviceKind::Gsme, "PrepaymentKey", &gsme.prepayment_key));
    }
    wrong
}

fn of_device(
    subject: &Subject<'_>,
    kind: DeviceKind,
    expected: Option<DeviceId>,
    found: Option<DeviceId>,
) -> Option<Verdict> {
    let words =
        |device: Option<DeviceId>| device.map_or(format!("no {kind}Detail"), |d| format!("{kind}Detail of {d}"));
    (expected != found).then(|| {
        told(
            subject,
            format!("the {kind}'s keys are not those of the Common File's {kind}"),
            words(found),
            words(expected),
        )
    })
}

fn key(subject: &Subject<'_>, kind: DeviceKind, name: &str, key: &SecretText) -> Option<Verdict> {
    keys::fault(key)
        .map(|found| told(subject, format!("the {kind}'s {name} is no key"), found, keys::KEY_FORM.to_owned()))
}

fn told(subject: &Subject<'_>, message: String, found: String, expected: String) -> Verdict {
    subject.finding(Told {
        place: subject.at_encrypted("EncryptedS1SPGroupInformation"),
        message: format!("{message} (CHF {})", subject.chf()),
        found,
        expected,
        suggestion: "ask the SMSO for a new export of this installation and build the set again".to_owned(),
    })
}
