//! P-dual-control: an instruction must be the one that the signed documents stand for.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-dual-control",
    book: Book::Project,
    title: "An instruction is what the signed documents stand for",
    grade: Grade::Project,
    source: "CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "The DCO decodes each instruction that it is to protect or to fill in, and refuses every field that is not \
         the one which its own verified file set stands for, or, where firmware is to be used, the supplier's signed \
         instruction.",
    )],
    reading: "While an installation is commissioned that is the get of the ESME's Device ID, and key transfers of its \
              association's keys or its master key without keys in them. Refused too are keys that do not open, \
              devices that the file set does not name, and invocation counters that leave too few after them. For \
              firmware: an instruction that is not the Electricity Supplier's of that day, not for that device, image and \
              time, or older than the last that the device obeyed.",
    file: file!(),
    check: Check::Explained(
        "the DCO's answer to an order of the S1SP's; the row that needed it fails, and the installation is rolled \
         back.",
    ),
};
