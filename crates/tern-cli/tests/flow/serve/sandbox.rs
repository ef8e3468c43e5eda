//! `tern demo --serve` as a stranger meets it: the lines that it prints, faults, reset and clock, and what is another's.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tern_model::DeviceId;
use tern_service::pki::{load_authorities, load_signer};
use tern_wire::duis::{Draft, RequestHeader, RequestId, SchemaVersion, request};

use crate::roles::signal;
use crate::support::{Place, eventually};

/// A sandbox that runs in the folder `play` of a place.
struct Playing<'p> {
    place: &'p Place,
    process: Child,
    /// What it printed until it listened.
    screen: String,
}

impl<'p> Playing<'p> {
    fn start(place: &'p Place, flags: &[&str]) -> Playing<'p> {
        let said = std::fs::OpenOptions::new().create(true).append(true).open(place.path("said"));
        let args = [&["demo", "play", "--serve", "-n", "16"], flags].concat();
        let mut command = place.command(&args);
        let mut process =
            command.stdout(Stdio::piped()).stderr(said.expect("a file for what it says")).spawn().expect("tern runs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut screen = String::new();
        while !screen.contains("service-requests.md") {
            let line = lines.next().unwrap_or_else(|| panic!("{screen} {}", place.read("said"))).expect("a line");
            screen.extend([line.as_str(), "\n"]);
        }
        Playing { place, process, screen }
    }

    /// The lines that are to be typed, word for word.
    fn script(&self) -> String {
        let lines = self.screen.lines().filter_map(|line| line.strip_prefix("    "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// Runs `tern` in the sandbox's folder, as the User of the screen unless others are named.
    fn tern(&self, args: &[&str]) -> Value {
        self.tries(args).unwrap_or_else(|why| panic!("{args:?}: {why} {}", self.place.read("said")))
    }

    fn tries(&self, args: &[&str]) -> Result<Value, String> {
        let mut command = self.place.command(&[args, &["--json"]].concat());
        let done = command.current_dir(self.place.path("play")).output().expect("tern runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = serde_json::from_slice(&done.stdout);
        told.map_err(|_| text(&done.stdout) + &text(&done.stderr))
    }

    /// What `tern` prints in the sandbox's folder.
    fn prints(&self, args: &[&str]) -> String {
        let done = self.place.command(args).current_dir(self.place.path("play")).output().expect("tern runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(done.status.success(), "{args:?}: {} {}", text(&done.stderr), self.place.read("said"));
        text(&done.stdout)
    }

    fn stop(mut self) {
        signal("TERM", self.process.id());
        let mut code = None;
        eventually("the sandbox ends", || {
            code = self.process.try_wait().expect("its status");
            code.is_some()
        });
        let said = self.place.read("said");
        assert!(code.is_some_and(|code| code.success()) && !said.contains("panicked"), "{said}");
    }
}

impl Drop for Playing<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a script as a stranger does, whose shell knows of no `tern` but by what the script says.
fn typed(script: &str) -> String {
    let mut shell = Command::new("timeout");
    shell.args(["120", "sh", "-ec", script]).stdin(Stdio::null());
    let done = shell.output().expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && err.is_empty(), "{script}\n{out}\n{err}");
    out.into_owned()
}

/// What a reply's element says.
fn said<'a>(told: &'a Value, name: &str) -> Option<&'a str> {
    let content = told["reply"]["content"].as_array()?.iter();
    content.filter_map(Value::as_array).find(|pair| pair[0] == name).and_then(|pair| pair[1].as_str())
}

#[test]
fn the_printed_lines_read_a_meter_and_users_play_with_what_is_theirs_alone() {
    if !tern_outside::has("the_printed_lines_read_a_meter_and_users_play_with_what_is_theirs_alone", "curl") {
        return;
    }
    let place = Place::empty();
    let played = Playing::start(&place, &[]);
    let folder = place.path("play").display().to_string();
    let is_long = |line: &str| line.contains(&folder) || line.starts_with("    PATH=");
    let fits = |line: &str| is_long(line) || line.chars().count() <= 80;
    assert!(played.screen.lines().skip_while(|line| !line.contains("listening")).all(fits), "{}", played.screen);
    assert!(["IOC", "MOC MDS", "MOC Secure", "FOC"].iter().all(|cohort| played.screen.contains(cohort)));
    let out = typed(&played.script());
    assert!(out.contains("<sr:DSPInventory>") && out.contains(">I99<"), "{out}");
    assert!(out.contains("SMETS1SignedResponse") && out.contains("MessageSuccess true"), "{out}");

    // Whose devices are whose.
    let line = played.script().lines().last().expect("a line").to_owned();
    let words: Vec<&str> = line.split(' ').collect();
    let (user, esme) = (words[4], words[6]);
    let mine = played.tern(&["sandbox", "devices", "--as", user]);
    let mine = |id: &str| mine.as_array().expect("devices").iter().any(|device| device["device"] == id);
    assert!(mine(esme));
    let suppliers = ["supplier-a", "supplier-b", "supplier-c", "supplier-d", "supplier-e", "supplier-f", "supplier-g"];
    let others = suppliers.iter().filter(|name| **name != user).find_map(|name| {
        let devices = played.tern(&["sandbox", "devices", "--as", name]);
        let esme = devices.as_array()?.iter().find(|device| device["kind"] == "ESME")?["device"].clone();
        esme.as_str().map(str::to_owned)
    });
    let others = others.expect("another supplier has a meter");
    for order in [&["fault", "slow", &others][..], &["reset", &others]] {
        let refused = played.tries(&[&["sandbox"], order, &["--as", user]].concat()).expect_err("another's");
        assert!(refused.contains("registered for no"), "{refused}");
    }

    // Each fault, and its end.
    let ask = |srv: &str| played.tern(&["request", srv, "--as", user, "--to", esme]);
    let order = |fault: &str| played.tern(&["sandbox", "fault", fault, esme, "--as", user]);
    assert_eq!(order("no-wan")["faults"][0], "no-wan");
    assert_eq!(said(&ask("4.1.1"), "S1SPAlertCode"), Some("P-device-unreachable"));
    assert_eq!(order("none")["faults"], Value::Array(Vec::new()));
    order("wrong-answer");
    assert_ne!(said(&ask("4.1.1"), "MessageSuccess"), Some("true"), "nobody believes it");
    order("none");
    order("slow");
    let since = std::time::Instant::now();
    assert_eq!(said(&ask("4.1.1"), "MessageSuccess"), Some("true"));
    assert!(since.elapsed().as_secs() >= 1, "it came at once");
    order("none");
    firmware_is_refused_and_then_used(&played, (user, esme));

    // What stands inside another element, and what the schema expects there.
    let asks = |sets: &[&str]| {
        let args = [&["request", "4.8.1", "--as", user, "--to", esme][..], sets].concat();
        played.tries(&args)
    };
    let until = "ReadLogPeriod/EndDateTime=2026-11-01T01:00:00Z";
    let told = asks(&["--set", "ReadLogPeriod/StartDateTime=2026-11-01T00:00:00Z", "--set", until]).expect("an answer");
    assert_eq!(said(&told, "MessageSuccess"), Some("true"), "{told}");
    assert!(asks(&["--set", until]).expect_err("it lacks something").contains("expected StartDateTime"));

    // Reset: the supply is on again, and what is held is not carried out.
    let supply = || said(&ask("7.4"), "SupplyState").map(str::to_owned).expect("a state");
    let before = supply();
    let disabled = played.tern(&["request", "7.2", "--as", user, "--to", esme, "--pre-command"]);
    assert_eq!((&disabled["pre_command"], said(&disabled, "MessageSuccess")), (&Value::Bool(true), Some("true")));
    assert_ne!(supply(), before);
    let now: jiff::Timestamp = time(&played, user);
    let later = |hours: i64| format!("ExecutionDateTime={:.3}", now + jiff::SignedDuration::from_hours(hours));
    let hold = |hours: i64| {
        let held = ["request", "4.1.1", "--as", user, "--to", esme, "--wait", "0", "--set", &later(hours)];
        played.tern(&held)["request_id"].as_str().expect("a RequestID").to_owned()
    };
    let gone = hold(20);
    // A floor of counters that nobody reaches any more goes away with it.
    assert_eq!(said(&raises_its_floor(&played, user, esme), "MessageSuccess"), Some("true"));
    assert_eq!(said(&ask("7.2"), "S1SPAlertCode"), Some("P-credentials"));
    let back = played.tern(&["sandbox", "reset", "--as", user]);
    assert_eq!(back["held_requests_ended"], 1, "{back}");
    assert_eq!(supply(), before, "as it was after migration");
    assert_eq!(said(&ask("7.2"), "MessageSuccess"), Some("true"), "under the credentials with which the meter came");

    // The clock: what is due on the way is carried out then, over a restart of the sandbox too.
    let (first, second) = (hold(30), hold(90));
    played.stop();
    let played = Playing::start(&place, &["--plain-http", "127.0.0.1:0"]);
    assert!(played.screen.contains(user), "it goes on where it was: {}", played.screen);
    in_the_clear_nobody_orders_anything(&played);
    let stepped = played.tern(&["sandbox", "clock", "--step", "5d", "--as", user]);
    assert_eq!(stepped["stops"], 2, "{stepped}");
    for (request, hours) in [(&first, 30), (&second, 90)] {
        let reply = typed(&format!(
            "cd {}\ncurl -K {user}.curl https://dsp/sandbox/v1/replies/{request}",
            place.path("play/requests").display()
        ));
        let at = reply.split("ResponseDateTime>").nth(1).and_then(|rest| rest.split('<').next());
        let at = at.unwrap_or_else(|| panic!("{request}: {reply} {}", place.read("said")));
        let late = at.parse::<jiff::Timestamp>().expect("a moment").duration_since(now).as_secs() - hours * 3600;
        assert!((0..300).contains(&late), "{request} was carried out {late} s late");
    }
    let replies = played.tern(&["sandbox", "replies", "--as", user]).to_string();
    assert!(!replies.contains(&gone) && replies.contains(&first), "{replies}");
    let now = time(&played, user);
    assert!(played.tries(&["sandbox", "clock", "--to", "2020-01-01T00:00:00Z", "--as", user]).is_err());
    played.stop();
    let played = Playing::start(&place, &[]);
    assert!(time(&played, user) >= now, "a step outlives the process");
    let out = typed(&played.script());
    assert!(out.contains("SMETS1SignedResponse"), "the lines work after a step: {out}");
    played.stop();
}

/// A meter that is told to refuse firmware finds an image bad, and does not use a good one; afterwards it does both.
fn firmware_is_refused_and_then_used(played: &Playing<'_>, (user, esme): (&str, &str)) {
    let ask = |args: &[&str]| played.tern(&[&["request"], args, &["--as", user]].concat());
    let order = |fault: &str| played.tern(&["sandbox", "fault", fault, esme, "--as", user]);
    let image = played.tern(&["world", "--image", esme, "--version", "99.0", "--out", "image.bin"]);
    let (hash, list) =
        (format!("FirmwareHash={}", image["sha256"].as_str().expect("a digest")), format!("DeviceIDList={esme}"));
    let update = || {
        let sets = ["--set", "FirmwareImage=@image.bin", "--set", "FirmwareVersion=99.0", "--set", &list];
        let told = ask(&[&["11.1"], &sets[..]].concat());
        assert_eq!(told["acknowledgement"]["code"], "I0", "{told}");
        let request = told["request_id"].as_str().expect("a RequestID").to_owned();
        let heard = played.prints(&["sandbox", "replies", &request, "--as", user]);
        played.place.write("play/heard.xml", &heard);
        played.prints(&["show", "heard.xml"])
    };
    let activate = || ask(&["11.3", "--to", esme, "--set", &hash]);
    let firmware = || said(&ask(&["11.2", "--to", esme]), "FirmwareVersion").map(str::to_owned).expect("a version");
    let before = firmware();

    assert_eq!(order("firmware-refused")["faults"], serde_json::json!(["firmware-refused"]));
    let heard = update();
    assert!(heard.contains("was not accepted") && heard.contains("✓ SMETS1SignedResponse"), "{heard}");
    order("none");
    let heard = update();
    assert!(heard.contains("the firmware image was verified"), "{heard}");
    order("firmware-refused");
    assert_eq!(said(&activate(), "MessageSuccess"), Some("false"));
    assert_eq!(firmware(), before, "what was refused is not used");
    order("none");
    assert_eq!(said(&activate(), "MessageSuccess"), Some("true"));
    played.tern(&["sandbox", "clock", "--step", "1m", "--as", user]);
    assert_eq!(firmware(), "99.0");
}

/// 6.15.1 by whoever holds a meter's credentials: with the same certificate, and a floor above every counter.
fn raises_its_floor(played: &Playing<'_>, user: &str, meter: &str) -> Value {
    let pki = played.place.path("play/pki");
    let signer = load_signer(&pki, user).expect("a signer");
    let base64 = |der: &[u8]| STANDARD.encode(der);
    let own = Draft::leaf("DigitalSigningCertificate", base64(signer.certificate().der()));
    let authorities = load_authorities(&pki).expect("authorities");
    let path = authorities.iter().map(|one| Draft::leaf("Certificate", base64(one.der())));
    let new = Draft::new("SupplierOrNetworkOperatorCertificates").with(own);
    let body = Draft::new("UpdateSecurityCredentialsKRP")
        .with(Draft::leaf("RemotePartyRole", "Supplier"))
        .with(Draft::leaf("RemotePartyFloorSeqNumber", i64::MAX))
        .with(Draft::new("ReplacementCertificates").with(new))
        .with(Draft::new("CertificationPathCertificates").with_all(path))
        .with(Draft::leaf("ApplyTimeBasedCPVChecks", false));
    let device: DeviceId = meter.parse().expect("a Device ID");
    let id = RequestId { originator: signer.certificate().party().0, target: device.0, counter: 1 };
    let header = RequestHeader::new(id, "1".parse().expect("a variant"), "6.15.1".parse().expect("a reference"));
    let signed = request(&header, body, SchemaVersion::V5_1, &signer).expect("is written");
    // `tern request` signs it under a number of this moment.
    let (from, to) = (signed.find("<ds:Signature").expect("a signature"), "</ds:Signature>");
    let end = signed.find(to).expect("its end") + to.len();
    played.place.write("play/floor.xml", format!("{}{}", &signed[..from], &signed[end..]));
    played.tern(&["request", "floor.xml", "--as", user])
}

/// By plain HTTP requests are answered, and the sandbox obeys nobody.
fn in_the_clear_nobody_orders_anything(played: &Playing<'_>) {
    let at = played.screen.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("an address");
    let signed = played.place.path("play/requests/8.2.xml").display().to_string();
    let kind = "Content-Type: application/xml";
    let answer = typed(&format!("curl -s -H '{kind}' --data-binary @{signed} http://{at}/api/v1/serviceD"));
    assert!(answer.contains("<sr:DSPInventory>"), "{answer}");
    for path in ["devices", "replies"] {
        let answer = typed(&format!("curl -s http://{at}/sandbox/v1/{path}"));
        assert!(answer.contains("all else needs TLS"), "{answer}");
    }
}

fn time(played: &Playing<'_>, user: &str) -> jiff::Timestamp {
    let told = played.tern(&["sandbox", "clock", "--as", user]);
    told["now"].as_str().expect("a moment").parse().expect("a moment")
}
