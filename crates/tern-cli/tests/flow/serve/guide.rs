//! The guide's page on intake over the network, carried out word for word with real curl.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Served;
use crate::support::Place;

const PAGE: &str = "docs/guide/intake-over-the-network.md";

/// What a page has its reader type: its blocks of `sh`, as one script.
fn script(page: &str) -> String {
    let mut script = String::from("set -eu\n");
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => script.extend([line, "\n"]),
            _ => {}
        }
    }
    script
}

#[test]
fn curl_submits_a_set_and_reads_its_result_by_the_guide_alone() {
    if !tern_outside::has("curl_submits_a_set_and_reads_its_result_by_the_guide_alone", "curl") {
        return;
    }
    // Today: curl judges the service's certificate by the machine's clock, and so does everybody else here.
    let place = Place::of_today(12);
    let world = place.start_world("127.0.0.1:0");
    let devices = format!("[world]\naddress = \"{}\"\n", world.address);
    place.write("tern.toml", place.read("tern.toml").replace("[world]\n", &devices));
    let served = Served::beside(&place, world);
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE)).expect(PAGE);
    // A page that waits for what never comes is wrong.
    let mut shell = Command::new("timeout");
    shell.args(["120", "sh", "-c", &script(&page)]).current_dir(place.path("")).stdin(Stdio::null());
    let done = shell.output().expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && err.is_empty(), "{out}\n{err}\n{}", served.said());
    served.stop();
    // What curl was told is what the operator sees.
    let status = place.run(&["status", "--json"]).clean().json();
    let set = status["sets"][0]["set"].as_str().expect("a set");
    assert_eq!((&status["sets"][0]["installations"], &status["sets"][0]["open"]), (&12.into(), &0.into()));
    let told = place.read(&format!("outcomes_{set}.csv"));
    let mut rows: Vec<_> = told.lines().skip(1).map(|row| row.split(',').nth(1).expect("an outcome")).collect();
    assert_eq!(rows.len(), 12);
    rows.sort_unstable();
    for outcome in status["outcomes"].as_array().expect("outcomes") {
        let kind = outcome["outcome"].as_str().expect("none is open");
        assert_eq!(rows.iter().filter(|row| **row == kind).count() as u64, outcome["installations"], "{told}");
    }
    let validation = place.read(&format!("MCVF_{set}.xml"));
    assert_eq!(validation.matches("<CHFIdentifier>").count(), 12);
    place.write(&format!("sets/EA_1/MCVF_{set}.xml"), &validation);
    place.run(&["check", "sets/EA_1", "--json"]);
    assert!(out.contains("\"state\": \"done\"") && out.contains("\"chf_identifier\": "), "{out}");
}
