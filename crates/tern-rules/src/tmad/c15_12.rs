//! TMAD 15.12: not used.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.12",
    book: Book::Tmad,
    title: "Post migration configuration",
    grade: Grade::Stated,
    source: "S002 item 31",
    roles: &[],
    stage: Stage::After,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, "Not used: there is no configuration after migration for these groups.")],
    reading: "",
    file: file!(),
    check: Check::Explained("there is nothing to do."),
};
