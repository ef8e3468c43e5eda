//! P-duplicate-chf: one entry per installation.

use tern_model::{ChfIdentifier, DeviceKind, Grade, Verdict};

use crate::context::{Subject, Told, first_few};
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-duplicate-chf",
    book: Book::Project,
    title: "The same CHF twice",
    grade: Grade::Project,
    source: "CH3",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always("A CHFIdentifier stands in one entry of its set, and no other set is migrating it.")],
    reading: "Every entry with the CHFIdentifier is refused, for none can be told to be the right one.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let ChfIdentifier(id) = subject.chf();
    let uses = subject.set.view.repeats.uses_of(id);
    let mut wrong = Vec::new();
    let more = uses.as_chf.saturating_sub(1);
    if more > 0 {
        let others = uses.first().filter(|used| used.1 == DeviceKind::Chf && used.0 != subject.entry());
        let others = first_few(others.map(|(entry, _)| format!("Installation[{}]", entry + 1)), more);
        wrong.push(told(subject, "stands in more than one entry", format!("also in {others}")));
    }
    if let Some(other) = subject.being_migrated_by().filter(|other| Some(*other) != subject.set.set_id()) {
        wrong.push(told(subject, "is being migrated by another set", format!("in set {other}")));
    }
    wrong
}

fn told(subject: &Subject<'_>, wrong: &str, found: String) -> Verdict {
    subject.finding(Told {
        place: subject.at_common("CHFIdentifier"),
        message: format!("CHF {} {wrong}", subject.chf()),
        found,
        expected: "one entry in one set".to_owned(),
        suggestion: "send the installation once; after a rollback it may come again in a new set".to_owned(),
    })
}
