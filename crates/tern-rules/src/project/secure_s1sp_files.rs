//! P-secure-s1sp-files: the S1SP Required File Set of MOC (Secure).

use tern_model::Grade;

use crate::alike::required_files;
use crate::groups::DA;
use crate::rule::{Book, Check, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-secure-s1sp-files",
    book: Book::Project,
    title: "S1SP Required File Set of DA",
    grade: Grade::Project,
    source: "FI2, after S002 item 22",
    roles: S1SP,
    stage: Stage::Set,
    groups: DA,
    texts: &[Text::always(required_files::S1SP_WORDS)],
    reading: "No source has MOC (Secure)'s clause: the set is that of every other group. Incomplete, doubled or mixed \
              sets are refused with the reason.",
    file: file!(),
    check: Check::Set(|set| required_files::check_s1sp(&RULE, set)),
};
