//! TMAD 5.23(b): the S1SP's plaintext is well formed and valid.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::context::Subject;
use crate::documents::{TMAD_FOC, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Rule, S1SP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "5.23(b)",
    book: Book::Tmad,
    title: "Plaintext well formed and valid",
    grade: Grade::Stated,
    source: "S002 items 10, 15",
    roles: S1SP,
    stage: Stage::EncryptedFile,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "The plaintext of EncryptedS1SPGroupInformation is well formed and valid as a DecryptedS1SPGroupInformation.",
        ),
        Text::since(
            &TMAD_FOC,
            "The plaintext of EncryptedS1SPGroupInformation is well formed and valid as a DecryptedS1SPGroupInformation where the \
             GroupID is AA, BA, CA or CB, and as a DecryptedS1SPDPGroupInformation where it is EA, EB or EC.",
        ),
    ],
    reading: "The structure goes by the GroupID (Table 11.2.1): another group's structure fails. DA's is \
              DecryptedS1SPGroupInformation (P). That the TMAD asked for the first before the FOC text is our reading: the source \
              prints an addition. That the blob opens at all is P-decryption; whose keys it holds is 15.8, and P-device-keys.",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        subject.judge_blob(&[FaultKind::Limits, FaultKind::Form, FaultKind::Schema])
    }),
};
