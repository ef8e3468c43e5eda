//! A plan's calendar: every day's numbers are in it, Working Days and bank holidays as they are, and nothing stands outside.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::{Digest, Fuel};
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::{Dormancy, Line, MeterName, Named, NoticeOf, Period, What};
use tern_service::plans::{Generation, Made, Standings};
use tern_service::reports::{Calendar, Days, Doing};

use crate::support::party;

fn plan(first: Date, last: Date) -> Generation {
    let made = Made {
        period: Period { first, last },
        assumptions: Assumptions::default(),
        overlay: None,
        estate: Digest([0; 32]),
        events_bytes: 0,
        events: Digest([0; 32]),
        last_event_row: 0,
        still: Vec::new(),
    };
    let digest = Digest([0; 32]);
    Generation { number: 1, parent: None, made, touched: 0, standings: Standings::new(), taken: Vec::new(), digest }
}

fn notice(day: Date) -> Line {
    let of = NoticeOf::Migration;
    let what: Named = What::Notice { of, to: party(1), working_days: 15, dormancy: Dormancy::Standard, earliest: day };
    Line { day, what }
}

fn migration(day: Date) -> Line {
    Line { day, what: What::Migration(party(1)) }
}

fn drawn(days: &Days, plan: &Generation, name: &str) -> String {
    let svg = Calendar { days, plan }.draw();
    if let Some(dir) = std::env::var_os("TERN_REPORTS") {
        let dir = std::path::Path::new(&dir).join("calendars");
        std::fs::create_dir_all(&dir).expect("a folder");
        std::fs::write(dir.join(format!("{name}.svg")), &svg).expect("writes");
    }
    crate::pictures::sound(name, Calendar::NAME, &svg);
    svg
}

#[test]
fn days_are_counted_and_bank_holidays_named() {
    let mut days = Days::default();
    days.add(&[notice(date(2020, 12, 1)), migration(date(2020, 12, 22))]);
    days.add(&[notice(date(2020, 12, 1)), migration(date(2020, 12, 29))]);
    days.add(&[Line { day: date(2020, 12, 1), what: What::Ready }]);
    assert_eq!(days.sum(..).count(Doing::Migration), 2);
    assert_eq!(days.most(Doing::MigrationNotice), Some((date(2020, 12, 1), 2)));
    assert_eq!(days.table().to_csv().lines().count(), 4, "a header and three days");
    let svg = drawn(&days, &plan(date(2020, 11, 30), date(2021, 1, 3)), "few");
    // Christmas Day, the substitute for Boxing Day, New Year's Day.
    assert_eq!(svg.matches(">bank holiday<").count(), 3);
    for said in [
        ">2020-12-01: 2 notices of migration (4.30)<",
        ">2020-12-22: 1 migration, of 3,000 that capacity allows<",
        ">from 2020-12-07 to 2020-12-20 nothing is done<",
        ">2 migrated so far, 66.7 %<",
        "2 of 3 installations are migrated, the last one on 2020-12-29.",
        "December 2020: 2 notices of 4.30, 2 migrations.",
        ">capacity: 3,000 a day, 2,900 without the reserve<",
        "capacity (3,000 a day, of which a whole plan gives 2,900 and keeps 100 in reserve)",
    ] {
        assert!(svg.contains(said), "{said} in {svg}");
    }
}

#[test]
fn one_of_each_is_told_as_one_and_a_plan_without_a_reserve_names_none() {
    let (mut days, day) = (Days::default(), date(2020, 12, 22));
    let meter = MeterName { fuel: Fuel::Gas, mpxn: "7".to_owned() };
    let left = What::Left { meter, to: party(2), effective: day };
    days.add(&[migration(day), Line { day, what: left }]);
    let mut plan = plan(date(2020, 12, 21), date(2020, 12, 27));
    plan.made.assumptions.reserve_a_day = 0;
    let svg = drawn(&days, &plan, "one");
    for said in [">1 migration<", ">1 that leaves<", ": 1 leaves for a change of supplier", ">capacity: 3,000 a day<"] {
        assert!(svg.contains(said), "{said} in {svg}");
    }
    assert!(!svg.contains("reserve"), "{svg}");
}

#[test]
fn a_million_on_a_day_stays_in_its_field() {
    let mut days = Days::default();
    let first = date(2020, 11, 30);
    for number in 0..1_000_000_i32 {
        let lines = [notice(first), notice(first), migration(first.saturating_add((21 + number / 2_900).days()))];
        days.add(&lines[..if number % 3 == 0 { 3 } else { 2 }]);
    }
    let svg = drawn(&days, &plan(first, date(2022, 11, 30)), "million");
    assert!(svg.contains(">2,000,000<"), "the number of the first day");
    assert!(svg.len() < 1_000_000, "{} bytes", svg.len());
}

#[test]
fn a_plan_in_which_nothing_is_done_says_so_and_days_beyond_the_table_are_not_called_anything_else() {
    let nothing = drawn(&Days::default(), &plan(date(2020, 11, 30), date(2022, 11, 30)), "nothing");
    assert!(nothing.contains(">from 2020-11-30 to 2022-11-30 nothing is done<"), "{nothing}");
    let mut days = Days::default();
    days.add(&[notice(date(2030, 1, 1))]);
    let svg = drawn(&days, &plan(date(2029, 12, 31), date(2030, 1, 6)), "beyond");
    assert_eq!(svg.matches(">FACTS MISSING<").count(), 4, "Tuesday to Friday");
    assert_eq!(svg.matches(">bank holiday<").count(), 0);
}

#[test]
fn a_migration_that_comes_to_nothing_takes_a_place_on_its_day_and_migrates_nobody() {
    let (mut days, day) = (Days::default(), date(2020, 12, 22));
    days.add(&[migration(day)]);
    days.add(&[migration(day), Line { day: date(2020, 12, 23), what: What::AttemptFailed { attempts: 1, why: None } }]);
    assert_eq!((days.on(day).count(Doing::Migration), days.migrated_until(day)), (2, 1));
    let svg = drawn(&days, &plan(date(2020, 12, 21), date(2020, 12, 27)), "again");
    assert!(svg.contains(">1 migrated so far, 50.0 %<"), "{svg}");
}
