//! P-not-exported: an attempt on a day whose sets did not have the installation.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-not-exported",
    book: Book::Project,
    title: "In none of the day's sets",
    grade: Grade::Project,
    source: "PL14, after migration-facts 5",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "Where it is an installation's day and none of the sets of that day has it, that is an attempt without \
         success. It is tried again as after any other (P-attempts).",
    )],
    reading: "The SMSO's export did not have it, or nothing that was exported of it could be put into a set. Where one \
              of the day's sets was refused as a whole, the attempt has the clause of that instead.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it is why `tern run` records an attempt as without success."),
};
