//! P-certificate: the signing certificate.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-certificate",
    book: Book::Project,
    title: "Signing certificate known, valid, unrevoked",
    grade: Grade::Project,
    source: "FI4",
    roles: ALL_JUDGES,
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::always(
        "The signing certificate is found by issuer and serial number, has a path to a trusted root, may sign, and \
         is neither expired nor revoked at the clock.",
    )],
    reading: "Certificates are judged at the clock, whatever day is given for the rule books.",
    file: file!(),
    check: Check::Wire(FaultKind::Certificate),
};
