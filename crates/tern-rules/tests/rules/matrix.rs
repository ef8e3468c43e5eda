//! The committed table of clause, GroupID and day, held against what is judged of sets, and against the requirements.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, date};
use tern_model::{GroupId, Role};
use tern_rules::groups::Standing;
use tern_rules::{Rulebook, find, rules};

use super::support::*;

const PATH: &str = "../../docs/reference/matrix.csv";

/// The cells of a clause and a group, by day.
type Row = BTreeMap<Date, String>;

/// The table as it is committed: by clause, and whether sets are judged by it, and group.
fn committed() -> BTreeMap<(String, GroupId), (bool, Row)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let days: Vec<Date> = lines.next().expect("a header")[3..].iter().map(|day| day.parse().unwrap()).collect();
    let mut table = BTreeMap::new();
    for line in lines {
        let row: Row = days.iter().copied().zip(line[3..].iter().map(|&cell| cell.to_owned())).collect();
        for group in line[2].split(' ') {
            let key = (line[0].to_owned(), group.parse().unwrap());
            assert!(
                table.insert(key, (line[1] == "yes", row.clone())).is_none(),
                "{} of {group} stands twice",
                line[0]
            );
        }
    }
    table
}

#[test]
fn the_committed_table_is_what_the_rulebook_says() {
    let (path, text) = tern_rules::matrix();
    assert!(PATH.ends_with(path));
    let there = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH)).expect("the table");
    assert!(there == text, "{path} is stale: `cargo xtask codegen`");
    let table = committed();
    assert_eq!(table.len(), (rules().count() + 1) * GroupId::ALL.len());
}

/// What the judge says of every rule, by every role, of a healthy set of a group under the books of a day.
fn judged(world: &World, files: &Files) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut said: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for role in [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco] {
        let judgement = world.judge_files(role, files);
        let of_installations = judgement.installations.iter().flat_map(|i| &i.judged);
        let all = judgement.whole.set.iter().chain(&judgement.whole.set_aside).chain(of_installations);
        for one in all.filter(|one| one.rule.roles.contains(&role)) {
            said.entry(one.rule.clause).or_default().push(one.verdict.word());
        }
    }
    said
}

#[test]
fn every_cell_is_what_a_judged_set_meets() {
    let table = committed();
    let days: Vec<Date> = table.values().next().expect("a row").1.keys().copied().collect();
    let mut cells = 0;
    for group in GroupId::ALL {
        let mut world = healthy(1);
        world.header(|header| header.group_id = group);
        world.settings.served = GroupId::ALL.to_vec();
        let files = world.files();
        for day in &days {
            world.books_on = *day;
            let covered = table[&("GroupID".to_owned(), group)].1[day] == "binds";
            let standing = world.judge_files(Role::Dsp, &files).standing;
            assert_eq!(standing != Some(Standing::NotYetInForce), covered, "{group} on {day}");
            let said = judged(&world, &files);
            for rule in rules().filter(|rule| !rule.roles.is_empty()) {
                let (judged, row) = &table[&(rule.clause.to_owned(), group)];
                assert!(judged, "{} is judged", rule.clause);
                let words = &said[rule.clause];
                let fits = match row[day].as_str() {
                    "not applicable" => words.iter().all(|word| *word == "NOT APPLICABLE"),
                    "not yet in force" => words.iter().all(|word| *word == "NOT YET IN FORCE"),
                    // P-group is the rule that says of a group that it is not yet covered.
                    _ if rule.clause == "P-group" && !covered => words.iter().all(|word| *word == "NOT YET IN FORCE"),
                    _ => words.iter().all(|word| ["PASS", "FINDING", "FACTS MISSING"].contains(word)),
                };
                assert!(
                    fits,
                    "{} of {group} on {day}: the table says {}, a set meets {words:?}",
                    rule.clause, row[day]
                );
                cells += 1;
            }
        }
    }
    assert!(cells > 2_000, "only {cells} cells");
}

/// The wording that binds by a change of supplier on the third day after the planned one: seven days catch it, two do not.
#[test]
fn the_wording_that_binds_is_the_one_that_a_set_meets() {
    let table = committed();
    for (clause, group) in table.keys().filter(|(clause, _)| clause == "5.10.10" || clause == "5.10.15") {
        let mut world = healthy(1);
        world.header(|header| header.group_id = *group);
        let rule = find(clause).expect("a rule");
        let (fuel, point) = if clause == "5.10.10" {
            (tern_model::Fuel::Electricity, mpan(0))
        } else {
            (tern_model::Fuel::Gas, mprn(0))
        };
        world.registration.push(registration(fuel, point, OTHER_SUPPLIER, on(3)));
        let files = world.files();
        for (day, cell) in &table[&(clause.clone(), *group)].1 {
            world.books_on = *day;
            let expected = match cell.as_str() {
                "binds wording 1" => "FINDING",
                "binds wording 2" => "PASS",
                _ => "NOT YET IN FORCE",
            };
            let said = judged(&world, &files);
            assert!(said[rule.clause].iter().all(|word| *word == expected), "{clause} of {group} on {day}: {said:?}");
        }
    }
}

/// AC7 and CH6, written down once more by hand: which clause binds whom from which day on.
#[test]
fn the_table_is_what_the_requirements_say() {
    use GroupId::{AA, BA, CA, CB, DA, EA, EB, EC};
    let (ioc, mds, secure, foc) = (date(2019, 7, 28), date(2020, 6, 15), date(2020, 9, 18), date(2020, 11, 29));
    let covered = [(AA, ioc), (BA, ioc), (CA, ioc), (CB, mds), (DA, secure), (EA, foc), (EB, foc), (EC, foc)];
    let early_firmware = date(2020, 9, 4);
    let table = committed();
    let mut seen = 0;
    for ((clause, group), (_, row)) in &table {
        let since = covered.iter().find(|(of, _)| of == group).map(|(_, day)| *day).expect("every group");
        let foc_only = clause.starts_with("15.")
            || ["B1", "B2", "B3", "B4", "B5", "B6", "4.49", "5.1(c)"].contains(&clause.as_str());
        let second = match clause.as_str() {
            "5.10.10" | "5.10.15" | "4.29" | "4.30" => Some(foc),
            "4.26" => Some(early_firmware),
            "GroupID" | "MA110" | "GT01" => None,
            clause if clause.starts_with("P-") || foc_only => None,
            _ => continue,
        };
        seen += 1;
        for (day, cell) in row {
            let expected = if clause.starts_with("P-") {
                // Without a date; some are for some groups alone.
                if find(clause).is_some_and(|rule| rule.groups.bind(*group)) { "binds" } else { "not applicable" }
            } else if foc_only && !GroupId::FOC.contains(group) {
                "not applicable"
            } else if *day < since {
                "not yet in force"
            } else {
                match second {
                    None => "binds",
                    Some(second) if *day < second => "binds wording 1",
                    Some(_) => "binds wording 2",
                }
            };
            assert_eq!(cell, expected, "{clause} of {group} on {day}");
        }
    }
    assert!(seen >= 60 * GroupId::ALL.len() - 40, "only {seen} rows");
    let days: Vec<Date> = table.values().next().expect("a row").1.keys().copied().collect();
    for change in [ioc, mds, secure, foc, early_firmware] {
        assert!(days.contains(&change) && days.contains(&change.yesterday().expect("a day")), "{change}");
    }
    let book = Rulebook::published();
    let latest = book.on(date(2031, 1, 1));
    assert!(GroupId::ALL.iter().all(|group| latest.standing(*group) != Standing::NotYetInForce));
}
