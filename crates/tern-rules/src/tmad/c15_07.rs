//! TMAD 15.7: the master key of the ESME, as the DCO opens it.

use tern_model::Grade;

use crate::alike::master_key;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, DCO, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.7",
    book: Book::Tmad,
    title: "EncryptedKey of the ESME",
    grade: Grade::Stated,
    source: "S002 item 25",
    roles: DCO,
    stage: Stage::MasterKey,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "EncryptedKey in EncryptedMasterKey is valid for the ESME of the entry with the CHFIdentifier.",
    )],
    reading: "Valid: it decrypts to a DecryptedMasterKey of this CHFIdentifier and of the ESME of the Common File, \
              and the key is 32 hexadecimal digits, not all zero (P).",
    file: file!(),
    check: Check::Installation(master_key::check),
};
