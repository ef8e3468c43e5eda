//! TMAD 14.5: the S1SP Required File Set, in the words of 15.4.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_IOC;
use crate::groups::CA_CB;
use crate::rule::{Book, Check, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "14.5",
    book: Book::Tmad,
    title: "S1SP Required File Set",
    grade: Grade::Stated,
    source: "S002 item 22",
    roles: S1SP,
    stage: Stage::Set,
    groups: CA_CB,
    texts: &[Text::since(&TMAD_IOC, required_files::S1SP_WORDS)],
    reading: required_files::READING,
    file: file!(),
    check: Check::Set(|set| required_files::check_s1sp(&RULE, set)),
};
