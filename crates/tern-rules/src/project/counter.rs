//! P-counter: a counter names one set.

use tern_model::{Grade, Place, Verdict};

use crate::context::{Context, Told, finding};
use crate::rule::{Book, Check, Groups, RECEIVERS, Rule, Stage, Text};
use crate::view::SeenSet;

pub(crate) static RULE: Rule = Rule {
    clause: "P-counter",
    book: Book::Project,
    title: "Counter not used with other bytes, nor too low",
    grade: Grade::Project,
    source: "CH3",
    roles: RECEIVERS,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "A FileCounter that was seen comes with the bytes that it was seen with; one that was not \
                         seen is no further below the highest of its Requesting Party and group than the window.",
    )],
    reading: "The window is 100 by default. The same counter with the same bytes is the same set and goes on where \
              it stood.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(header) = set.header else { return vec![Verdict::NotApplicable] };
    let history = set.view.history;
    let window = set.view.settings.counter_window;
    match (&history.seen, history.highest) {
        (Some(seen), _) => other_bytes(set, seen).into_iter().map(|told| finding(&RULE, told)).collect(),
        (None, Some(highest)) if header.file_counter.saturating_add(window) < highest => {
            vec![finding(&RULE, too_low(set, header.file_counter, highest, window))]
        }
        (None, _) => vec![Verdict::Pass],
    }
}

fn other_bytes(set: &Context<'_>, seen: &SeenSet) -> Vec<Told> {
    let view = set.view;
    let files = [
        (view.common.file().map(|f| (f.name, f.digest)), Some(seen.common)),
        (view.group.file().map(|f| (f.name, f.digest)), seen.group),
        (view.encrypted.file().map(|f| (f.name, f.digest)), Some(seen.encrypted)),
    ];
    files
        .into_iter()
        .filter_map(|(file, seen)| file.zip(seen).filter(|((_, digest), seen)| digest != seen))
        .map(|((name, digest), seen)| Told {
            place: Place::document(name),
            message: "this FileCounter was used before with other bytes".to_owned(),
            found: format!("digest {digest}"),
            expected: format!("digest {seen}, as seen before"),
            suggestion: "build the set again under a new counter".to_owned(),
        })
        .collect()
}

fn too_low(set: &Context<'_>, counter: u64, highest: u64, window: u64) -> Told {
    Told {
        place: set.header_place("FileCounter"),
        message: format!("FileCounter {counter} is more than {window} below the highest seen"),
        found: counter.to_string(),
        expected: format!("{} or more; the highest seen is {highest}", highest.saturating_sub(window)),
        suggestion: format!("build the set again under a counter above {highest}"),
    }
}
