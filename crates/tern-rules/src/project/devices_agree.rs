//! P-devices-agree: the files speak of the same devices.

use tern_model::{DeviceId, DeviceKind, Grade, Place, Verdict};

use crate::context::{Subject, Told};
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-devices-agree",
    book: Book::Project,
    title: "Same devices in every file",
    grade: Grade::Project,
    source: "FI1",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "For one installation the Migration Group File has details of the ESME and the GSME that the \
                         Migration Common File names, and the Migration Group Encrypted File has the master key of \
                         that ESME.",
    )],
    reading: "",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let esme = Some(subject.common.esme.device_id);
    let gsme = subject.common.gsme.as_ref().map(|g| g.device_id);
    let mut verdicts = Vec::new();
    match subject.group() {
        Ok(entry) => {
            verdicts.push(agree(subject, DeviceKind::Esme, esme, Some(entry.esme_detail.device_id), |s| {
                s.at_group("ESMEDetail/DeviceID")
            }));
            let found = entry.gsme_detail.as_ref().map(|g| g.device_id);
            let path = if found.is_some() { "GSMEDetail/DeviceID" } else { "" };
            verdicts.push(agree(subject, DeviceKind::Gsme, gsme, found, |s| s.at_group(path)));
        }
        Err(verdict) => verdicts.push(verdict),
    }
    match subject.encrypted().map(|entry| entry.encrypted_master_key.as_ref()) {
        Ok(Some(key)) => verdicts.push(agree(subject, DeviceKind::Esme, esme, Some(key.device_id), |s| {
            s.at_encrypted("EncryptedMasterKey/DeviceID")
        })),
        Ok(None) => {}
        Err(verdict) => verdicts.push(verdict),
    }
    verdicts
}

fn agree(
    subject: &Subject<'_>,
    kind: DeviceKind,
    expected: Option<DeviceId>,
    found: Option<DeviceId>,
    place: impl Fn(&Subject<'_>) -> Place,
) -> Verdict {
    if expected == found {
        return Verdict::Pass;
    }
    let words = |device: Option<DeviceId>| device.map_or(format!("no {kind}"), |d| format!("{kind} {d}"));
    subject.finding(Told {
        place: place(subject),
        message: format!("the {kind} of CHF {} is not the Migration Common File's", subject.chf()),
        found: words(found),
        expected: words(expected),
        suggestion: "have the SMSO export this installation again and build the set again".to_owned(),
    })
}
