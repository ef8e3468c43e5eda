//! The register and the day: which version is in force when, and which wording of a rule.

use jiff::civil::{Date, date};
use tern_model::GroupId;
use tern_rules::documents::{Document, Force, REGISTER, SCHEMA_1_2, TMAD_FOC};
use tern_rules::{Number, Rulebook, find};

#[track_caller]
fn check(document: Document, on: Date, version: Option<&str>) {
    let found = Rulebook::published().version_on(document, on).map(|v| v.version.version);
    assert_eq!(found, version, "{document:?} on {on}");
}

#[test]
fn the_tmad_changes_hands_on_its_days() {
    check(Document::Tmad, date(2019, 7, 27), None);
    check(Document::Tmad, date(2019, 7, 28), Some("as first designated"));
    check(Document::Tmad, date(2020, 6, 14), Some("as first designated"));
    check(Document::Tmad, date(2020, 6, 15), Some("AL 5.0"));
    check(Document::Tmad, date(2020, 9, 18), Some("AL 7.0"));
    check(Document::Tmad, date(2020, 11, 28), Some("AL 8.0"));
    check(Document::Tmad, date(2020, 11, 29), Some("FOC text"));
    check(Document::Tmad, date(2031, 1, 1), Some("FOC text"));
}

#[test]
fn the_schema_and_the_foc_text_begin_together() {
    check(Document::MigrationSchema, date(2020, 11, 28), Some("before v1.2"));
    check(Document::MigrationSchema, date(2020, 11, 29), Some("v1.2"));
    assert_eq!(TMAD_FOC.force, SCHEMA_1_2.force);
    assert!(matches!(TMAD_FOC.force, Force::AssumedSince(_)));
}

#[test]
fn the_register_is_in_order_and_says_where_each_row_comes_from() {
    let book = Rulebook::published();
    for pair in REGISTER.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        let day = |v| book.in_force_from(v).unwrap_or(v.dated);
        let later = (first.document, day(first)) <= (second.document, day(second));
        assert!(later, "{} before {}", first.describe(), second.describe());
    }
    assert!(REGISTER.iter().all(|v| !v.source.is_empty()));
}

#[test]
fn the_wording_in_force_goes_by_the_day() {
    let (book, rule) = (Rulebook::published(), find("5.10.10").expect("a rule"));
    let days = |on: Date| {
        let text = book.on(on).text_of(rule, Some(GroupId::CA))?;
        book.number(rule, text, Number::Days)
    };
    assert_eq!(days(date(2019, 7, 27)), None);
    assert_eq!(days(date(2020, 11, 28)), Some(7));
    assert_eq!(days(date(2020, 11, 29)), Some(2));
}

#[test]
fn a_dated_wording_binds_a_group_once_the_group_is_covered_and_one_without_a_date_always() {
    let book = Rulebook::published();
    let binds = |clause, group, on| book.on(on).text_of(find(clause).expect("a rule"), Some(group)).is_some();
    for (group, first) in [
        (GroupId::AA, date(2019, 7, 28)),
        (GroupId::CB, date(2020, 6, 15)),
        (GroupId::DA, date(2020, 9, 18)),
        (GroupId::EB, date(2020, 11, 29)),
    ] {
        let eve = first.yesterday().expect("a day before");
        assert!(!binds("5.10.10", group, eve) && binds("5.10.10", group, first), "{group}");
        assert!(binds("P-counter", group, eve), "{group}");
    }
}
