//! TMAD 4.30: notice before Dormant Meters are migrated.

use tern_model::Grade;

use crate::documents::{TMAD_FOC, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Number, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.30",
    book: Book::Tmad,
    title: "Notice before the steps of 4.27",
    grade: Grade::Stated,
    source: "S002 item 5",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "Before steps of 4.27 on an installation that has Dormant Meters and no Active Meters, the DCC takes reasonable \
             steps to notify each Responsible Supplier at least 15 Working Days before the earliest day planned for them.",
        )
        .numbers(&[(Number::WorkingDays, 15)]),
        Text::since(
            &TMAD_FOC,
            "Before steps of 4.27 on an installation that has Dormant Meters and no Active Meters, the DCC takes reasonable \
             steps to notify each Responsible Supplier at least 15 Working Days, or 8 for a Recently Dormant SMETS1 \
             Installation, before the earliest day planned for them. After a change of Responsible Supplier the DCC may go on \
             as planned, and takes reasonable steps to notify the new one before.",
        )
        .numbers(&[(Number::WorkingDays, 15), (Number::WorkingDaysIfRecentlyDormant, 8)]),
    ],
    reading: "The day of the notice is not counted (P). That the wording before had 15 Working Days for all is read from \
              what the source says of the change (R). Recently Dormant: eligible to be Enrolled, with an Active Meter at some \
              time since then, and with Dormant Meters alone only after this wording came into force.",
    file: file!(),
    check: Check::Explained("no set is judged by it: a notice precedes the plan. P-authorisation asks for it."),
};
