//! TMAD 15.5: the DCO Required File Set.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, DCO, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.5",
    book: Book::Tmad,
    title: "DCO Required File Set",
    grade: Grade::Stated,
    source: "S002 item 23",
    roles: DCO,
    stage: Stage::Set,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, required_files::DCO_WORDS)],
    reading: required_files::READING,
    file: file!(),
    check: Check::Set(|set| required_files::check_dco(&RULE, set)),
};
