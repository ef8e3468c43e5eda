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

const IOC_DAY: Date = date(2019, 7, 28);
const EARLY_FIRMWARE_DAY: Date = date(2020, 9, 4);
const UPLIFT_DAY: Date = date(2020, 10, 29);
const FOC_DAY: Date = date(2020, 11, 29);

const ALL: &[GroupId] = &GroupId::ALL;
const IOC: &[GroupId] = &[GroupId::AA, GroupId::BA, GroupId::CA];
const EARLIER: &[GroupId] = &[GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA];
const FOC: &[GroupId] = &[GroupId::EA, GroupId::EB, GroupId::EC];

/// Rows of the requirements; the clauses that they name; the GroupIDs that these bind; the day of each wording, none for the
/// project's own rules without a date.
type ByHand = (&'static str, &'static [&'static str], &'static [GroupId], &'static [Date]);

/// Which clause binds whom from which day on, written from the requirements and never from the rulebook.
const BY_HAND: &[ByHand] = &[
    ("AC7", &["GroupID"], ALL, &[IOC_DAY]),
    ("CO7", &["3.25"], &[GroupId::CA], &[UPLIFT_DAY]),
    ("PL6", &["4.26"], ALL, &[IOC_DAY, EARLY_FIRMWARE_DAY]),
    ("PL7", &["4.33"], ALL, &[IOC_DAY, EARLY_FIRMWARE_DAY]),
    ("PL10", &["P-firmware-complete"], FOC, &[]),
    ("PL1", &["4.29", "4.30"], ALL, &[IOC_DAY, FOC_DAY]),
    ("PL1", &["4.27"], ALL, &[IOC_DAY]),
    ("PL5", &["4.41"], ALL, &[IOC_DAY]),
    ("PL13", &["4.12(b)"], ALL, &[IOC_DAY]),
    ("CO8", &["4.49"], FOC, &[FOC_DAY]),
    ("FI8", &["5.1(c)"], FOC, &[FOC_DAY]),
    ("CH1, CH2", &["5.10.10", "5.10.15"], ALL, &[IOC_DAY, FOC_DAY]),
    ("FI6", &["5.23(b)"], ALL, &[IOC_DAY, FOC_DAY]),
    ("FI3", &["10.1"], ALL, &[FOC_DAY]),
    ("FI3", &["P-schema-version"], ALL, &[IOC_DAY, FOC_DAY]),
    (
        "FI7",
        &["11.1"],
        &[GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA],
        &[IOC_DAY, FOC_DAY],
    ),
    ("CH6, FI2, CO4", &["12.1", "12.4", "12.5", "12.10"], &[GroupId::AA], &[IOC_DAY]),
    ("CH6, FI2", &["13", "13.6", "13.7"], &[GroupId::BA], &[IOC_DAY]),
    ("CH6, FI2", &["14.1", "14.5", "14.6"], &[GroupId::CA, GroupId::CB], &[IOC_DAY]),
    ("CH6, FI2, CO2", &["15.1", "15.2", "15.3", "15.4", "15.5"], FOC, &[FOC_DAY]),
    ("CH5, CH7", &["15.6", "15.7", "15.8", "15.11"], FOC, &[FOC_DAY]),
    ("CO1, CO4, CO6", &["15.9", "15.10", "15.10.3", "15.10.4", "15.12"], FOC, &[FOC_DAY]),
    ("CO1", &["A2", "A3", "A5", "A6"], EARLIER, &[IOC_DAY]),
    ("CO1", &["B1", "B2", "B3", "B4", "B5", "B6"], FOC, &[FOC_DAY]),
    ("CH9", &["MA110", "GT01", "DP01"], ALL, &[IOC_DAY]),
    ("CH4", &["P-mprn-leading-zeros"], IOC, &[UPLIFT_DAY]),
    ("CH6", &["P-secure", "P-secure-s1sp-files", "P-secure-dco-files"], &[GroupId::DA], &[]),
    ("CH5", &["P-encrypted-elements", "P-group-file", "P-master-key", "P-device-keys"], EARLIER, &[]),
    ("CO1, CO4", &["P-wan", "P-commissioning", "P-rollback"], EARLIER, &[]),
    ("FI12, CO9", &["P-device-certificate", "P-prepayment-key"], FOC, &[]),
];

/// AC7 and CH6: each cell is what the requirements say.
#[test]
fn the_table_is_what_the_requirements_say() {
    use GroupId::{AA, BA, CA, CB, DA, EA, EB, EC};
    let (mds, secure) = (date(2020, 6, 15), date(2020, 9, 18));
    let covered = [
        (AA, IOC_DAY),
        (BA, IOC_DAY),
        (CA, IOC_DAY),
        (CB, mds),
        (DA, secure),
        (EA, FOC_DAY),
        (EB, FOC_DAY),
        (EC, FOC_DAY),
    ];
    let table = committed();
    for ((clause, group), (_, row)) in &table {
        let by_hand = BY_HAND.iter().find(|(_, clauses, ..)| clauses.contains(&clause.as_str()));
        let (rows, groups, wordings) = match by_hand {
            Some((rows, _, groups, wordings)) => (*rows, *groups, *wordings),
            // The project's own rules bind every group, on every day, unless a row says otherwise.
            None if clause.starts_with("P-") => ("", ALL, &[][..]),
            None => panic!("no requirement row names {clause}: write it down by hand"),
        };
        let since = covered.iter().find(|(of, _)| of == group).map(|(_, day)| *day).expect("every group");
        for (day, cell) in row {
            let reached = wordings.iter().filter(|first| **first <= *day).count();
            let expected = match (groups.contains(group), wordings.len()) {
                (false, _) => "not applicable".to_owned(),
                (true, 0) => "binds".to_owned(),
                (true, _) if reached == 0 || *day < since => "not yet in force".to_owned(),
                (true, 1) => "binds".to_owned(),
                (true, _) => format!("binds wording {reached}"),
            };
            assert_eq!(*cell, expected, "{clause} of {group} on {day}, by {rows}");
        }
    }
    let days: Vec<Date> = table.values().next().expect("a row").1.keys().copied().collect();
    for change in [IOC_DAY, mds, secure, FOC_DAY, EARLY_FIRMWARE_DAY, UPLIFT_DAY] {
        assert!(days.contains(&change) && days.contains(&change.yesterday().expect("a day")), "{change}");
    }
    let book = Rulebook::published();
    let latest = book.on(date(2031, 1, 1));
    assert!(GroupId::ALL.iter().all(|group| latest.standing(*group) != Standing::NotYetInForce));
}
