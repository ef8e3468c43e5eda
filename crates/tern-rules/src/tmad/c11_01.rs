//! TMAD 11.1: what the Requesting Party may hold.

use tern_model::{Grade, GroupId};

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "11.1",
    book: Book::Tmad,
    title: "No plaintext or keys with the Requesting Party",
    grade: Grade::Stated,
    source: "S002 item 14",
    roles: &[],
    stage: Stage::Reading,
    groups: Groups::Only(&[GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA]),
    texts: &[Text::since(
        &TMAD_FOC,
        "A Requesting Party has the populated EncryptedS1SPGroupInformation and EncryptedMasterKey from the SMETS1 \
         SMSO alone, and never the plaintext or the symmetric keys that went into them. EB and EC are excepted.",
    )],
    reading: "EA's prepayment-key information passes between Requesting Party and SMSO encrypted. For EB and EC the \
              Requesting Party may also be given plaintext (P).",
    file: file!(),
    check: Check::Explained(
        "true by construction. `tern smso export` alone sees device keys and encrypts them to the S1SP and the DCO; \
         `tern build` is given its output and has no input for a key.",
    ),
};
