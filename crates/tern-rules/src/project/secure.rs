//! P-secure: whom the requirements of MOC (Secure) bind.

use tern_model::Grade;

use crate::groups::DA;
use crate::rule::{ALL_JUDGES, Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-secure",
    book: Book::Project,
    title: "Whom MOC (Secure)'s requirements bind",
    grade: Grade::Project,
    source: "AC1, CH6",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: DA,
    texts: &[Text::always("MOC (Secure)'s installations are of GroupID DA.")],
    reading: "No source has its clause. Where nothing else is stated DA follows what is project-defined for \
              AA, BA, CA and CB.",
    file: file!(),
    check: Check::Scope("a group that no clause of this rulebook binds is P-group's finding."),
};
