//! P-dco-consent: the DCO must have found viable what it is asked to act on.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-dco-consent",
    book: Book::Project,
    title: "The DCO's consent",
    grade: Grade::Project,
    source: "CO3, CO4",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "The DCO obeys orders for an installation that it found viable itself, under the file set by which it did, \
         and for no other.",
    )],
    reading: "Refused too is what no longer stands: a way back when the rollback window is over and the SMSO's master \
              key was destroyed, and anything forward under a set by which the device went back. A new file set is \
              needed then.",
    file: file!(),
    check: Check::Explained(
        "the DCO's answer to an order of the S1SP's; the row that needed it fails, and the installation is rolled \
         back.",
    ),
};
