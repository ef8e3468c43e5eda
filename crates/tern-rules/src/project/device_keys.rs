//! P-device-keys: keys of ESME and GSME, in IOC and MOC.

use tern_model::Grade;

use crate::alike::device_keys;
use crate::groups::EARLIER;
use crate::rule::{Book, Check, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-device-keys",
    book: Book::Project,
    title: "Keys of ESME and GSME",
    grade: Grade::Project,
    source: "CH5, after S002 item 26",
    roles: S1SP,
    stage: Stage::EncryptedFile,
    groups: EARLIER,
    texts: &[Text::always(
        "AuthenticationKey, EncryptionKey and PrepaymentKey in ESMEDetail, and PrepaymentKey in GSMEDetail, \
         are checked for the entry with the CHFIdentifier.",
    )],
    reading: "What DecryptedS1SPGroupInformation holds is not to be had: the keys of 15.8, without FOC's \
              HighLevelAssociation and PrePayDetails; judged as 15.8 is.",
    file: file!(),
    check: Check::Installation(device_keys::check),
};
