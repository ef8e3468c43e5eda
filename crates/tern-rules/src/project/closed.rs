//! P-closed: an attempt that a person brought to its end.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-closed",
    book: Book::Project,
    title: "Stuck, and closed as the SMSO's",
    grade: Grade::Project,
    source: "PL14, after migration-facts 5",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "Where an installation was stuck on its way, and a person closed it with evidence that its SMSO holds it, that \
         is an attempt without success. It is tried again as after any other (P-attempts).",
    )],
    reading: "`tern resolve --close` records who holds it, and the evidence. One that the DCC holds is no attempt \
              without success: it has come to where a migration leads.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it is why `tern run` records an attempt as without success."),
};
