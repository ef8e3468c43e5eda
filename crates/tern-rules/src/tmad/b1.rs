//! TMAD Appendix B1: Application Association labels.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "B1",
    book: Book::Tmad,
    title: "Application Association G",
    grade: Grade::Stated,
    source: "S002 item 33",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "Application Association G stands for the names that the manufacturer of the ESME gave to the associations \
         open to the DCC.",
    )],
    reading: "The names stand in the Group File's ESMEDetail / ApplicationAssociation (P).",
    file: file!(),
    check: Check::Explained("the names are handed to the steps of B2 and B6."),
};
