//! P-commissioning: commissioning by S1SP and DCO in IOC and MOC.

use tern_model::Grade;

use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-commissioning",
    book: Book::Project,
    title: "S1SP / DCO commissioning",
    grade: Grade::Project,
    source: "CO1, after S002 item 27",
    roles: &[],
    stage: Stage::Commissioning,
    groups: EARLIER,
    texts: &[Text::always("The installation is commissioned by the processes of Appendix A.")],
    reading: "In the order A2, A3, A5, A6, once S1SP and DCO both find the installation viable and the \
              Commissioning Party says so. A PPMID needs no checks or processing (as B4: no change from IOC or \
              MOC); there is no CHF Whitelist to set (15.11 is FOC's) and no configuration after migration \
              (CO6).",
    file: file!(),
    check: Check::Explained(
        "the commissioning machine takes the rows as data and runs them in their order; a row that fails rolls back.",
    ),
};
