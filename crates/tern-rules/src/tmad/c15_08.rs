//! TMAD 15.8: the keys of ESME and GSME, as the S1SP opens them.

use tern_model::Grade;

use crate::alike::device_keys;
use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "15.8",
    book: Book::Tmad,
    title: "Keys of ESME and GSME",
    grade: Grade::Stated,
    source: "S002 item 26",
    roles: S1SP,
    stage: Stage::EncryptedFile,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "AuthenticationKey, EncryptionKey and PrepaymentKey of the HighLevelAssociation in ESMEDetail, and \
         PrepaymentKey in GSMEDetail / PrePayDetails, are checked for the entry with the CHFIdentifier.",
    )],
    reading: "Of this CHFIdentifier, present where the Common File has the device, for that device's Device ID, and \
              32 hexadecimal digits, not all zero (P). The source prints HighLevelAssociaton once; it is spelled \
              HighLevelAssociation.",
    file: file!(),
    check: Check::Installation(device_keys::check),
};
