//! TMAD Table 5.10, 5.10.15: no change of Gas Supplier close to migration.

use tern_model::{Grade, Verdict};

use crate::context::Subject;
use crate::documents::{TMAD_FOC, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Number, Rule, SENDER_AND_DSP, Stage, Text};
use crate::supplier_change;

pub(crate) static RULE: Rule = Rule {
    clause: "5.10.15",
    book: Book::Tmad,
    title: "No change of Gas Supplier close to migration",
    grade: Grade::Reading,
    source: "S002 item 9",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "Unless the GSME's CriticalSupplierCertificateID is the Null Certificate ID, Registration Data shows no \
             change of the Gas Supplier of the MPxN in the GSME element within the next 7 days.",
        )
        .numbers(&[(Number::Days, 7)]),
        Text::since(
            &TMAD_FOC,
            "Unless the GSME's CriticalSupplierCertificateID is the Null Certificate ID, Registration Data shows no \
             change of the Gas Supplier of the MPxN in the GSME element within the next 2 days.",
        )
        .numbers(&[(Number::Days, 2)]),
    ],
    reading: "The source prints the ESME's text of 5.10.10 again; it is read as its twin for GSME, Gas Supplier and \
              MPRN. The days count as in 5.10.10 (P). Not applicable where the installation has no GSME.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        vec![subject.gsme().map_or(Verdict::NotApplicable, |gsme| supplier_change::check(subject, &gsme))]
    }),
};
