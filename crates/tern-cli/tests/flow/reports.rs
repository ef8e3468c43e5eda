//! `tern report` beside what `tern status` says: the same sums, the same files each time, and stores left as they are.

use std::collections::BTreeMap;

use tern_model::{ChfIdentifier, Mpxn, OutcomeKind};

use crate::settled::{of_kind, settled};
use crate::support::{Place, TODAY};

/// A table's rows, by column. Fields of these tables hold no comma.
fn rows(place: &Place, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = place.read(&format!("reports/{name}.csv"));
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().expect("a header").collect();
    lines.map(|fields| header.iter().cloned().zip(fields).collect()).collect()
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> u64 {
    rows.iter().map(|r| r[column].parse::<u64>().expect("a number")).sum()
}

#[test]
fn reports_say_what_status_says_and_say_it_again() {
    let place = Place::everything();
    place.migrate();
    let audit = place.run(&["audit", "--json"]).clean().out;
    let status = place.run(&["status", "--json"]).clean().json();
    let told = place.run(&["report", "--json"]).clean().json();
    let files: BTreeMap<_, _> =
        place.list("reports").into_iter().map(|name| (name.clone(), place.read(&format!("reports/{name}")))).collect();
    assert_eq!(told["files"].as_array().map(Vec::len), Some(files.len()), "{told}");

    let of = |end: &str| -> u64 {
        let sets = status["sets"].as_array().expect("sets");
        sets.iter().map(|s| s[end].as_u64().expect("a number")).sum()
    };
    let days = rows(&place, "outcomes-by-day");
    assert_eq!(days.len(), 1, "{days:?}");
    assert_eq!(days[0]["period"], TODAY);
    let smsos = rows(&place, "outcomes-by-smso");
    for end in ["commissioned", "refused", "rolled_back", "stuck", "closed", "open"] {
        assert_eq!((sum(&days, end), sum(&smsos, end)), (of(end), of(end)), "{end}");
    }
    assert_eq!(sum(&days, "known_so_far"), of("installations"));

    let refusals: u64 =
        rows(&place, "findings-by-clause").iter().map(|r| r["installations"].parse::<u64>().unwrap()).sum();
    assert!(refusals >= of("refused") && of("refused") > 0);
    let suppliers = rows(&place, "outcomes-by-supplier");
    assert!(suppliers.iter().all(|s| s["supplier"].starts_with("supplier-")), "named by certificates: {suppliers:?}");
    assert_eq!(sum(&suppliers, "electricity_meters"), of("installations"));

    place.run(&["report"]).clean();
    for (name, text) in &files {
        assert_eq!(&place.read(&format!("reports/{name}")), text, "{name}");
    }
    assert_eq!(place.run(&["audit", "--json"]).clean().out, audit, "the stores are as they were");
}

#[test]
fn reports_of_a_period_know_nothing_of_later_days() {
    let place = Place::everything();
    place.migrate();
    place.run(&["report", "--to", "2021-03-01"]).clean();
    assert!(rows(&place, "outcomes-by-day").is_empty());
    assert!(place.read("reports/outcomes-by-day.svg").contains("There is nothing to show."));
    place
        .run(&["report", "--from", "2021-03-03", "--to", "2021-03-01"])
        .fails("2021-03-01 comes before 2021-03-03", "--from");
}

#[test]
fn before_anything_was_migrated_there_is_an_empty_report() {
    let place = Place::everything();
    let told = place.run(&["report", "--out", "elsewhere", "--json"]).clean().json();
    assert_eq!(place.list("elsewhere").len(), told["files"].as_array().map_or(0, Vec::len));
}

/// An estate of these installations, each with one Dormant Meter, and a plan of it in which all of them migrate late.
fn plan_of(place: &Place, installations: &[ChfIdentifier]) {
    let supplier = "90-B3-D5-1F-30-02-00-01";
    let mut files = [
        "chf_identifier,group_id,smso,communications_provider,installing_supplier_id,installed_on\n".to_owned(),
        "device_id,chf_identifier,device_kind,manufacturer,model,firmware\n".to_owned(),
        "device_id,mpxn,supplier_id,service,since,payment_mode\n".to_owned(),
    ];
    for (number, chf) in (0_u64..).zip(installations) {
        let (esme, mpan) =
            (format!("00-DB-77-00-00-00-{number:02X}-01"), Mpxn::mpan_from_body(100_000_000_000 + number));
        files[0] += &format!("{chf},AA,North,Provider,{supplier},2016-05-02\n");
        files[1] += &format!("{chf},{chf},CHF,Maker,Hub,1.0\n{esme},{chf},ESME,Maker,Meter,2.0\n");
        files[2] += &format!("{esme},{mpan},{supplier},dormant,2018-07-01,credit\n");
    }
    std::fs::create_dir_all(place.path("estate")).expect("a folder");
    for (name, text) in ["installations", "devices", "meters"].into_iter().zip(&files) {
        place.write(&format!("estate/{name}.csv"), text);
    }
    let entries = "entry,chf_manufacturer,chf_model,chf_firmware,esme_manufacturer,esme_model,esme_firmware,gsme_manufacturer,\
                   gsme_model,gsme_firmware,communications_provider,comprises,route,equivalent_to\n\
                   first,Maker,Hub,1.0,Maker,Meter,2.0,,,,Provider,dormant,mt-sit,\n";
    place.write("estate/entries.csv", entries);
    place.write("estate/upgrade_paths.csv", "manufacturer,model,from_firmware,to_firmware,installing_supplier_id\n");
    let events = "on,event,chf_identifier,device_id,mpxn,entry,supplier_id,smso,document,manufacturer,model,firmware,value,\
                  effective\n2020-12-01,epcl-approved,,,,first,,,,,,,,\n";
    place.write("estate/events.csv", events);
    place.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30"]).clean();
}

#[test]
fn what_is_planned_stands_beside_what_was_done_and_who_is_enrolled_already_is_told_apart() {
    let place = Place::everything();
    place.migrate();
    let ends = settled(&place);
    let all: Vec<ChfIdentifier> = ends.values().flat_map(|of| of.keys().copied()).collect();
    plan_of(&place, &all);
    let enrolled = of_kind(&ends, OutcomeKind::Commissioned).len() as u64;
    assert!(enrolled > 0 && enrolled < all.len() as u64, "{enrolled} of {}", all.len());
    let told = place.run(&["report", "--plan", "plan", "--estate", "estate", "--json"]).clean().json();
    let files = told["files"].as_array().map_or(0, Vec::len) + told["planned"]["files"].as_array().map_or(0, Vec::len);
    assert_eq!(place.list("reports").len(), files);
    let dormant = rows(&place, "planned-dormant-meters");
    assert_eq!(
        (sum(&dormant, "enrolled"), sum(&dormant, "dormant_meters")),
        (enrolled, all.len() as u64),
        "{dormant:?}"
    );
    assert_eq!(sum(&dormant, "planned_later"), all.len() as u64 - enrolled);
    place.run(&["plan", "report", "estate", "--out", "alone"]).clean();
    let alone = place.read("alone/planned-by-week.csv");
    assert_eq!(place.read("reports/planned-by-week.csv"), alone, "a plan's weeks do not depend on what was done");
}
