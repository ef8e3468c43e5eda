//! P-entries-agree: the files list the same installations.

use tern_model::{ChfIdentifier, Grade, Place, Verdict};

use crate::context::{Context, Told, finding};
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-entries-agree",
    book: Book::Project,
    title: "Same installations in the same order",
    grade: Grade::Project,
    source: "FI1",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "Migration Group File and Migration Group Encrypted File list the installations of the \
                         Migration Common File, in its order.",
    )],
    reading: "A set whose files disagree is a mixed set and is refused as a whole.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(common) = set.view.common.file() else { return vec![Verdict::NotApplicable] };
    let wanted: Vec<ChfIdentifier> = common.installations.iter().map(|i| i.chf_identifier).collect();
    let group = set.view.group.file().and_then(|file| {
        let at = first_difference(&wanted, file.installations.iter().map(|i| i.chf_identifier))?;
        Some(told(&wanted, at, file.installations.get(at).map(|i| i.chf_identifier), file.place(at, "CHFIdentifier")))
    });
    let encrypted = set.view.encrypted.file().and_then(|file| {
        let at = first_difference(&wanted, file.installations.iter().map(|i| i.chf_identifier))?;
        Some(told(&wanted, at, file.installations.get(at).map(|i| i.chf_identifier), file.place(at, "CHFIdentifier")))
    });
    [group, encrypted].into_iter().flatten().map(|told| finding(&RULE, told)).collect()
}

/// Where two lists part, from 0; none where they are the same.
pub(crate) fn first_difference(
    wanted: &[ChfIdentifier],
    found: impl ExactSizeIterator<Item = ChfIdentifier>,
) -> Option<usize> {
    let length = found.len();
    let shorter = wanted.len().min(length);
    found.zip(wanted).position(|(a, b)| a != *b).or((wanted.len() != length).then_some(shorter))
}

/// What to say of it.
pub(crate) fn told(wanted: &[ChfIdentifier], at: usize, found: Option<ChfIdentifier>, place: Place) -> Told {
    let words = |chf: Option<ChfIdentifier>| chf.map_or("no entry".to_owned(), |chf| format!("CHF {chf}"));
    Told {
        place,
        message: format!("entry {} is not that of the Migration Common File", at + 1),
        found: words(found),
        expected: words(wanted.get(at).copied()),
        suggestion: "put together the files that were built together".to_owned(),
    }
}
