//! P-mpxn-check-digit: length and check digits.

use tern_model::{Fuel, Grade, Verdict};

use crate::context::{Meter, Subject, Told};
use crate::metering_point::NotComparable;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-mpxn-check-digit",
    book: Book::Project,
    title: "Check digits of the MPxN",
    grade: Grade::Project,
    source: "CH3",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always("An MPAN core has 13 digits and an MPRN 6 to 10, and their check digits are right.")],
    reading: "The rules of the check digits are public: MPAN by weights of primes, MPRN by position from the right, \
              both modulo 11. IOC's MPRNs are judged with ten digits from the day on which they are compared without \
              leading zeros (P-mprn-leading-zeros); one that cannot be compared is that rule's finding.",
    file: file!(),
    check: Check::Meter(check),
};

fn check(subject: &Subject<'_>, meter: &Meter<'_>) -> Verdict {
    match subject.written_out(meter) {
        Err(NotComparable) => return Verdict::NotApplicable,
        Ok(mpxn) if mpxn.check_digits_ok(meter.fuel) => return Verdict::Pass,
        Ok(_) => {}
    }
    let expected = match meter.fuel {
        Fuel::Electricity => "an MPAN core: 13 digits, the last their check digit",
        Fuel::Gas => "an MPRN: 6 to 10 digits, the last two their check digits",
    };
    subject.finding(Told {
        place: subject.at_common(&meter.path("MPxN")),
        message: format!("the MPxN of the {} has wrong check digits or length", meter.kind),
        found: meter.element.mpxn.to_string(),
        expected: expected.to_owned(),
        suggestion: format!("correct the MPxN of {} {} at its source", meter.kind, meter.element.device_id),
    })
}
