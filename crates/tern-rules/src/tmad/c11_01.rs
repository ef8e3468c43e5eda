//! TMAD 11.1: what the Requesting Party may hold.

use tern_model::{Finding, Grade, GroupId, Place, Verdict};

use crate::context::{Told, finding};
use crate::documents::{TMAD_FOC, TMAD_IOC};
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
    texts: &[
        Text::since(
            &TMAD_IOC,
            "A Requesting Party has the populated EncryptedS1SPGroupInformation and EncryptedMasterKey from the SMETS1 \
             SMSO alone, and never the plaintext or the symmetric keys that went into them.",
        ),
        Text::since(
            &TMAD_FOC,
            "A Requesting Party has the populated EncryptedS1SPGroupInformation and EncryptedMasterKey from the SMETS1 \
             SMSO alone, and never the plaintext or the symmetric keys that went into them. EB and EC are excepted.",
        ),
    ],
    reading: "The FOC text adds the exception alone, so that the rest held before (R). EA's prepayment-key information \
              passes between Requesting Party and SMSO encrypted. For EB and EC the \
              Requesting Party may also be given plaintext (P).",
    file: file!(),
    check: Check::Explained(
        "`tern smso export` alone sees device keys, and encrypts them to the S1SP and the DCO; only for EB and EC does it write \
         plaintext, where it is told to. `tern build` refuses plaintext of any other group, and encrypts that of EB and EC at once.",
    ),
};

/// The finding of an export with keys in the clear; none for the groups that may be exported so.
#[must_use]
pub fn plaintext_export(group: GroupId, place: Place) -> Option<Finding> {
    let told = Told {
        place,
        message: format!("the Requesting Party may not be given the plaintext or the keys of installations of {group}"),
        found: "device keys in the clear (not shown)".to_owned(),
        expected: "EncryptedS1SPGroupInformation and EncryptedMasterKey, populated by the SMSO".to_owned(),
        suggestion: "destroy the file, and have the SMSO export again without --plaintext".to_owned(),
    };
    match finding(&RULE, told) {
        Verdict::Finding(finding) if RULE.groups.bind(group) => Some(*finding),
        _ => None,
    }
}
