//! P-decryption: the blob opens for its recipient.

use tern_model::Grade;
use tern_wire::FaultKind;

use crate::context::Subject;
use crate::rule::{Book, Check, Groups, Rule, S1SP_AND_DCO, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-decryption",
    book: Book::Project,
    title: "The blob opens for its recipient",
    grade: Grade::Project,
    source: "FI5",
    roles: S1SP_AND_DCO,
    stage: Stage::EncryptedFile,
    groups: Groups::All,
    texts: &[Text::always(
        "EncryptedS1SPGroupInformation opens with the S1SP's key, EncryptedMasterKey with the DCO's, \
                         by the pinned algorithms, unaltered, while the recipient's certificate may be used.",
    )],
    reading: "",
    file: file!(),
    check: Check::Installation(|subject: &Subject<'_>| {
        subject.judge_blob(&[FaultKind::Decryption, FaultKind::Certificate])
    }),
};
