//! P-mpxn-registered: the metering point is registered.

use tern_model::{Grade, Verdict};

use crate::context::{Meter, Subject, Told, facts_missing};
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-mpxn-registered",
    book: Book::Project,
    title: "MPxN registered",
    grade: Grade::Project,
    source: "CH3",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always("Registration Data has a supplier for the meter's MPxN on the planned migration day.")],
    reading: "MPxNs are compared as they stand, but for IOC's MPRNs (P-mprn-leading-zeros): one that cannot be compared \
              is that rule's finding.",
    file: file!(),
    check: Check::Meter(check),
};

fn check(subject: &Subject<'_>, meter: &Meter<'_>) -> Verdict {
    if !subject.facts().given("registration.csv") {
        return facts_missing("Registration Data was not given; add facts/registration.csv");
    }
    let Ok(registrations) = subject.registrations(meter) else { return Verdict::NotApplicable };
    if registrations.on(subject.day()).is_some() {
        return Verdict::Pass;
    }
    let found = registrations.all().first().map_or("no registration".to_owned(), |first| {
        format!("registered from {} (registration.csv row {})", first.effective_from, first.row.0)
    });
    let mpxn = &meter.element.mpxn;
    subject.finding(Told {
        place: subject.at_common(&meter.path("MPxN")),
        message: format!("MPxN {mpxn} of the {} is not registered on {}", meter.kind, subject.day()),
        found,
        expected: format!("a registration of {} in force on {}", meter.fuel, subject.day()),
        suggestion: format!(
            "correct the MPxN of {} {}, or facts/registration.csv",
            meter.kind, meter.element.device_id
        ),
    })
}
