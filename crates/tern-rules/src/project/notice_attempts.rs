//! P-notice-attempts: how long a notice is tried, and when it counts as given.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-notice-attempts",
    book: Book::Project,
    title: "Attempts to deliver a notice",
    grade: Grade::Project,
    source: "PL1, PL3, after S002 items 4 and 5",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[Text::always(
        "A notice is sent on its day by every way that its recipient has, and each attempt is recorded. One that was \
         not delivered is tried once with each later run, or once a day where a plan is carried out, until the last \
         day that it announces as the earliest for steps. After that it is given up. It stops no step.",
    )],
    reading: "Reasonable steps do not end with the term: a notice that comes late still tells its recipient what is \
              to be done, and is told as late. It counts as given on the day on which one way first delivered it: a \
              mail server has taken it, or the file is in the recipient's folder.",
    file: file!(),
    check: Check::Explained("no set is judged by it: it says what becomes of a notice."),
};
