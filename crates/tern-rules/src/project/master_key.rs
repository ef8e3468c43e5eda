//! P-master-key: EncryptedKey of the ESME, in IOC and MOC.

use tern_model::Grade;

use crate::alike::master_key;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, DCO, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-master-key",
    book: Book::Project,
    title: "EncryptedKey of the ESME",
    grade: Grade::Project,
    source: "CH5, after S002 item 25",
    roles: DCO,
    stage: Stage::MasterKey,
    groups: EARLIER,
    texts: &[Text::always(
        "EncryptedKey in EncryptedMasterKey is valid for the ESME of the entry with the CHFIdentifier.",
    )],
    reading: "The earlier groups' own tables are not to be had, and S002 item 25 says that FOC's differs: \
              judged as 15.7 is.",
    file: file!(),
    check: Check::Installation(master_key::check),
};
