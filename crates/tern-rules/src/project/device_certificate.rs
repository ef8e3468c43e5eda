//! P-device-certificate: the hub's own certificate (FI12).

use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-device-certificate",
    book: Book::Project,
    title: "DeviceCertificate of the CHF",
    grade: Grade::Project,
    source: "S002 item 13; FI12",
    roles: S1SP,
    stage: Stage::GroupFile,
    groups: Groups::FOC,
    texts: &[Text::always(
        "DeviceCertificate is the CHF's: it has a path to a trusted root, is neither expired nor \
                         revoked, and names the CHFIdentifier.",
    )],
    reading: "That a CHF of these groups has such a certificate is stated; that the Group File carries it, and what \
              is checked of it, is project-defined. Another group's hub is not known to have one; where there is one all the \
              same it is not looked at.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let entry = match subject.group() {
        Ok(entry) => entry,
        Err(verdict) => return vec![verdict],
    };
    vec![match subject.device_certificate() {
        _ if entry.chf_details.device_certificate.is_none() => missing(subject),
        None => facts_missing("DeviceCertificate was not checked: no trusted roots were given; name them in tern.toml"),
        Some(Ok(())) => Verdict::Pass,
        Some(Err(why)) => subject.finding(Told {
            place: subject.at_group("CHFDetails/DeviceCertificate"),
            message: format!("DeviceCertificate of CHF {} may not be used", subject.chf()),
            found: why.clone(),
            expected: format!("a valid certificate of {}", subject.chf()),
            suggestion: "have the SMSO export the hub's certificate again".to_owned(),
        }),
    }]
}

fn missing(subject: &Subject<'_>) -> Verdict {
    subject.finding(Told {
        place: subject.at_group("CHFDetails"),
        message: format!("CHF {} has no DeviceCertificate", subject.chf()),
        found: "no DeviceCertificate".to_owned(),
        expected: format!("the certificate of {}", subject.chf()),
        suggestion: "have the SMSO export the hub's certificate again".to_owned(),
    })
}
