//! P-credentials: a meter's critical requests count under the credentials that the DCC holds for it.

use tern_model::Grade;

use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-credentials",
    book: Book::Project,
    title: "Credentials of meters",
    grade: Grade::Project,
    source: "S002 8, CO3",
    roles: &[],
    stage: Stage::Commissioning,
    groups: Groups::All,
    texts: &[Text::always(
        "A critical Service Request for a meter is refused where it is not signed under the certificate that the DCC holds for it, \
         or its counter is not above the floor; and so is one that would replace these credentials and may not, or by certificates \
         that are not in order.",
    )],
    reading: "SMETS1 meters hold no certificates of Users: the DCC does for them. A meter comes with the \
              CriticalSupplierCertificateID of the Common File; under the Null Certificate ID whoever is registered may ask. 6.15.1 \
              replaces them by their holder's word, 6.23 by that of the supplier to come.",
    file: file!(),
    check: Check::Explained("the DCO's answer to an order of the S1SP's."),
};
