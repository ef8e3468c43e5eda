//! P-recheck: the supplier-change window must be judged again just before the first device effect.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-recheck",
    book: Book::Project,
    title: "The supplier-change window judged again",
    grade: Grade::Project,
    source: "CH1, CH2",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "Just before the first device effect the DSP says again that no change of supplier falls into the window.",
    )],
    reading: "What the DSP finds then is a finding of 5.10.10 or 5.10.15. No word from it, after the configured number of \
              attempts, is this one: the installation is refused and nothing has been touched.",
    file: file!(),
    check: Check::Code("the first effect of every migration."),
};
