//! TMAD 10.1 and Table 10.1: the Migration Schema v1.2.

use tern_model::Grade;

use crate::documents::TMAD_FOC;
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "10.1",
    book: Book::Tmad,
    title: "SMETS1 Migration Schema v1.2",
    grade: Grade::Stated,
    source: "S002 items 11 to 13",
    roles: &[],
    stage: Stage::Reading,
    groups: Groups::All,
    texts: &[Text::since(
        &TMAD_FOC,
        "Migration files follow the SMETS1 Migration Schema v1.2, which adds DecryptedS1SPDPGroupInformation and \
         DeviceCertificate.",
    )],
    reading: "No source prints the schema: what schemas/ publishes is project-defined around the names that the \
              sources give. The Group File carries DeviceCertificate. The version before is read too, and is what is \
              built before v1.2 is in force; on which days each is taken P-schema-version says.",
    file: file!(),
    check: Check::Explained(
        "the namespace tells the version; what does not fit it is P-schema's, its days P-schema-version's.",
    ),
};
