//! P-outcome-agrees: the validation is of this very set.

use tern_model::{Digest, Grade, Place, Verdict};

use super::entries_agree;
use crate::context::{Context, Told, finding};
use crate::rule::{Book, Check, Groups, Rule, S1SP_AND_DCO, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-outcome-agrees",
    book: Book::Project,
    title: "Validation of this very set",
    grade: Grade::Project,
    source: "CH8, FI1",
    roles: S1SP_AND_DCO,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "The digests in the Migration Common Validation File are those of the set's files, and its \
                         entries are those of the Migration Common File.",
    )],
    reading: "A digest of a file that the role does not get is not compared.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(validation) = set.view.validation.file() else { return vec![Verdict::NotApplicable] };
    let view = set.view;
    let digests = [
        (
            "MigrationCommonFileDigest",
            validation.message.migration_common_file_digest,
            view.common.file().map(|f| f.digest),
        ),
        (
            "MigrationGroupFileDigest",
            validation.message.migration_group_file_digest,
            view.group.file().map(|f| f.digest),
        ),
        (
            "MigrationGroupEncryptedFileDigest",
            validation.message.migration_group_encrypted_file_digest,
            view.encrypted.file().map(|f| f.digest),
        ),
    ];
    let mut verdicts: Vec<Verdict> = digests
        .into_iter()
        .filter_map(|(element, said, found)| found.filter(|found| *found != said).map(|found| (element, said, found)))
        .map(|(element, said, found)| {
            let place = validation.places.place_in_root(element);
            finding(&RULE, other_digest(place, said, found))
        })
        .collect();
    if let Some(common) = view.common.file() {
        let told = entries_agree::difference(common.keys, validation);
        verdicts.extend(told.map(|told| finding(&RULE, told)));
    }
    verdicts
}

fn other_digest(place: Place, said: Digest, found: Digest) -> Told {
    Told {
        place,
        message: "the validation was made of another file than the set has".to_owned(),
        found: format!("a file with digest {found}"),
        expected: said.to_string(),
        suggestion: "put the validation file together with the files that were validated".to_owned(),
    }
}
