//! P-attempts: attempts without success.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-attempts",
    book: Book::Project,
    title: "Attempts and pauses",
    grade: Grade::Project,
    source: "PL14, after migration-facts 5",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "An attempt to migrate that had no success is recorded with its reason, and the next one comes after \
         a pause. After as many as are assumed the installation is excluded, with each of them as evidence.",
    )],
    reading: "Five attempts are what is proposed for clause 18; the Migration Error Handling and Retry \
              Strategy itself is not among the sources, and the pause is an assumption.",
    file: file!(),
    check: Check::Explained("no set is judged by it: an excluded installation is held by P-excluded."),
};
