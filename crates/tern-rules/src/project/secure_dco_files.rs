//! P-secure-dco-files: the DCO Required File Set of MOC (Secure).

use tern_model::Grade;

use crate::alike::required_files;
use crate::groups::DA;
use crate::rule::{Book, Check, DCO, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-secure-dco-files",
    book: Book::Project,
    title: "DCO Required File Set of DA",
    grade: Grade::Project,
    source: "FI2, after S002 item 23",
    roles: DCO,
    stage: Stage::Set,
    groups: DA,
    texts: &[Text::always(required_files::DCO_WORDS)],
    reading: "No source has MOC (Secure)'s clause: the set is that of every other group. Incomplete, doubled or mixed \
              sets are refused with the reason.",
    file: file!(),
    check: Check::Set(|set| required_files::check_dco(&RULE, set)),
};
