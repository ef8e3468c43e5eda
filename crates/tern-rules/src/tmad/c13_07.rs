//! TMAD 13.7: the DCO Required File Set, in the words of 15.5.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_IOC;
use crate::groups::BA;
use crate::rule::{Book, Check, DCO, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "13.7",
    book: Book::Tmad,
    title: "DCO Required File Set",
    grade: Grade::Reading,
    source: "S002 item 23",
    roles: DCO,
    stage: Stage::Set,
    groups: BA,
    texts: &[Text::since(&TMAD_IOC, required_files::DCO_WORDS)],
    reading: "That clause 13 is BA's is our reading: no source says whom it binds. Incomplete, doubled or mixed sets \
              are refused with the reason (P).",
    file: file!(),
    check: Check::Set(|set| required_files::check_dco(&RULE, set)),
};
