//! P-mprn-leading-zeros: how MPRNs of IOC are compared.

use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told};
use crate::documents::TMAD_AL_8;
use crate::groups::IOC;
use crate::rule::{Book, Check, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-mprn-leading-zeros",
    book: Book::Project,
    title: "MPRNs without their leading zeros",
    grade: Grade::Project,
    source: "CH4, S000 section 4.2",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: IOC,
    texts: &[Text::since(
        &TMAD_AL_8,
        "MPRNs are compared with Registration Data without their leading zeros: what is left on either side has 1 to 10 \
         digits. An MPRN that is 0, or has more digits, is compared with none.",
    )],
    reading: "The source states that IOC's validation of MPRNs takes account of leading zeros, and not how. Every rule \
              that looks an MPRN up compares it so, and P-mpxn-check-digit judges it with ten digits. Registrations \
              under several spellings of a number are those of one metering point. MPANs, and the MPRNs of other groups, \
              are compared as they stand. Not applicable where the installation has no GSME.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| vec![check(subject)]),
};

fn check(subject: &Subject<'_>) -> Verdict {
    let Some(gsme) = subject.gsme() else { return Verdict::NotApplicable };
    if subject.registrations(&gsme).is_ok() {
        return Verdict::Pass;
    }
    let significant = gsme.element.mpxn.as_str().trim_start_matches('0').len();
    subject.finding(Told {
        place: subject.at_common(&gsme.path("MPxN")),
        message: match significant {
            0 => "the MPRN of the GSME is 0".to_owned(),
            _ => format!("the MPRN of the GSME has {significant} digits without its leading zeros"),
        },
        found: gsme.element.mpxn.to_string(),
        expected: "1 to 10 digits, not counting leading zeros".to_owned(),
        suggestion: format!("correct the MPxN of GSME {} at its source", gsme.element.device_id),
    })
}
