//! P-schema-version: the version of the Migration Schema that a set follows, by day.

use tern_model::{Grade, Place, Verdict};
use tern_wire::migration::FileKind;
use tern_wire::schema::SchemaVersion;

use crate::context::{Context, Told, finding};
use crate::documents::{SCHEMA_1_2, SCHEMA_BEFORE_1_2};
use crate::rule::{Book, Check, Groups, Number, Rule, SENDER_AND_DSP, Stage, Text};
use crate::schema::Taken;
use crate::view::Slot;

pub(crate) static RULE: Rule = Rule {
    clause: "P-schema-version",
    book: Book::Project,
    title: "Version of the Migration Schema on its day",
    grade: Grade::Project,
    source: "FI3, S002 items 11 to 13",
    roles: SENDER_AND_DSP,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[
        Text::since(&SCHEMA_BEFORE_1_2, "The files of a set follow the version of the Migration Schema before v1.2."),
        Text::since(
            &SCHEMA_1_2,
            "The files of a set follow v1.2 of the Migration Schema. On its first 30 days the version before is still \
             taken, but never of EA, EB or EC.",
        )
        .numbers(&[(Number::Days, 30)]),
    ],
    reading: "The namespace of a file tells its version. No source says until when the version before may be sent; 30 \
              days let sets that were built in it arrive. Only who sends a set and the DSP judge it: a set that was \
              taken in goes on, whatever version comes after.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(header) = set.header else { return vec![Verdict::NotApplicable] };
    let days = set.books.text_of(&RULE, Some(header.group_id));
    let days = days.and_then(|text| set.books.number(&RULE, text, Number::Days)).unwrap_or_default();
    let taken = Taken::on(set.books, header.group_id, days);
    let view = set.view;
    let files = [
        (FileKind::MigrationCommonFile, version(&view.common)),
        (FileKind::MigrationGroupFile, version(&view.group)),
        (FileKind::MigrationGroupEncryptedFile, version(&view.encrypted)),
    ];
    let wrong = files.into_iter().filter_map(|(kind, file)| Some((kind, file.filter(|(v, _)| !taken.holds(*v))?)));
    wrong.map(|(kind, (version, place))| finding(&RULE, told(set, kind, (version, place), taken))).collect()
}

fn version<T>(slot: &Slot<'_, T>) -> Option<(SchemaVersion, Place)> {
    slot.file().map(|file| (file.version, file.places.place_in_root("")))
}

fn told(set: &Context<'_>, kind: FileKind, (version, place): (SchemaVersion, Place), taken: Taken) -> Told {
    let (day, written) = (set.books.on, taken.written);
    let first = set.books.rulebook.in_force_from(&SCHEMA_1_2).filter(|first| day < *first);
    let or_wait = first.map_or(String::new(), |first| format!(", or send it from {first} on"));
    Told {
        place,
        message: format!(
            "the {} follows {} of the Migration Schema, which is not taken on {day}",
            kind.title(),
            version.as_str()
        ),
        found: version.namespace().uri().to_owned(),
        expected: written.namespace().uri().to_owned(),
        suggestion: format!("build the set again: `tern build` writes {} on {day}{or_wait}", written.as_str()),
    }
}
