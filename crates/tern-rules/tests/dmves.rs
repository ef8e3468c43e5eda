//! The rows of the DMVES: what holds for whom from which day on, held against the requirements.

use jiff::civil::{Date, date};
use tern_model::{Behaviour, DeviceKind, Digest, GroupId};
use tern_rules::dmves::{ROWS, find, guidance, guidance_page, variations};
use tern_rules::{Overlay, Rulebook};

/// What holds, by the rows that say anything.
fn holds(book: &Rulebook, device: DeviceKind, group: GroupId, srv: &str, on: Date) -> Vec<Behaviour> {
    variations((device, group), srv, book.on(on)).map(|(_, variation)| variation.behaviour).collect()
}

#[track_caller]
fn check(device: DeviceKind, groups: &[GroupId], srv: &str, days: &[(Date, &[Behaviour])]) {
    let book = Rulebook::published();
    for group in groups {
        for (day, expected) in days {
            assert_eq!(holds(&book, device, *group, srv, *day), *expected, "{srv} to a {device} of {group} on {day}");
        }
    }
}

const UPLIFT: Date = date(2020, 10, 29);

#[test]
fn firmware_of_a_ppmid_goes_by_group_and_day() {
    use Behaviour::{ElectricitySupplierAlone, NotProcessed, RefusedWithoutKeys, Unsupported};
    use GroupId::{AA, BA, CA, CB, DA};
    let before = date(2020, 10, 28);
    check(
        DeviceKind::Ppmid,
        &[AA, BA, CA, CB, DA],
        "11.1",
        &[(before, &[Unsupported]), (UPLIFT, &[ElectricitySupplierAlone])],
    );
    let activate: &[_] = &[ElectricitySupplierAlone, RefusedWithoutKeys];
    check(DeviceKind::Ppmid, &[AA, CB, DA], "11.3", &[(before, &[Unsupported]), (UPLIFT, activate)]);
    let live = date(2020, 11, 29);
    check(DeviceKind::Ppmid, &GroupId::FOC, "11.1", &[(UPLIFT, &[]), (live, &[NotProcessed])]);
    check(DeviceKind::Chf, &[AA, DA], "11.3", &[(before, &[ElectricitySupplierAlone])]);
    check(DeviceKind::Esme, &[AA, DA], "11.3", &[(UPLIFT, &[])]);
}

#[test]
fn reading_firmware_goes_by_device_group_and_day() {
    use Behaviour::{AlertInsteadOfResponse, Equivalent, Unsupported};
    use GroupId::{AA, BA, CA, CB, DA, EA};
    let release = date(2020, 11, 30);
    let days: [(Date, &[Behaviour]); 4] = [
        (date(2020, 10, 28), &[Unsupported]),
        (UPLIFT, &[AlertInsteadOfResponse]),
        (date(2020, 11, 29), &[AlertInsteadOfResponse]),
        (release, &[Equivalent]),
    ];
    check(DeviceKind::Ppmid, &[AA, BA, CA], "11.2", &days);
    check(DeviceKind::Ppmid, &[CB, DA, EA], "11.2", &[(release, &[])]);
    check(DeviceKind::Gpf, &[AA, CB, DA], "11.2", &[(date(2020, 10, 28), &[Unsupported]), (UPLIFT, &[Equivalent])]);
}

#[test]
fn two_rates_close_the_switch_of_ioc_until_the_release_whatever_the_prices() {
    use Behaviour::{SwitchClosesAtTwoPrices, SwitchClosesAtTwoRates};
    use GroupId::{AA, BA, CA, CB, DA, EA};
    let days: [(Date, &[Behaviour]); 4] = [
        (date(2019, 7, 27), &[]),
        (date(2019, 7, 28), &[SwitchClosesAtTwoRates]),
        (date(2020, 11, 29), &[SwitchClosesAtTwoRates]),
        (date(2020, 11, 30), &[SwitchClosesAtTwoPrices]),
    ];
    check(DeviceKind::Esme, &[AA, BA, CA], "1.1.1", &days);
    check(DeviceKind::Esme, &[CB, DA, EA], "1.1.1", &[(date(2021, 1, 1), &[])]);
    let text = "name = \"x\"\n[releases]\nnovember_2020_release = 2020-11-10\n";
    let book = Rulebook::under(Overlay::read(text, Digest([0; 32])).expect("an overlay"));
    let on = |day| holds(&book, DeviceKind::Esme, CA, "1.1.1", day);
    assert_eq!(
        (on(date(2020, 11, 9)), on(date(2020, 11, 10))),
        (vec![SwitchClosesAtTwoRates], vec![SwitchClosesAtTwoPrices])
    );
}

#[test]
fn every_row_says_where_it_comes_from_and_its_days_are_in_order() {
    let book = Rulebook::published();
    for row in ROWS {
        assert!(!row.source.is_empty() && row.requirement.starts_with("RQ"), "{}", row.key);
        let days: Vec<_> = row.variations.iter().map(|variation| variation.from.day(&book)).collect();
        assert!(!days.is_empty() && days.is_sorted(), "{}: {days:?}", row.key);
        assert!(row.variations.iter().all(|variation| variation.words.ends_with('.')), "{}", row.key);
        assert_eq!(find(&row.key.to_uppercase()).map(|found| found.key), Some(row.key));
    }
    let requirements: Vec<&str> = ROWS.iter().map(|row| row.requirement).collect();
    assert!(["RQ6", "RQ7", "RQ8", "RQ9", "RQ14"].iter().all(|wanted| requirements.contains(wanted)));
}

#[test]
fn the_guidance_list_has_what_users_are_told_of() {
    let (path, page) = guidance_page();
    assert_eq!(path, "docs/reference/guidance.md");
    for row in ROWS {
        assert!(page.contains(&format!("\n## {}\n", row.title)), "{}", row.key);
    }
    let entries = guidance(&Rulebook::published(), None);
    assert_eq!(entries.len(), ROWS.iter().map(|row| row.variations.len()).sum::<usize>());
    assert!(entries.windows(2).all(|pair| pair[0].from <= pair[1].from), "by day");
    for entry in &entries {
        let day = entry.from.map_or("migration".to_owned(), |day| day.to_string());
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("| {day}")) && line.ends_with(&format!("| {} |", entry.words)));
        assert!(line.is_some(), "{} from {day}", entry.key);
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(std::fs::read_to_string(root.join(path)).expect("the page"), page, "`cargo xtask codegen` writes it");
    for requirement in ["RQ7", "RQ8", "RQ9"] {
        assert!(page.contains(&format!("serves {requirement}")), "{requirement} is published (RQ13)");
    }
}
