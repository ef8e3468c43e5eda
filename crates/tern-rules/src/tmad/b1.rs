//! TMAD Appendix B1: Application Association labels.

use tern_model::{ApplicationAssociation, Authentication, DeviceModel, Grade, Verdict};

use crate::context::{Subject, Told, facts_missing, first_few};
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B1",
    book: Book::Tmad,
    title: "Application Association G",
    grade: Grade::Stated,
    source: "S002 item 33",
    roles: S1SP,
    stage: Stage::GroupFile,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "Application Association G stands for the names that the manufacturer of the ESME gave to the associations \
         open to the DCC.",
    )],
    reading: "The names stand in the Group File's ESMEDetail / ApplicationAssociation. What a model opens, under which \
              names and where, is the S1SP's configuration (associations.models in tern.toml): each name of the file is \
              one of its model, and those by which the S1SP and the DCO reach the meter are among them (P).",
    file: file!(),
    check: Check::Installation(check),
};

/// Without these two no meter is commissioned: the association of the file set's keys, and the DCO's.
const NEEDED: [Authentication; 2] = [Authentication::HlsGmac, Authentication::PreEstablished];

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let named = match subject.group() {
        Ok(entry) => &entry.esme_detail.application_associations,
        Err(verdict) => return vec![verdict],
    };
    let known = subject.esme_associations();
    let model = &subject.common.esme.device_model;
    if known.is_empty() {
        let what = format!("nothing is known of the associations of {} {}", model.manufacturer, model.model);
        return vec![facts_missing(format!("{what}; add a table of it to tern.toml"))];
    }
    let names = || known.iter().map(|one| format!("`{}`", one.name_of(model)));
    let mut wrong = Vec::new();
    for (name, at) in named.iter().zip(1..) {
        if !known.iter().any(|one| one.is_called(name.as_str(), model)) {
            let (element, found) = (format!("ESMEDetail/ApplicationAssociation[{at}]"), format!("`{name}`"));
            let strange = "the name is that of no association that its model opens to the DCC";
            wrong.push(told(subject, &element, strange, (&found, &first_few(names(), known.len()))));
        }
    }
    for needed in NEEDED {
        let one = known.iter().find(|one| one.authentication == needed);
        let is_named = |one: &ApplicationAssociation| named.iter().any(|name| one.is_called(name.as_str(), model));
        if !one.is_some_and(is_named) {
            let kind = needed.as_str();
            let expected = one.map_or_else(
                || format!("a model that opens one that is {kind}"),
                |one| format!("`{}`, the model's {kind} association", one.name_of(model)),
            );
            let closed = "an association that commissioning needs is not open to the DCC";
            wrong.push(told(subject, "ESMEDetail", closed, ("no such name", &expected)));
        }
    }
    wrong
}

fn told(subject: &Subject<'_>, element: &str, wrong: &str, (found, expected): (&str, &str)) -> Verdict {
    let esme = &subject.common.esme;
    let DeviceModel { manufacturer, model, .. } = &esme.device_model;
    subject.finding(Told {
        place: subject.at_group(element),
        message: format!("ESME {} ({manufacturer} {model}): {wrong}", esme.device_id),
        found: found.to_owned(),
        expected: expected.to_owned(),
        suggestion: "have the SMSO export the manufacturer's names, or correct the model's table under \
                     associations.models in tern.toml"
            .to_owned(),
    })
}
