//! P-certificate-supplier: whose certificates the meters get.

use tern_model::{Grade, Role};

use crate::certificate_party::{self, Holders};
use crate::context::Subject;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-certificate-supplier",
    book: Book::Project,
    title: "Certificate IDs of the registered supplier",
    grade: Grade::Project,
    source: "CH3",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always(
        "Every supplier certificate ID of a meter, unless it is the Null Certificate ID, is of a \
                         usable certificate of the supplier that is registered for the MPxN on the planned migration \
                         day.",
    )],
    reading: "Known to the directory, of that role, and neither expired nor revoked at the clock.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| certificate_party::check(subject, &HOLDERS)),
};

static HOLDERS: Holders = Holders {
    role: Role::Supplier,
    words: "supplier",
    ids: |meter| {
        [
            ("CriticalSupplierCertificateID", &meter.critical_supplier_certificate_id),
            ("NonCriticalSupplierCertificateID", &meter.non_critical_supplier_certificate_id),
        ]
    },
    registered: |registration| registration.supplier,
};
