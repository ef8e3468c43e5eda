//! TMAD 15.4: the S1SP Required File Set.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.4",
    book: Book::Tmad,
    title: "S1SP Required File Set",
    grade: Grade::Stated,
    source: "S002 item 22",
    roles: S1SP,
    stage: Stage::Set,
    groups: Groups::FOC,
    texts: &[Text::since(&TMAD_FOC, required_files::S1SP_WORDS)],
    reading: required_files::READING,
    file: file!(),
    check: Check::Set(|set| required_files::check_s1sp(&RULE, set)),
};
