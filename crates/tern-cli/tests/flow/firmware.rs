//! `tern firmware`: an image sent, killed on its way and sent on, signed for by a supplier, used, and told of.

use serde_json::Value;

use crate::settled::devices_before;
use crate::support::{NO_FAULTS, NOW, Place, healthy};

const FILE: &str = "meter-2.0.bin";

fn firmware(place: &Place, verb: &str, device: &str, more: &[&str]) -> (Option<i32>, Value) {
    let words = [&["firmware", verb, "--json", "--device", device][..], more].concat();
    let ran = place.run(&words);
    (ran.code, ran.json())
}

/// The ESME behind a hub, as the inventory tells it.
fn esme(place: &Place, chf: &str) -> Value {
    let told = place.run(&["inventory", chf, "--json"]).clean().json();
    let devices = told["devices"].as_array().expect("devices");
    devices.iter().find(|device| device["kind"] == "ESME").expect("a meter").clone()
}

#[test]
fn an_image_is_sent_on_after_a_kill_and_used_on_its_suppliers_word_alone() {
    let place = Place::new(healthy(1));
    let chf = devices_before(&place).into_keys().next().expect("a hub").to_string();
    place.write("world/faults.csv", format!("{NO_FAULTS}{chf},lost-answer,image-activate/esme,1\n"));
    place.migrate();
    let before = esme(&place, &chf);
    let device = before["device"].as_str().expect("an ID");
    place.run(&["world", "--image", device, "--version", "2.0", "--out", FILE]).clean();
    let effects = place.log().len();
    let mut run = place.start(&["firmware", "send", "--device", device, "--image", FILE]);
    place.wait_for_log(effects + 1, &mut run);
    run.kill();
    let (code, sent) = firmware(&place, "send", device, &["--image", FILE]);
    assert_eq!((code, &sent["standing"], &sent["ended"]), (Some(0), &"verified".into(), &"done".into()), "{sent}");
    assert_eq!(sent["blocks_there"], sent["blocks"]);
    let mut used = None;
    for letter in 'a'..='g' {
        let (supplier, out) = (format!("supplier-{letter}"), format!("instructions-{letter}"));
        let words =
            ["firmware", "instruct", "--as", &supplier, "--device", device, "--image", FILE, "--until", "2021-03-05"];
        let signed = place.run(&[&words[..], &["--out", &out, "--json"]].concat()).clean().json();
        let file = signed["file"].as_str().expect("a file");
        let (code, told) = firmware(&place, "activate", device, &["--instruction", file]);
        if code == Some(0) {
            used = Some(told);
            break;
        }
        assert_eq!((code, &told["refused"]["code"]), (Some(1), &"P-dual-control".into()), "{told}");
    }
    let used = used.expect("one of them supplies the meter");
    assert_eq!(used["standing"], "activating", "the answer was lost, and the device was asked: {used}");
    assert_eq!(esme(&place, &chf)["model"], before["model"], "not yet");
    // The devices' clock is the configured one: a while later.
    place.write("tern.toml", format!("[clock]\nstart = \"{}\"\n", NOW.replace(":00Z", ":59Z")));
    let told = place.run(&["firmware", "status", "--ask", "--json"]).clean().json();
    let one = &told["devices"][0];
    assert_eq!((&one["standing"], &one["version"]), (&"in-use".into(), &"2.0".into()), "{told}");
    assert_eq!(esme(&place, &chf)["model"]["firmware"], "2.0");
    assert!(place.run(&["firmware", "status"]).clean().out.contains("in use, the device tells version 2.0"));
    place.run(&["audit"]).clean();
    let nobodys = place.run(&["firmware", "send", "--device", "00-00-00-00-00-00-00-01", "--image", FILE]);
    assert!(nobodys.code == Some(2) && nobodys.err.contains("belongs to no installation"), "{nobodys:?}");
}
