//! The DCC's own public packages as a User: as they come from npm they build, sign and send requests, and accept what comes back. Their
//! certificates are of Tern's infrastructure, and Node.js and Java run them.
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tern_model::Role;
use tern_outside::{has, node_file, node_modules};
use tern_service::pki;
use tern_wire::duis::SchemaVersion;

use super::Served;
use super::outside::{self, Emitted};
use super::users::supplier_of;
use crate::settled::devices_before;
use crate::support::Place;

/// The program that each maker of such a User writes.
const USER: &str = include_str!("packages.js");

/// An installation of today: the packages judge certificates by the machine's clock.
fn place() -> Place {
    let place = Place::with_keys();
    place.write("tern.toml", "");
    place.run(&["corpus", "-n", "1", "--seed", "7", "--defects", "0"]).clean();
    place.build("FIRST", 1);
    place.migrate();
    place
}

#[test]
fn the_dccs_packages_build_sign_and_send_and_accept_the_replies() {
    const TEST: &str = "the_dccs_packages_build_sign_and_send_and_accept_the_replies";
    if !has(TEST, "node") || !has(TEST, "java") {
        return;
    }
    if node_file("@smartdcc/duis-parser", "", TEST).is_none() {
        return;
    }
    let modules = node_modules();
    let place = place();
    let chf = devices_before(&place).keys().next().expect("an installation").to_string();
    let told = place.run(&["inventory", &chf, "--json"]).clean().json();
    let esme = told["devices"].as_array().expect("devices").iter().find(|d| d["kind"] == "ESME").expect("a meter");
    let (device, point) = (esme["device"].as_str().expect("an ID"), esme["mpxn"].as_str().expect("a point"));
    let user = supplier_of(&place, point);
    let trust = pki::load_trust(&place.path("pki")).expect("trust");
    let party = |name: &str| trust.certificates().find(|c| c.common_name() == name).expect("a party").party();
    let dcc = trust.certificates().find(|c| c.role() == Role::Dsp).expect("the DSP").party().to_string();
    let ppmid = "00-DB-12-53-80-00-77-01";
    let notified = json!({"DevicePrenotification": {"DeviceID": ppmid, "DeviceManufacturer": "ACME", "DeviceModel": "P1",
        "DeviceType": "PPMID", "FirmwareVersion": "1.0"}});
    let out = place.path("packages");
    std::fs::create_dir(&out).expect("a folder");
    // Without a version the packages write 5.2, which is judged by the schema that is configured.
    let task = json!({
        "modules": modules, "pki": place.path("pki"), "out": out, "user": user, "eui": party(&user).to_string(), "dcc": dcc,
        "requests": [
            {"srv": "12.2", "target": dcc, "body": notified, "version": "5.1"},
            {"srv": "8.2", "target": dcc, "body": {"ReadInventory": {"DeviceID": chf}}, "version": "5.1"},
            {"srv": "4.1.1", "target": device, "body": {"ReadInstantaneousImportRegisters": ""}},
            {"srv": "11.2", "target": device, "body": {"ReadFirmwareVersion": ""}, "version": "5.1"},
        ],
    });
    place.write("packages/task.json", task.to_string());
    place.write("packages/user.js", USER);
    let mut node = Command::new("node");
    node.args([out.join("user.js"), out.join("task.json")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    // Programs that live for a moment need no second compiler.
    node.env("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -Xshare:auto").stderr(Stdio::piped());
    let mut node = node.spawn().expect("node runs");
    let mut port = String::new();
    let mut said = BufReader::new(node.stdout.take().expect("its output"));
    said.read_line(&mut port).expect("a line");
    let world = place.start_world("127.0.0.1:0");
    let (world_at, port) = (world.address, port.trim());
    let address = format!("https://127.0.0.1:{port}");
    let tables = format!("[[gateway.users]]\nparty = \"{user}\"\naddress = \"{address}\"\n");
    place.write("tern.toml", format!("[world]\naddress = \"{world_at}\"\n{tables}"));
    let (served, told) = Served::beside_with(&place, world, &["--plain-http", "127.0.0.1:0"]);
    let plain = told["plain_http"].as_str().expect("an address");
    writeln!(node.stdin.take().expect("its input"), "{} {plain}", served.gateway).expect("is told");
    let done = node.wait_with_output().expect("its end");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let told: Value = serde_json::from_str(&place.read("packages/told.json")).expect("JSON");
    let codes = ["12.2", "8.2", "4.1.1", "11.2"].map(|srv| told[srv]["code"].as_str().expect("a code").to_owned());
    assert_eq!(codes, ["I99", "I0", "I99", "I99"]);
    let devices = &told["8.2"]["body"]["ResponseMessage"]["DSPInventory"]["Device"];
    let kinds: Vec<_> = devices.as_array().expect("devices").iter().filter_map(|d| d["DeviceType"].as_str()).collect();
    assert!(kinds.contains(&"ESME") && kinds.contains(&"CHF"), "{kinds:?}");
    let data = |srv: &str, rsp: &str| {
        let response = &told[srv]["reply"]["body"]["SMETS1ResponseMessage"]["SMETS1SignedResponse"]["SMETS1Response"];
        let data = response["Body"]["ResponseMessage"]["SMETSData"][rsp].clone();
        assert_eq!(
            (&told[srv]["reply"]["code"], &data["@_MessageSuccess"]),
            (&"I0".into(), &"true".into()),
            "{response}"
        );
        data
    };
    let register =
        &data("4.1.1", "ReadInstantaneousImportRegistersRsp")["Electricity"]["ActiveImportRegister"]["Value"];
    assert!(register.as_str().is_some_and(|wh| wh.parse::<u64>().is_ok()), "{register}");
    let firmware = &data("11.2", "ReadFirmwareVersionRsp")["FirmwareVersion"];
    assert_eq!(firmware, &esme["model"]["firmware"]);
    served.stop();

    let names = place.list("packages").into_iter().filter(|name| name.ends_with(".xml"));
    let emitted = names.map(|name| {
        let text = place.read(&format!("packages/{name}"));
        Emitted { name: name.trim_end_matches(".xml").to_owned(), version: SchemaVersion::V5_1, text }
    });
    let emitted: Vec<_> = emitted.collect();
    assert_eq!(emitted.len(), 6);
    outside::find_nothing_wrong(TEST, &place, &emitted);
}
