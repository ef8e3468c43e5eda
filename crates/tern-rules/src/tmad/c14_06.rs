//! TMAD 14.6: the DCO Required File Set, in the words of 15.5.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_IOC;
use crate::groups::CA_CB;
use crate::rule::{Book, Check, DCO, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "14.6",
    book: Book::Tmad,
    title: "DCO Required File Set",
    grade: Grade::Stated,
    source: "S002 item 23",
    roles: DCO,
    stage: Stage::Set,
    groups: CA_CB,
    texts: &[Text::since(&TMAD_IOC, required_files::DCO_WORDS)],
    reading: required_files::READING,
    file: file!(),
    check: Check::Set(|set| required_files::check_dco(&RULE, set)),
};
