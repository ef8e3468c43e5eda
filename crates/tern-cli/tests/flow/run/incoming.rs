//! Changes of supplier and authorisations that come in while a plan is carried out: what is said of them reaches the fact records,
//! by which the sets of a day are judged.

use std::collections::BTreeSet;

use tern_model::{CertificateId, PartyId, Role};
use tern_service::pki;
use tern_wire::smki::Usage;

use super::{FIRST, LAST, described, healthy, run};
use crate::support::Place;

/// The rows of a file of the estate, or of the facts, cell by cell.
fn rows(place: &Place, file: &str) -> Vec<Vec<String>> {
    place.read(file).lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

/// A meter as the estate describes it.
pub(super) struct Meter {
    pub(super) chf: String,
    mpxn: String,
    pub(super) supplier: String,
    service: String,
}

/// Every meter, those of one installation together, electricity first.
fn meters(place: &Place) -> Vec<Meter> {
    let devices = rows(place, "estate/devices.csv");
    let hub = |device: &String| {
        let row = devices.iter().find(|row| row[0] == *device).expect("its device");
        row[1].clone()
    };
    let meter = |row: Vec<String>| Meter {
        chf: hub(&row[0]),
        mpxn: row[1].clone(),
        supplier: row[2].clone(),
        service: row[3].clone(),
    };
    rows(place, "estate/meters.csv").into_iter().map(meter).collect()
}

/// The installations whose meters are all of one kind, with no change of supplier ahead, as the estate describes them.
pub(super) fn all_of(place: &Place, service: &str) -> Vec<Meter> {
    let all = meters(place);
    let events = place.read("estate/events.csv");
    let mut seen = BTreeSet::new();
    let changes = |meter: &Meter| events.contains(&format!("change-of-supplier,,,{}", meter.mpxn));
    let unfit: BTreeSet<String> =
        all.iter().filter(|meter| meter.service != service || changes(meter)).map(|meter| meter.chf.clone()).collect();
    all.into_iter().filter(|meter| !unfit.contains(&meter.chf) && seen.insert(meter.chf.clone())).collect()
}

/// A supplier that has nothing to do with an installation.
fn stranger(place: &Place, chf: &str) -> String {
    let all = meters(place);
    let its: Vec<&String> = all.iter().filter(|meter| meter.chf == chf).map(|meter| &meter.supplier).collect();
    all.iter().map(|meter| &meter.supplier).find(|supplier| !its.contains(supplier)).expect("another one").clone()
}

fn add_events(place: &Place, rows: &str) {
    place.write("estate/events.csv", place.read("estate/events.csv") + rows);
    place.run(&["plan", "make", "estate"]).clean();
}

/// A change of supplier and an authorisation that come while the plan is carried out.
pub(super) fn comes_in(place: &Place) {
    let (changes, given) = (&all_of(place, "dormant")[0], &all_of(place, "active")[0]);
    let supplier = stranger(place, &changes.chf);
    let without: String = place
        .read("facts/authorisations.csv")
        .lines()
        .filter(|row| !row.contains(&given.chf))
        .fold(String::new(), |text, row| text + row + "\n");
    place.write("facts/authorisations.csv", without);
    add_events(
        place,
        &format!(
            "2020-12-01,authorised,{},,,,{},,,,,,,\n\
             2020-12-08,change-of-supplier,,,{},,{supplier},,,,,,,2020-12-14\n",
            given.chf, given.supplier, changes.mpxn
        ),
    );
}

/// What the Common File that an installation was put forward with says of it.
fn put_forward(place: &Place, chf: &str) -> String {
    let mut found = Vec::new();
    let mut folders = vec!["plan/runs".to_owned()];
    while let Some(folder) = folders.pop() {
        for name in place.list(&folder) {
            let path = format!("{folder}/{name}");
            if place.path(&path).is_dir() {
                folders.push(path);
            } else if name.starts_with("MCF") {
                found.extend(
                    place.read(&path).split("<Installation>").map(str::to_owned).filter(|one| one.contains(chf)),
                );
            }
        }
    }
    assert_eq!(found.len(), 1, "{chf} was put forward {} times", found.len());
    found.remove(0)
}

/// The serial of the certificate that a supplier signs with.
fn serial(place: &Place, supplier: &str) -> String {
    let trust = pki::load_trust(&place.path("pki")).expect("keys");
    let supplier: PartyId = supplier.parse().expect("a party");
    let now = format!("{LAST}T09:00:00Z").parse().expect("a moment");
    match trust.usable(Role::Supplier, Some(supplier), Usage::Sign, now)[0].id() {
        CertificateId::Named { serial, .. } => serial.to_string(),
        CertificateId::Null => panic!("{supplier} has no certificate"),
    }
}

fn is_commissioned(place: &Place, chf: &str) -> bool {
    place.run(&["status", "--chf", chf, "--json"]).out.contains("\"commissioned\"")
}

#[test]
fn a_change_of_supplier_that_comes_meanwhile_is_in_the_records_by_which_the_set_is_judged() {
    let place = healthy(12);
    run(&place, "2020-12-07");
    let Meter { chf, mpxn, supplier, .. } = all_of(&place, "dormant").remove(0);
    let gains = stranger(&place, &chf);
    let before = place.read("facts/registration.csv");
    add_events(
        &place,
        &format!(
            "2020-12-08,change-of-supplier,,,{mpxn},,{gains},,,,,,,2020-12-14\n\
             2020-12-09,certificates-supplied,{chf},,,,{gains},,,,,,,\n"
        ),
    );
    run(&place, "2020-12-08");
    // Whoever gains it is notified on the day, of the steps that go on as planned, and that is on record.
    let notices = place.list(&format!("notices/{gains}"));
    let of_today = notices.iter().filter(|name| name.contains("_20201208_"));
    let told: Vec<String> = of_today.map(|name| place.read(&format!("notices/{gains}/{name}"))).collect();
    assert!(told.iter().any(|text| text.contains(&chf) && text.contains("change-of-supplier")), "{notices:?} {told:?}");
    // It is registered from its day on, once, and what was there stays as it was.
    let after = place.read("facts/registration.csv");
    let row = after.strip_prefix(&before).expect("what was there is there");
    let operator = &rows(&place, "facts/registration.csv").into_iter().find(|row| row[0] == mpxn).expect("a row")[3];
    assert_eq!(row, format!("{mpxn},electricity,{gains},{operator},2020-12-14\n"));
    let ran = run(&place, LAST);
    assert_eq!(ran["totals"]["attempts_failed"], 0, "{ran}");
    assert_eq!(place.read("facts/registration.csv"), after);
    let noticed: Vec<Vec<String>> =
        rows(&place, "facts/notices.csv").into_iter().filter(|row| row[0] == chf && row[1] == gains).collect();
    assert!(noticed.iter().all(|row| row[3] == "2020-12-08") && noticed.iter().any(|row| row[2] == "migration"));
    // The set was built for, and judged with, the new Responsible Supplier.
    let entry = put_forward(&place, &chf);
    assert!(entry.contains(&serial(&place, &gains)), "{entry}");
    assert_ne!(serial(&place, &gains), serial(&place, &supplier));
    let esme = entry.split("<GSME>").next().expect("the electricity meter");
    assert!(!esme.contains(&format!(">{}<", serial(&place, &supplier))), "{esme}");
    assert!(is_commissioned(&place, &chf));
}

#[test]
fn records_that_contradict_a_change_of_supplier_are_refused_until_one_of_them_gives_way() {
    let place = healthy(6);
    run(&place, "2020-12-01");
    let Meter { chf, mpxn, supplier, .. } = all_of(&place, "dormant").remove(0);
    let gains = stranger(&place, &chf);
    let registered = place.read("facts/registration.csv");
    let operator = &rows(&place, "facts/registration.csv")[0][3];
    place.write("facts/registration.csv", format!("{registered}{mpxn},electricity,{supplier},{operator},2020-12-14\n"));
    let contradicted = place.read("facts/registration.csv");
    add_events(&place, &format!("2020-12-02,change-of-supplier,,,{mpxn},,{gains},,,,,,,2020-12-14\n"));
    let until = ["run", "estate", "--until", "2020-12-03"];
    place.run(&until).fails("registration.csv row", "add an event that says what it says");
    assert_eq!(place.read("facts/registration.csv"), contradicted);
    add_events(&place, &format!("2020-12-02,change-of-supplier,,,{mpxn},,{supplier},,,,,,,2020-12-14\n"));
    run(&place, "2020-12-03");
    assert_eq!(place.read("facts/registration.csv"), contradicted);
    // What an event put there, a later event corrects.
    place.write("facts/registration.csv", registered.as_str());
    add_events(&place, &format!("2020-12-04,change-of-supplier,,,{mpxn},,{gains},,,,,,,2020-12-15\n"));
    run(&place, "2020-12-04");
    let changed = format!("{registered}{mpxn},electricity,{gains},");
    assert!(place.read("facts/registration.csv").starts_with(&changed));
    add_events(&place, &format!("2020-12-05,change-of-supplier,,,{mpxn},,{supplier},,,,,,,2020-12-15\n"));
    run(&place, "2020-12-05");
    let corrected = format!("{registered}{mpxn},electricity,{supplier},");
    assert!(place.read("facts/registration.csv").starts_with(&corrected));
    assert_eq!(place.read("facts/registration.csv").lines().count(), registered.lines().count() + 1);
}

#[test]
fn an_authorisation_that_comes_meanwhile_has_active_meters_migrated() {
    let place = described(12, &["--defects", "0"]);
    let mut active = all_of(&place, "active").into_iter().map(|meter| meter.chf);
    let (by_file, by_hand) = (active.next().expect("one"), active.next().expect("two"));
    // Nobody authorised them so far: neither events nor records know of one.
    for file in ["estate/events.csv", "facts/authorisations.csv"] {
        let is_one = |row: &&str| {
            (row.contains(&by_file) || row.contains(&by_hand))
                && (row.contains("authorised") || file.starts_with("facts"))
        };
        let text = place.read(file);
        place.write(file, text.lines().filter(|row| !is_one(row)).map(|row| format!("{row}\n")).collect::<String>());
    }
    place.run(&["plan", "make", "estate", "--from", FIRST, "--until", "2021-01-31"]).clean();
    run(&place, "2020-12-04");
    assert!(!is_commissioned(&place, &by_file) && !is_commissioned(&place, &by_hand));
    let before = place.read("facts/authorisations.csv");
    let of = |chf: &str| -> BTreeSet<String> {
        meters(&place).into_iter().filter(|meter| meter.chf == chf).map(|meter| meter.supplier).collect()
    };
    let mut expected = before.clone();
    for supplier in of(&by_file) {
        let file = format!("MA_smso_{supplier}_20201207_080000.csv");
        place.write(
            &file,
            format!("reference,chf_identifier,from,until\n\"7, ours\",{by_file},2020-12-08,2021-02-28\n"),
        );
        place.run(&["estate", "take", &file, "--into", "estate", "--on", "2020-12-07"]).clean();
        expected += &format!("\"7, ours\",{by_file},{supplier},2020-12-08,2021-02-28\n");
    }
    let mut row = place.read("estate/events.csv").lines().count();
    let mut events = String::new();
    for supplier in of(&by_hand) {
        row += 1;
        events += &format!("2020-12-09,authorised,{by_hand},,,,{supplier},,,,,,,\n");
        expected += &format!("events.csv row {row},{by_hand},{supplier},2020-12-09,2021-01-31\n");
    }
    add_events(&place, &events);
    let ran = run(&place, LAST);
    assert_eq!(ran["totals"]["attempts_failed"], 0, "{ran}");
    for chf in [&by_file, &by_hand] {
        assert!(is_commissioned(&place, chf), "{}", place.run(&["plan", "show", chf]).out);
    }
    // What suppliers said is on record as they said it, beside what was there.
    assert_eq!(place.read("facts/authorisations.csv"), expected);
}
