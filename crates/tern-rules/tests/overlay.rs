//! Overlays: what is read from one, what it changes, and what is refused.

use jiff::civil::{Date, date};
use tern_model::{Digest, GroupId};
use tern_rules::documents::{Document, Force, TMAD_FOC};
use tern_rules::releases::NOVEMBER_2020;
use tern_rules::{Diff, Number, Overlay, Rulebook, Setting, SettingValue, find, list};

const GOOD: &str = r#"name = "two weeks later"

[documents]
"TMAD FOC text" = 2020-12-13
"SMETS1 Migration Schema v1.2" = "2020-12-13"

[texts."5.10.10"]
"TMAD FOC text" = { days = 4 }

[texts."4.29"."TMAD FOC text"]
working_days_if_recently_dormant = 3

[limits]
rollback_days = 21
reminder_days = [7, 1]

[windows]
uplift_1_2_last = 2020-11-05

[releases]
november_2020_release = 2020-11-17
"#;

fn overlay(text: &str) -> Overlay {
    Overlay::read(text, Digest([7; 32])).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn days_numbers_and_settings_are_those_of_the_overlay_and_the_rest_is_as_published() {
    let (book, published) = (Rulebook::under(overlay(GOOD)), Rulebook::published());
    let on = |day: Date| book.version_on(Document::Tmad, day).map(|v| v.version.version);
    assert_eq!((on(date(2020, 12, 12)), on(date(2020, 12, 13))), (Some("AL 8.0"), Some("FOC text")));
    assert_eq!(book.force(&TMAD_FOC), Force::Overlaid(date(2020, 12, 13)));
    let number = |book: &Rulebook, clause: &str, number| {
        let rule = find(clause).expect("a rule");
        let text = rule.texts.last().expect("a wording");
        book.number(rule, text, number)
    };
    assert_eq!(number(&book, "5.10.10", Number::Days), Some(4));
    assert_eq!(number(&book, "5.10.15", Number::Days), Some(2));
    assert_eq!(number(&book, "4.29", Number::WorkingDays), Some(15));
    assert_eq!(number(&book, "4.29", Number::WorkingDaysIfRecentlyDormant), Some(3));
    assert_eq!(number(&book, "4.29", Number::Days), None);
    assert_eq!(number(&published, "5.10.10", Number::Days), Some(2));
    assert_eq!(book.release_day(&NOVEMBER_2020), date(2020, 11, 17));
    assert_eq!(published.release_day(&NOVEMBER_2020), NOVEMBER_2020.day);
    let foc = |day| book.on(day).text_of(find("15.8").expect("a rule"), Some(GroupId::EA)).is_some();
    assert!(!foc(date(2020, 12, 12)) && foc(date(2020, 12, 13)));
    assert_eq!(overlay(GOOD).setting(Setting::ReminderDays), Some(&SettingValue::Days(vec![7, 1])));
    assert_eq!(
        book.overlay_name().map(ToString::to_string),
        Some(format!("overlay two weeks later (SHA-256 {})", Digest([7; 32])))
    );
}

#[test]
fn what_it_changes_is_told_with_what_was_and_what_follows() {
    let without = |setting| match setting {
        Setting::RollbackDays => SettingValue::Number(14),
        Setting::ReminderDays => SettingValue::Days(vec![10, 5, 2, 1]),
        Setting::UpliftLast => SettingValue::Day(date(2020, 10, 29)),
        _ => SettingValue::Day(NOVEMBER_2020.day),
    };
    let changes = overlay(GOOD).changes(without);
    let told: Vec<_> = changes.iter().map(|c| format!("{} {} -> {}", c.key, c.before, c.after)).collect();
    for expected in [
        "documents.\"TMAD FOC text\" 2020-11-29 -> 2020-12-13",
        "texts.\"5.10.10\".\"TMAD FOC text\".days 2 -> 4",
        "limits.reminder_days 10, 5, 2, 1 -> 7, 1",
        "windows.uplift_1_2_last 2020-10-29 -> 2020-11-05",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected} in {told:#?}");
    }
    assert!(changes[0].clauses.contains(&"15.8") && !changes[0].clauses.contains(&"4.26"), "{changes:?}");
    let same = overlay("name = \"same\"\n[documents]\n\"TMAD AL 5.0\" = 2020-06-15\n[limits]\nrollback_days = 14\n");
    assert_eq!(same.changes(|_| SettingValue::Number(14)), []);
}

#[test]
fn a_version_can_be_taken_away() {
    let overlay = overlay("name = \"without early firmware\"\n[documents]\n\"TMAD V5.2\" = \"never\"\n");
    let told: Vec<_> = overlay.changes(|_| SettingValue::Number(0)).into_iter().map(|c| (c.before, c.after)).collect();
    assert_eq!(told, [("2020-09-04".to_owned(), "never".to_owned())]);
    let book = Rulebook::under(overlay);
    let on = |book: &Rulebook, day| book.version_on(Document::Tmad, day).expect("a version").version.name();
    assert_eq!(on(&Rulebook::published(), date(2020, 9, 4)), "TMAD V5.2");
    assert_eq!(on(&book, date(2020, 9, 4)), "TMAD AL 5.0");
    assert_eq!(on(&book, date(2020, 9, 18)), "TMAD AL 7.0");
    let explained = list(&book).into_iter().find(|e| e.clause == "4.26").expect("a rule");
    assert_eq!(explained.texts[1].overlaid, ["never in force, from 2020-09-04 without the overlay"]);
}

#[test]
fn days_are_compared_and_clauses_explained_under_it() {
    let book = Rulebook::under(overlay(GOOD));
    let diff = Diff::between(book.on(date(2020, 12, 12)), book.on(date(2020, 12, 13)));
    let window = diff.clauses.iter().find(|c| c.clause == "5.10.10").expect("it changes");
    assert_eq!((window.numbers[0].before, window.numbers[0].after), (Some(7), Some(4)));
    let explained = list(&book).into_iter().find(|e| e.clause == "5.10.10").expect("a rule");
    assert_eq!(
        explained.texts[1].overlaid,
        ["in force from 2020-12-13, 2020-11-29 without the overlay", "days 4, 2 without the overlay"]
    );
    assert!(explained.to_string().contains("Overlaid: days 4, 2 without the overlay."), "{explained}");
    assert!(list(&Rulebook::published()).iter().all(|e| e.texts.iter().all(|text| text.overlaid.is_empty())));
}

/// What is wrong with an overlay: at which line, with which key, and parts of the cause and of the suggestion.
#[track_caller]
fn refused(text: &str, wanted: &[(usize, &str, &str, &str)]) {
    let faults = Overlay::read(text, Digest([0; 32])).expect_err("it is refused");
    assert_eq!(faults.len(), wanted.len(), "{faults:#?}");
    for (fault, (line, key, cause, suggestion)) in faults.iter().zip(wanted) {
        let told = fault.to_string();
        assert_eq!((fault.line, fault.key.as_str()), (*line, *key), "{told}");
        assert!(fault.cause.contains(cause) && fault.suggestion.contains(suggestion), "{told}");
    }
}

#[test]
fn what_is_not_known_is_refused_with_what_may_have_been_meant() {
    refused("name = \"x\"\n[document]\n", &[(2, "document", "is no part", "did you mean documents?")]);
    refused("[limits]\nundos = 4\n", &[(1, "name", "no name", "begin the file")]);
    refused("name = \"a\\nb\"\n", &[(1, "name", "is no name", "letters")]);
    refused(
        "name = \"x\"\n[documents]\n\"TMAD FOC txt\" = 2020-12-13\n\"TMAD V1.4\" = 2020-01-01\n",
        &[
            (3, "documents.\"TMAD FOC txt\"", "no version", "did you mean \"TMAD FOC text\"?"),
            (4, "documents.\"TMAD V1.4\"", "never in force", "became part of"),
        ],
    );
    refused(
        "name = \"x\"\n[texts.\"5.10.11\".\"TMAD FOC text\"]\ndays = 3\n[texts.\"15.8\".\"TMAD FOC text\"]\ndays = 3\n",
        &[
            (2, "texts.\"5.10.11\"", "is no clause with numbers", "5.10.1"),
            (4, "texts.\"15.8\".\"TMAD FOC text\"", "sets no number", "known here: "),
        ],
    );
    refused(
        "name = \"x\"\n[texts.\"5.10.10\"]\n\"TMAD AL 5.0\" = { days = 3 }\n\"TMAD FOC text\" = { dais = 3 }\n",
        &[
            (
                3,
                "texts.\"5.10.10\".\"TMAD AL 5.0\"",
                "no wording",
                "known here: \"TMAD as first designated\", \"TMAD FOC text\"",
            ),
            (4, "texts.\"5.10.10\".\"TMAD FOC text\".dais", "no number", "did you mean days?"),
        ],
    );
    refused(
        "name = \"x\"\n[limits]\nrollback_day = 3\n[windows]\nundos = 1\n",
        &[
            (3, "limits.rollback_day", "cannot be changed", "rollback_days"),
            (5, "windows.undos", "cannot be changed", "known here: uplift_1_2_first, uplift_1_2_last"),
        ],
    );
}

#[test]
fn values_that_fit_nowhere_are_refused() {
    refused(
        "name = \"x\"\n[limits]\nundos = 0\nrollback_days = \"14\"\nreminder_days = [4, 999]\n[documents]\n\"DUIS 3.1\" = 2019\n",
        &[
            (3, "limits.undos", "no number that fits", "from 1 to 1000"),
            (4, "limits.rollback_days", "no number", "without quotes"),
            (5, "limits.reminder_days", "no number", "from 0 to 365"),
            (7, "documents.\"DUIS 3.1\"", "is no day", "2020-12-13"),
        ],
    );
    refused("name = \"x\"\nlimits = 3\n", &[(2, "limits", "is no table", "[limits]")]);
    refused("name = \"x\"\n[limits\n", &[(2, "", "", "TOML")]);
    refused("name = \"x\"\n[limits]\nundos = 1\nundos = 2\n", &[(4, "", "duplicate", "TOML")]);
}

#[test]
fn what_contradicts_itself_is_refused() {
    refused(
        "name = \"x\"\n\n[documents]\n\"TMAD AL 7.0\" = 2020-06-01\n",
        &[(4, "documents.\"TMAD AL 7.0\"", "would begin on 2020-06-01, and TMAD V5.2 on 2020-09-04", "in their order")],
    );
    refused(
        "name = \"x\"\n[documents]\n\"TMAD FOC text\" = 2020-12-13\n",
        &[(3, "documents.\"TMAD FOC text\"", "Schema v1.2 on 2020-11-29", "give both the same day")],
    );
    refused(
        "name = \"x\"\n[documents]\n\"TMAD FOC text\" = \"never\"\n",
        &[(
            3,
            "documents.\"TMAD FOC text\"",
            "would begin never, and SMETS1 Migration Schema v1.2 on 2020-11-29",
            "same day",
        )],
    );
    refused(
        "name = \"x\"\n[windows]\nuplift_1_2_last = 2020-09-01\n",
        &[(3, "windows.uplift_1_2_last", "before it begins on 2020-09-29", "first day before the last")],
    );
}
