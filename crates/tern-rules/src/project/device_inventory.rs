//! P-device-inventory: the devices are not in the inventory.

use tern_model::Grade;

use crate::context::{Subject, devices_of};
use crate::inventory;
use crate::rule::{Book, Check, DSP, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-device-inventory",
    book: Book::Project,
    title: "Devices not in the inventory",
    grade: Grade::Project,
    source: "CH3",
    roles: DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always("The Smart Metering Inventory holds none of the installation's devices.")],
    reading: "The CHF's own is P-chf-inventory's. What this very set put there does not count against it.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        devices_of(subject.common)
            .into_iter()
            .map(|(kind, device, path)| inventory::check(subject, kind, device, &path))
            .collect()
    }),
};
