//! `tern plan notices`

use crate::plan::{chf, made};
use crate::support::Tern;

/// The one supplier's notice of migration on the first day.
const MIGRATION: &str = "DMMSN_North_90-B3-D5-1F-30-02-00-01_20210301_000000.csv";
/// And that of firmware and configuration.
const FIRMWARE: &str = "DMFWUSN_North_90-B3-D5-1F-30-02-00-01_20210301_000000.csv";

#[test]
fn the_notices_of_a_day_are_laid_down_as_files_and_again_alike() {
    let tern = Tern::new();
    made(&tern);
    let run = ["plan", "notices", "estate", "--on", "2021-03-01"];
    let text = tern.run(&run).clean().out;
    assert!(text.contains("2 files for 2021-03-01 in notices") && text.contains("DMMSN_North"), "{text}");
    assert_eq!(tern.list("notices"), [FIRMWARE, MIGRATION]);
    let migration = tern.read(&format!("notices/{MIGRATION}"));
    let row = migration.lines().find(|line| line.starts_with(&chf(1))).expect("the first installation");
    assert!(row.contains(",dormant,15,2021-03-22,"), "{migration}");
    let firmware = tern.read(&format!("notices/{FIRMWARE}"));
    assert!(firmware.lines().count() == 2 && firmware.contains(&chf(2)), "{firmware}");
    let told = tern.run(&[&run[..], &["--json"]].concat()).clean().json();
    assert_eq!(told["files"][0]["file"], FIRMWARE);
    assert_eq!(told["files"][0]["meters"], 1);
    assert_eq!(tern.read(&format!("notices/{MIGRATION}")), migration);
    tern.write(&format!("notices/{MIGRATION}"), "something else");
    tern.run(&run).fails("is there already, and says something else", "--out");
    let none = tern.run(&["plan", "notices", "estate", "--on", "2021-03-02", "--out", "other"]).clean().out;
    assert!(none.contains("no notice goes out on 2021-03-02") && !tern.path("other").exists(), "{none}");
}

#[test]
fn an_outdated_plan_announces_nothing() {
    let tern = Tern::new();
    made(&tern);
    tern.run(&["plan", "notices", "estate", "--on", "2021-07-01"]).fails("is not among the days of the plan", "--on");
    tern.run(&["plan", "notices", "estate", "--in", "nowhere"]).fails("there is no plan in nowhere", "");
    let events = tern.read("estate/events.csv");
    let supplied = format!("2021-03-04,certificates-supplied,{},,,,90-B3-D5-1F-30-02-00-01,,,,,,,\n", chf(1));
    tern.write("estate/events.csv", events + &supplied);
    let run = ["plan", "notices", "estate", "--on", "2021-03-01"];
    tern.run(&run).fails("was made from other events than there are", "tern plan make");
    tern.run(&["plan", "make", "estate"]).clean();
    tern.run(&[&run[..], &["--in", "plan@1"]].concat()).fails("has a later generation", "");
    tern.run(&run).clean();
    assert!(tern.path("notices").join(MIGRATION).is_file());
}
