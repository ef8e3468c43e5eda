//! TMAD Table 5.10, 5.10.10: no change of Import Supplier close to migration.

use tern_model::Grade;

use crate::context::Subject;
use crate::documents::{TMAD_FOC, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Number, Rule, SENDER_AND_DSP, Stage, Text};
use crate::supplier_change;

pub(crate) static RULE: Rule = Rule {
    clause: "5.10.10",
    book: Book::Tmad,
    title: "No change of Import Supplier close to migration",
    grade: Grade::Stated,
    source: "S002 item 8",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "Unless the ESME's CriticalSupplierCertificateID is the Null Certificate ID, Registration Data shows no \
             change of the Import Supplier of the MPxN in the ESME element within the next 7 days.",
        )
        .numbers(&[(Number::Days, 7)]),
        Text::since(
            &TMAD_FOC,
            "Unless the ESME's CriticalSupplierCertificateID is the Null Certificate ID, Registration Data shows no \
             change of the Import Supplier of the MPxN in the ESME element within the next 2 days.",
        )
        .numbers(&[(Number::Days, 2)]),
    ],
    reading: "The days count from the planned migration day D: a change effective on d is a finding if D <= d <= D + \
              days (P). Judged at intake and again just before the first device effect.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| vec![supplier_change::check(subject, &subject.esme())]),
};
