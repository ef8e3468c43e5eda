//! The hub's IMSI and former APN: for 15.6 and P-group-file.

use tern_model::Verdict;

use crate::context::{Subject, Told, facts_missing};

/// A finding for each of the two that is malformed, or not that of the SIM record.
pub(crate) fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let details = match subject.group() {
        Ok(entry) => &entry.chf_details,
        Err(verdict) => return vec![verdict],
    };
    let (imsi, apn) = (details.imsi.as_str(), details.previous_apn.as_str());
    let mut wrong = Vec::new();
    if !is_imsi(imsi) {
        wrong.push(told(subject, "IMSI", "is no IMSI", imsi, "14 or 15 digits"));
    }
    if !is_apn(apn) {
        wrong.push(told(subject, "PreviousAPN", "is no APN", apn, "labels joined by dots, for example `smso.example`"));
    }
    if !wrong.is_empty() {
        return wrong;
    }
    let Some(sim) = subject.facts().sim(subject.chf()) else {
        return vec![facts_missing(format!("no SIM record for CHF {}; add it to facts/sims.csv", subject.chf()))];
    };
    let record = |value: &str| format!("{value} (sims.csv row {})", sim.row.0);
    if imsi != sim.imsi {
        wrong.push(told(subject, "IMSI", "is not that of the SIM record", imsi, &record(&sim.imsi)));
    }
    if !apn.eq_ignore_ascii_case(&sim.apn) {
        wrong.push(told(subject, "PreviousAPN", "is not that of the SIM record", apn, &record(&sim.apn)));
    }
    wrong
}

fn is_imsi(text: &str) -> bool {
    (14..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_apn(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (1..=100).contains(&text.len()) && text.split('.').all(is_label)
}

fn told(subject: &Subject<'_>, element: &str, wrong: &str, found: &str, expected: &str) -> Verdict {
    subject.finding(Told {
        place: subject.at_group(&format!("CHFDetails/{element}")),
        message: format!("the {element} of CHF {} {wrong}", subject.chf()),
        found: if found.is_empty() { "nothing".to_owned() } else { found.to_owned() },
        expected: expected.to_owned(),
        suggestion: format!("have the SMSO export the {element} of the hub's SIM again, or correct facts/sims.csv"),
    })
}
