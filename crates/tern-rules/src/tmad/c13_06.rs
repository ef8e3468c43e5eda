//! TMAD 13.6: the S1SP Required File Set, in the words of 15.4.

use tern_model::Grade;

use crate::alike::required_files;
use crate::documents::TMAD_IOC;
use crate::groups::BA;
use crate::rule::{Book, Check, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "13.6",
    book: Book::Tmad,
    title: "S1SP Required File Set",
    grade: Grade::Reading,
    source: "S002 item 22",
    roles: S1SP,
    stage: Stage::Set,
    groups: BA,
    texts: &[Text::since(&TMAD_IOC, required_files::S1SP_WORDS)],
    reading: "That clause 13 is BA's is our reading: no source says whom it binds. Incomplete, doubled or mixed sets \
              are refused with the reason (P).",
    file: file!(),
    check: Check::Set(|set| required_files::check_s1sp(&RULE, set)),
};
