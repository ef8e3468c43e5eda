//! P-device-unique: each Device ID once in a set.

use tern_model::{DeviceId, DeviceKind, Grade, Verdict};

use crate::context::{Subject, Told, devices_of, first_few};
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-device-unique",
    book: Book::Project,
    title: "Device IDs unique in the set",
    grade: Grade::Project,
    source: "CH3",
    roles: SENDER_AND_DSP,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always("The Device ID of every device but the CHF stands once in the set.")],
    reading: "The CHF's own is P-duplicate-chf's; devices that the Smart Metering Inventory already holds are \
              P-device-inventory's.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    devices_of(subject.common).into_iter().filter_map(|device| check_device(subject, device)).collect()
}

fn check_device(subject: &Subject<'_>, (kind, id, path): (DeviceKind, DeviceId, String)) -> Option<Verdict> {
    let uses = subject.set.view.repeats.uses_of(id.0);
    let more = uses.all.checked_sub(1).filter(|more| *more > 0)?;
    let mut own = false;
    let others = uses.first().filter(|(entry, used_as)| {
        let is_own = !own && *entry == subject.entry() && *used_as == kind;
        own |= is_own;
        !is_own
    });
    let others = others.map(|(entry, used_as)| format!("{used_as} of Installation[{}]", entry + 1));
    Some(subject.finding(Told {
        place: subject.at_common(&path),
        message: format!("Device ID {id} of the {kind} stands more than once in the set"),
        found: format!("also {}", first_few(others, more)),
        expected: "each Device ID once".to_owned(),
        suggestion: "have the SMSO export the right Device IDs and build the set again".to_owned(),
    }))
}
