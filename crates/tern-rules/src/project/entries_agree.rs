//! P-entries-agree: the files list the same installations.

use tern_model::{ChfIdentifier, Grade, Place, Verdict};

use crate::context::{Context, Told, finding};
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};
use crate::view::FileHead;

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
    let group = set.view.group.file().and_then(|file| difference(common.keys, file));
    let encrypted = set.view.encrypted.file().and_then(|file| difference(common.keys, file));
    [group, encrypted].into_iter().flatten().map(|told| finding(&RULE, told)).collect()
}

/// What to say where a file lists other installations than are wanted, or in another order; none where it lists the same.
pub(crate) fn difference<T>(wanted: &[ChfIdentifier], file: &FileHead<'_, T>) -> Option<Told> {
    let shorter = wanted.len().min(file.keys.len());
    let at = file.keys.iter().zip(wanted).position(|(found, wanted)| found != wanted);
    let at = at.or((wanted.len() != file.keys.len()).then_some(shorter))?;
    Some(told(wanted, at, file.keys.get(at).copied(), file.places.place_of_entry(at, "CHFIdentifier")))
}

fn told(wanted: &[ChfIdentifier], at: usize, found: Option<ChfIdentifier>, place: Place) -> Told {
    let words = |chf: Option<ChfIdentifier>| chf.map_or("no entry".to_owned(), |chf| format!("CHF {chf}"));
    Told {
        place,
        message: format!("entry {} is not that of the Migration Common File", at + 1),
        found: words(found),
        expected: words(wanted.get(at).copied()),
        suggestion: "put together the files that were built together".to_owned(),
    }
}
