//! TMAD 3.25: the revised PIN of a gas meter goes to its Installing Supplier.

use tern_model::{Grade, GroupId, Place, Role, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::documents::TMAD_AL_8;
use crate::groups::CA;
use crate::rule::{Book, Check, Rule, Stage, Text};
use crate::rulebook::Books;

pub(crate) static RULE: Rule = Rule {
    clause: "3.25",
    book: Book::Tmad,
    title: "Revised PIN to the Installing Supplier",
    grade: Grade::Reading,
    source: "S000 4.1, 4.1.2, table 2",
    roles: &[Role::RequestingParty, Role::Dsp, Role::S1sp],
    stage: Stage::Common,
    groups: CA,
    texts: &[Text::since(
        &TMAD_AL_8,
        "The DCC gives the Installing Supplier of a gas meter the revised PIN for functionality not meant for use by \
         Energy Consumers.",
    )],
    reading: "Installing Supplier is whoever installed the gas meter, Responsible Supplier or no longer (R). It is recorded, \
              and it has a certificate to encrypt to: nothing is migrated whose PIN could be given to nobody (P). The gas \
              meter takes the PIN in row A3.2, and keeps the one before until then and after a rollback; the S1SP signs the \
              file for the Installing Supplier as the installation is commissioned, and nobody else can open it (P). An \
              installation that was judged before the text is in force goes without (P).",
    file: file!(),
    check: Check::Installation(check),
};

/// Whether a group's gas meters get a revised PIN by the books of a day (3.25).
#[must_use]
pub fn revises_pin(books: Books<'_>, group: GroupId) -> bool {
    RULE.groups.bind(group) && books.text_of(&RULE, Some(group)).is_some()
}

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let Some(gsme) = &subject.common.gsme else { return vec![Verdict::NotApplicable] };
    let device = gsme.device_id;
    let Some(record) = subject.facts().installing_supplier(device) else {
        return vec![facts_missing(format!(
            "no Installing Supplier of GSME {device} (CHF {}); add it to facts/installing_suppliers.csv",
            subject.chf()
        ))];
    };
    let supplier = record.supplier;
    if subject.set.view.certificates.can_encrypt_to(Role::Supplier, supplier) {
        return vec![Verdict::Pass];
    }
    let line = u32::try_from(record.row.0).unwrap_or(0);
    vec![subject.finding(Told {
        place: Place { line, ..Place::document("installing_suppliers.csv") },
        message: format!("the revised PIN of GSME {device} could be encrypted to nobody"),
        found: format!("supplier {supplier}, without an encryption certificate in force"),
        expected: "an Installing Supplier with an encryption certificate in force".to_owned(),
        suggestion: format!("have {supplier} get one: `tern pki issue supplier <name>`; or correct the record"),
    })]
}
