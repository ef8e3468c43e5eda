//! P-supplier-certificates: certificates are asked for with the notice.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-supplier-certificates",
    book: Book::Project,
    title: "Certificates are asked for",
    grade: Grade::Project,
    source: "PL11, after S002 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "Responsible Suppliers are asked for their certificates with the notice of migration. Who has not \
         answered by the day that the notice names goes with the Null Certificate ID.",
    )],
    reading: "The sources say that certificates are asked for within the time of the notice, and not what \
              follows where none comes. A meter with the Null Certificate ID is not held against its change \
              of supplier (5.10.10, 5.10.15).",
    file: file!(),
    check: Check::Explained("no set is judged by it: what a set names is judged by P-certificate-supplier."),
};
