//! TMAD 15.11: the CHF Whitelist.

use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told};
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};
use crate::whitelist::{HanDevices, whitelist, wrong_with};

pub(crate) static RULE: Rule = Rule {
    clause: "15.11",
    book: Book::Tmad,
    title: "CHF Whitelist",
    grade: Grade::Stated,
    source: "S002 item 30",
    roles: S1SP,
    stage: Stage::GroupFile,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The whitelist never holds the Device ID of a CHF or a GPF; it always holds the ESME's, and the GSME's where \
         the GSME talks to the GPF over ZigBee.",
    )],
    reading: "\"Over ZigBee\" is read from GSMEDetail/HANType in the Group File (P). Judged twice: here on the list \
              that the files call for, and on the list that the hub holds after it was set.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    if let Err(verdict) = subject.group() {
        return vec![verdict];
    }
    let gsme = match (&subject.common.gsme, subject.han_type()) {
        (None, _) => None,
        (Some(gsme), Some(han)) => Some((gsme.device_id, han)),
        (Some(gsme), None) => {
            return vec![subject.finding(Told {
                place: subject.at_group(""),
                message: format!("how GSME {} talks to the GPF is not said", gsme.device_id),
                found: "no GSMEDetail/HANType".to_owned(),
                expected: "GSMEDetail with HANType `ZigBee` or `Other`".to_owned(),
                suggestion: "ask the SMSO for a new export of this installation and build the set again".to_owned(),
            })];
        }
    };
    let devices =
        HanDevices { chf: subject.chf(), gpf: subject.common.gpf.device_id, esme: subject.common.esme.device_id, gsme };
    let list = whitelist(devices.esme, devices.gsme);
    let told = |wrong: String| {
        subject.finding(Told {
            place: subject.at_common("ESME/DeviceID"),
            message: format!("the CHF Whitelist that the files call for {wrong}"),
            found: list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            expected: "the ESME and a ZigBee GSME, neither CHF nor GPF".to_owned(),
            suggestion: "give each device its own Device ID and build the set again".to_owned(),
        })
    };
    wrong_with(&list, &devices).into_iter().map(told).collect()
}
