//! TMAD 5.1(c): certificates that restore communication after a rollback.

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::facts::RollbackCertificate;
use tern_model::{DeviceId, DeviceKind, Grade, Place, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "5.1(c)",
    book: Book::Tmad,
    title: "Certificates for a rollback",
    grade: Grade::Stated,
    source: "S002 item 7",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The SMSO's certificates that restore communication after a rollback are obtained beforehand, with the first \
         and last day of their use, both included, and the constraints on their use.",
    )],
    reading: "No migration starts unless CHF, ESME and, where there is one, GSME each have one certificate that is \
              usable through the planned rollback window: from D to D plus the configured days, 14 by default, and \
              under no constraint that configuration does not name as kept (P).",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let gsme = subject.common.gsme.iter().map(|g| (DeviceKind::Gsme, g.device_id));
    [(DeviceKind::Chf, subject.chf().into()), (DeviceKind::Esme, subject.common.esme.device_id)]
        .into_iter()
        .chain(gsme)
        .map(|(kind, device)| check_device(subject, kind, device))
        .collect()
}

fn check_device(subject: &Subject<'_>, kind: DeviceKind, device: DeviceId) -> Verdict {
    let (first, last) = (subject.day(), subject.day().saturating_add(subject.set.view.settings.rollback_days.days()));
    let records = subject.facts().rollback_certificates(subject.chf());
    let own: Vec<&RollbackCertificate> = records.iter().filter(|r| r.device == device).collect();
    let Some(nearest) = own.iter().max_by_key(|r| r.until) else {
        return facts_missing(format!(
            "no rollback certificate of {kind} {device} (CHF {}); add it to facts/rollback_certificates.csv",
            subject.chf()
        ));
    };
    if own.iter().any(|r| usable(subject, r, first, last)) {
        return Verdict::Pass;
    }
    subject.finding(Told {
        place: Place {
            line: u32::try_from(nearest.row.0).unwrap_or(0),
            ..Place::document("rollback_certificates.csv")
        },
        message: format!("no rollback certificate of {kind} {device} is usable through the rollback window"),
        found: found(nearest),
        expected: format!("usable from {first} to {last}, without a constraint that configuration does not keep"),
        suggestion: format!(
            "get a certificate for {kind} {device} from the SMSO, or plan CHF {} on a day within its dates",
            subject.chf()
        ),
    })
}

fn usable(subject: &Subject<'_>, record: &RollbackCertificate, first: Date, last: Date) -> bool {
    let kept = &subject.set.view.settings.constraints_kept;
    record.from <= first && last <= record.until && (record.constraint.is_empty() || kept.contains(&record.constraint))
}

fn found(record: &RollbackCertificate) -> String {
    let mut text = format!("{} from {} to {}", record.certificate, record.from, record.until);
    if !record.constraint.is_empty() {
        text.push_str(&format!(", constraint `{}`", record.constraint));
    }
    text
}
