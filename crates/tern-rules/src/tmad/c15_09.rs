//! TMAD 15.9: commissioning by S1SP and DCO.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.9",
    book: Book::Tmad,
    title: "S1SP / DCO commissioning",
    grade: Grade::Stated,
    source: "S002 item 27",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The installation is commissioned by the processes of Appendix B that Table 15.9 names.",
    )],
    reading: "Table 15.9 is not to be had: the order B2, B3, B4, B5, B6 is that of the appendix (P). It starts once \
              S1SP and DCO both find the installation viable and the Commissioning Party says so (P).",
    file: file!(),
    check: Check::Explained(
        "the commissioning machine takes the rows as data and runs them in their order; a row that fails rolls back.",
    ),
};
