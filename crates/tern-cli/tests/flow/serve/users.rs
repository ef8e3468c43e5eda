//! Users at their own door: signed Service Requests that the DCC answers itself.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use rustls::{ServerConnection, StreamOwned};
use serde_json::Value;
use tern_model::{Eui64, Role};
use tern_service::links::tls::{self, PeerCheck, Trusted};
use tern_service::{clock_of, pki};
use tern_wire::Verified;
use tern_wire::duis::{self, Draft, Received, RequestHeader, RequestId, Response, SchemaVersion};
use tern_wire::smki::{Signer, Trust};
use tern_wire::xml::Limits;

use super::Served;
use super::client::{Client, Said};
use crate::settled::devices_before;
use crate::support::{PATIENCE, Place, healthy};

const USER: &str = "supplier-a";
const VERSION: SchemaVersion = SchemaVersion::V5_1;
/// Now, and always: clients count milliseconds since 1970.
pub const COUNTER: u64 = 1_614_672_000_000;

pub struct User {
    pub signer: Signer,
    trust: Arc<Trust>,
    client: Client,
    dcc: Eui64,
}

impl User {
    pub fn of(place: &Place, name: &str, gateway: SocketAddr) -> User {
        let dir = place.path("pki");
        let trust = pki::load_trust(&dir).expect("trust");
        let dcc = trust.certificates().find(|c| c.role() == Role::Dsp).expect("the DSP").party().0;
        let signer = pki::load_signer(&dir, name).expect("a signer");
        User { signer, trust, client: Client::of(place, name, gateway), dcc }
    }

    /// A signed request to the DCC itself.
    pub fn request(&self, counter: u64, srv: &str, body: Draft) -> String {
        let originator = self.signer.certificate().party().0;
        let id = RequestId { originator, target: self.dcc, counter };
        let header = RequestHeader::new(id, "8".parse().expect("a variant"), srv.parse().expect("an SRV"));
        duis::request(&header, body, VERSION, &self.signer).expect("signed")
    }

    /// A signed request to a device.
    pub fn request_to(&self, device: &str, counter: u64, srv: &str, body: Draft) -> String {
        let originator = self.signer.certificate().party().0;
        let id = RequestId { originator, target: device.parse().expect("a Device ID"), counter };
        let header = RequestHeader::new(id, "1".parse().expect("a variant"), srv.parse().expect("an SRV"));
        duis::request(&header, body, VERSION, &self.signer).expect("signed")
    }

    /// Sends it to a service, and gives the status with what was answered.
    pub fn send(&self, service: &str, request: &str) -> (u16, String) {
        let said = self.tries(service, request).expect("an answer");
        (said.status, said.body.as_str().expect("a text").to_owned())
    }

    fn tries(&self, service: &str, request: &str) -> std::io::Result<Said> {
        let fields = "Content-Type: application/xml\r\n";
        self.client.tries(&format!("POST /api/v1/{service}"), fields, request.as_bytes())
    }

    /// The response, which the DSP signed.
    fn asks(&self, service: &str, request: &str) -> Verified<Response> {
        let (status, text) = self.send(service, request);
        assert_eq!(status, 200, "{text}");
        self.read(&text)
    }

    /// A response that the DSP signed, and the S1SP inside it.
    pub fn read(&self, text: &str) -> Verified<Response> {
        let received = Received::new("response", text.as_bytes(), &Limits::MESSAGE).expect("text");
        let incoming = received.parse().expect("XML");
        let response = incoming.response(VERSION).unwrap_or_else(|faults| panic!("{faults:?} {text}"));
        response.verify(&self.trust, jiff::Timestamp::now()).expect("the DSP's signature")
    }

    pub fn code(&self, service: &str, request: &str) -> String {
        self.asks(service, request).header().code.to_string()
    }
}

pub fn read(device: &str) -> Draft {
    Draft::new("ReadInventory").with(Draft::leaf("DeviceID", device))
}

fn notified(device: &str, kind: &str) -> Draft {
    Draft::new("DevicePrenotification")
        .with(Draft::leaf("DeviceID", device))
        .with(Draft::leaf("DeviceManufacturer", "ACME"))
        .with(Draft::leaf("DeviceModel", "P1"))
        .with(Draft::leaf("DeviceType", kind))
        .with(Draft::leaf("FirmwareVersion", "1.0"))
}

#[test]
fn a_user_notifies_reads_and_changes_the_inventory_and_nothing_is_done_twice() {
    let place = Place::new(healthy(1));
    place.migrate();
    let mut served = Served::start(&place, "");
    let user = User::of(&place, USER, served.gateway);

    // 12.2, and 8.2 of what it notified.
    let ppmid = "00-DB-12-53-80-00-77-01";
    let first = user.request(COUNTER, "12.2", notified(ppmid, "PPMID"));
    assert_eq!(user.code("serviceD", &first), "I99");
    let response = user.asks("serviceD", &user.request(COUNTER + 1, "8.2", read(ppmid)));
    let device = response.body().at("DSPInventory/Device").expect("a device");
    assert_eq!((device.text_at("DeviceStatus"), device.text_at("DeviceModel")), (Some("Pending"), Some("P1")));

    // The same bytes again get the same answer; other bytes under the same RequestID are refused.
    let (_, told) = user.send("serviceD", &first);
    served.kill();
    served.start_again();
    let user = User::of(&place, USER, served.gateway);
    assert_eq!(user.send("serviceD", &first).1, told, "byte for byte, after the service was killed too");
    let other = user.request(COUNTER, "12.2", notified("00-DB-12-53-80-00-77-02", "PPMID"));
    assert_eq!(user.code("serviceD", &other), "E1000");
    let again = user.request(COUNTER + 2, "12.2", notified(ppmid, "PPMID"));
    assert_eq!(user.code("serviceD", &again), "E120203");

    // 8.4.
    let change = |what: Draft| Draft::new("UpdateInventory").with(Draft::leaf("DeviceID", ppmid)).with(what);
    let set = change(Draft::leaf("UpdateDeviceStatusExceptCH", "InstalledNotCommissioned"));
    assert_eq!(user.code("serviceD", &user.request(COUNTER + 3, "8.4", set)), "I99");
    assert_eq!(user.code("serviceD", &user.request(COUNTER + 4, "8.4", change(Draft::new("DeleteDevice")))), "I99");
    assert_eq!(user.code("serviceD", &user.request(COUNTER + 5, "8.2", read(ppmid))), "E080201");
    let told: Value = place.run(&["inventory", ppmid, "--json"]).clean().json();
    let history = told["devices"][0]["history"].as_array().expect("its history");
    let changes: Vec<_> = history.iter().map(|event| event["change"].as_str().expect("a change")).collect();
    assert_eq!(changes, ["pre-notified (12.2)", "set to InstalledNotCommissioned", "deleted (8.4)"]);
    served.stop();
}

#[test]
fn what_was_migrated_is_read_by_device_and_by_metering_point() {
    let place = Place::new(healthy(1));
    place.migrate();
    let served = Served::start(&place, "");
    let user = User::of(&place, USER, served.gateway);
    let chf = devices_before(&place).keys().next().expect("an installation").to_string();
    let by_device = user.asks("serviceD", &user.request(COUNTER, "8.2", read(&chf)));
    let devices: Vec<_> = by_device.body().child("DSPInventory").expect("an inventory").all("Device").collect();
    let esme = devices.iter().find(|device| device.text_at("DeviceType") == Some("ESME")).expect("a meter");
    assert_eq!(esme.text_at("DeviceStatus"), Some("Commissioned"));
    assert_eq!(esme.text_at("CSPRegion"), Some("SMETS1"));
    assert!(esme.child("S1SP").is_some() && esme.child("DateCommissioned").is_some());
    let mpan = esme.text_at("ImportMPxN").expect("its metering point");
    let by_point = Draft::new("ReadInventory").with(Draft::leaf("MPxN", mpan));
    let by_point = user.asks("serviceD", &user.request(COUNTER + 1, "8.2", by_point));
    assert_eq!(by_point.body().child("DSPInventory").map(|i| i.all("Device").count()), Some(devices.len()));
    served.stop();
}

#[test]
fn what_is_no_request_of_the_party_that_sends_it_is_refused_and_leaves_nothing() {
    let place = Place::new(healthy(1));
    let served = Served::start(&place, "");
    let user = User::of(&place, USER, served.gateway);
    let good = user.request(COUNTER, "8.2", read("00-DB-12-53-80-00-00-01"));

    assert_eq!(user.send("serviceD", "nonsense").0, 400);
    assert_eq!(user.send("serviceD", &good.replace("Request", "Response")).0, 400);
    assert_eq!(user.send("serviceX", &good).0, 404);
    assert_eq!(user.code("serviceS", &good), "E13");
    assert_eq!(user.code("serviceD", &good.replace("ReadInventory", "ReadInventories")), "E1000");
    assert_eq!(user.code("serviceD", &good.replace("80-00-00-01<", "80-00-00-02<")), "E100");
    // Another User may not send what this one signed, and this one not what is another's.
    let other = User::of(&place, "supplier-b", served.gateway);
    assert_eq!(other.code("serviceD", &good), "E1");
    assert_eq!(user.code("serviceD", &other.request(COUNTER, "8.2", read("00-DB-12-53-80-00-00-01"))), "E1");
    // Nothing of it used the RequestID up.
    assert_eq!(user.code("serviceD", &good), "E080201");
    // A role that is no User's has no business here.
    assert!(User::of(&place, "requesting-party", served.gateway).tries("serviceD", &good).is_err());
    served.stop();
}

/// Where a User takes its replies, which come under the DSP's certificate.
pub struct Letterbox {
    pub address: SocketAddr,
    pub replies: Receiver<String>,
    /// Whether it finds what comes invalid.
    refuses: Arc<AtomicBool>,
}

impl Letterbox {
    pub fn of(place: &Place, name: &str) -> Letterbox {
        let pki = place.path("pki");
        let trusted = Arc::new(Trusted::new(pki::load_trust(&pki).expect("trust")));
        let check = PeerCheck::new(trusted, clock_of(&place.config()), vec![Role::Dsp], None);
        let own = pki::load_tls(&pki, name).expect("a certificate for TLS");
        let config = Arc::new(tls::server(&own, Arc::new(check)).expect("a configuration"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (found, replies) = channel();
        let refuses = Arc::new(AtomicBool::new(false));
        let asked = refuses.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(config.clone()).expect("a connection");
                let mut line = BufReader::new(StreamOwned::new(connection, stream.expect("a stream")));
                // A connection that ends is the courier's business.
                while let Some(body) = posted(&mut line) {
                    let refuses = asked.load(Ordering::Acquire);
                    if !refuses {
                        let _ = found.send(body);
                    }
                    let refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
                    let head = if refuses { refusal } else { "HTTP/1.1 204 No Content\r\n\r\n" };
                    let _ = line.get_mut().write_all(head.as_bytes());
                    let _ = line.get_mut().flush();
                }
            }
        });
        Letterbox { address, replies, refuses }
    }

    #[track_caller]
    fn next(&self) -> String {
        self.replies.recv_timeout(PATIENCE).expect("a reply")
    }
}

/// The body of the next POST.
pub fn posted(line: &mut impl BufRead) -> Option<String> {
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let from = head.len();
        if line.read_line(&mut head).ok()? == 0 {
            return None;
        }
        length = head[from..].strip_prefix("Content-Length: ").map_or(length, |n| n.trim().parse().expect("a length"));
    }
    assert!(head.starts_with("POST /smartdcc/duis HTTP/1.1\r\n"), "{head}");
    let mut body = vec![0; length];
    line.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}

/// The registered supplier of a metering point today, by its name: that of the latest registration.
pub fn supplier_of(place: &Place, point: &str) -> String {
    let rows = place.read("facts/registration.csv");
    let of_point = rows.lines().filter(|row| row.split(',').any(|cell| cell == point));
    let row = of_point.max_by_key(|row| row.rsplit(',').next().map(str::to_owned)).expect("a registration");
    let trust = pki::load_trust(&place.path("pki")).expect("trust");
    let of = |cell: &str| trust.certificates().find(|c| c.role() == Role::Supplier && c.party().to_string() == cell);
    row.split(',').find_map(of).expect("a supplier").common_name().to_owned()
}

/// A meter that is migrated here, and who supplies it.
pub fn migrated_meter(place: &Place) -> (String, String) {
    place.migrate();
    let chf = devices_before(place).keys().next().expect("an installation").to_string();
    let told: Value = place.run(&["inventory", &chf, "--json"]).clean().json();
    let esme = told["devices"].as_array().expect("devices").iter().find(|d| d["kind"] == "ESME").expect("a meter");
    let supplier = supplier_of(place, esme["mpxn"].as_str().expect("a point"));
    (esme["device"].as_str().expect("an ID").to_owned(), supplier)
}

/// An installation's meter, the User that supplies it, and where its replies go.
struct Supplied<'a> {
    device: String,
    name: String,
    letterbox: Letterbox,
    served: Served<'a>,
}

impl Supplied<'_> {
    fn of(place: &Place) -> Supplied<'_> {
        let (device, name) = migrated_meter(place);
        let letterbox = Letterbox::of(place, &name);
        let at = letterbox.address;
        let users = format!(
            "[gateway]\npre_commands = true\n[[gateway.users]]\nparty = \"{name}\"\naddress = \"https://{at}\"\n"
        );
        let served = Served::start(place, &users);
        Supplied { device, name, letterbox, served }
    }
}

/// The story of a request, which came under one Command Variant.
fn story(place: &Place, request: &str) -> Value {
    let told: Value = place.run(&["trace", &request_id(request), "--json"]).clean().json();
    told["stories"][0].clone()
}

fn request_id(request: &str) -> String {
    let id = request.split("RequestID>").nth(1).and_then(|id| id.split('<').next());
    id.expect("a RequestID").to_owned()
}

/// What `tern request` does in two steps. The reply goes to the User's own address.
fn a_pre_command_is_signed_and_sent(place: &Place, user: &User, letterbox: &Letterbox, device: &str) {
    let config = place.read("tern.toml");
    let name = user.signer.certificate().common_name();
    place.write("tern.toml", config.split("[[gateway.users]]").next().expect("what stands before"));
    let steps = |srv, more: &[&str]| {
        let asks = ["request", srv, "--as", name, "--to", device, "--pre-command", "--wait", "0"];
        place.run(&[&asks, more].concat())
    };
    let told = steps("7.1", &["--out", "steps"]).clean().out;
    assert!(told.contains("the pre-command was returned") && told.contains("I99"), "{told}");
    let reply = user.read(&letterbox.next()).root().source().to_owned();
    assert!(reply.contains("<ra:EnableSupplyRsp MessageSuccess=\"true\""), "{reply}");
    for (file, said) in [("pre-command", "PreCommand"), ("signed-pre-command", "SignedPreCommand")] {
        let shown = place.run(&["show", &format!("steps/{file}.xml")]).clean().out;
        assert!(shown.contains(&format!("{said}: it asks for EnableSupply.")), "{shown}");
    }
    let refused = steps("4.1.1", &["--json"]);
    assert_eq!((refused.code, &refused.json()["acknowledgement"]["code"]), (Some(1), &"E12".into()), "{refused:?}");
    let whole = place.run(&["request", "steps/request.xml", "--as", name, "--pre-command"]);
    whole.fails("says itself", "leave --to");
    place.write("tern.toml", config);
}

/// A reply that its User finds invalid is a dead letter, until somebody sends it again.
fn a_letter_is_sent_again(place: &Place, user: &User, letterbox: &Letterbox, device: &str) {
    letterbox.refuses.store(true, Ordering::Release);
    let request = user.request_to(device, COUNTER + 7, "7.4", Draft::new("ReadSupplyStatus"));
    assert_eq!(user.code("serviceS", &request), "I99");
    let begun = Instant::now();
    let letter = loop {
        let listed: Value = place.run(&["dead-letters", "--json"]).clean().json();
        if let [letter] = listed["dead_letters"].as_array().expect("a list").as_slice() {
            break letter.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "no dead letter");
    };
    assert_eq!(story(place, &request)["state"], "dead-letter");
    let number = letter["number"].to_string();
    let reply = place.run(&["dead-letters", &number, "--raw"]).clean().out.clone();
    assert!(place.run(&["dead-letters"]).clean().out.contains("finds it invalid"));
    place.run(&["dead-letters", "--send-again"]).fails("which letters", "--all");
    letterbox.refuses.store(false, Ordering::Release);
    let sent: Value = place.run(&["dead-letters", &number, "--send-again", "--json"]).clean().json();
    assert_eq!(sent["sent_again"].to_string(), format!("[{number}]"));
    assert_eq!(letterbox.next(), reply, "byte for byte");
    place.run(&["dead-letters", &number]).fails("there is no dead letter", "lists");
}

#[test]
fn a_request_for_later_is_carried_out_when_it_is_due_unless_its_certificate_was_revoked() {
    let place = Place::new(healthy(1));
    let Supplied { device, name, letterbox, served } = Supplied::of(&place);
    let user = User::of(&place, &name, served.gateway);
    // By the service's clock, which is another than the machine's.
    let later = |seconds: u64| {
        let now = user.asks("serviceD", &user.request(COUNTER + 10 * seconds, "8.2", read(&device))).header().at;
        let due = now + jiff::SignedDuration::from_secs(seconds.cast_signed());
        let body = Draft::new("ReadInstantaneousImportRegisters");
        (due, body.with(Draft::leaf("ExecutionDateTime", format!("{due:.3}"))))
    };
    let (due, body) = later(2);
    assert_eq!(user.code("serviceS", &user.request_to(&device, COUNTER, "4.1.1", body)), "I99");
    let reply = user.read(&letterbox.next());
    assert!(reply.header().at >= due && reply.nested().is_some(), "{:?}", reply.header());

    let (_, body) = later(4);
    assert_eq!(user.code("serviceS", &user.request_to(&device, COUNTER + 1, "4.1.1", body)), "I99");
    let shown = place.run(&["pki", "show", &name, "--json"]).clean().json();
    let signing = shown["certificates"].as_array().expect("a list").iter().find(|c| c["usage"] == "signing");
    let serial = signing.expect("a certificate")["serial"].as_str().expect("a serial number").to_owned();
    place.run(&["pki", "revoke", &serial]).clean();
    let reply = user.read(&letterbox.next());
    assert_eq!(reply.header().code.to_string(), "E100");
    assert!(reply.nested().is_none(), "no S1SP had to do with it");
    served.stop();
}

#[test]
fn a_meter_is_read_and_its_supply_switched_as_its_supplier_asks_and_nobody_else() {
    let place = Place::new(healthy(1));
    let Supplied { device, name, letterbox, mut served } = Supplied::of(&place);
    let device = device.as_str();
    let user = User::of(&place, &name, served.gateway);

    // 4.1.1: an answer by two signatures, with what the meter measured.
    let read = user.request_to(device, COUNTER, "4.1.1", Draft::new("ReadInstantaneousImportRegisters"));
    assert_eq!(user.code("serviceS", &read), "I99");
    let reply = user.read(&letterbox.next());
    assert_eq!(reply.header().code.to_string(), "I0");
    assert_eq!(reply.header().response_id.map(|id| id.request().counter), Some(COUNTER));
    assert!(reply.nested().is_some(), "the S1SP's signature");
    let value =
        reply.root().source().split("<ra:ActiveImportRegister><ra:Value>").nth(1).and_then(|v| v.split('<').next());
    assert!(value.is_some_and(|wh| wh.parse::<u64>().is_ok()), "{}", reply.root().source());

    // 7.2, critical: the DCO protects it, and the meter obeys; 7.4 tells so, after a kill as well.
    let disable = user.request_to(device, COUNTER + 1, "7.2", Draft::new("DisableSupply"));
    assert_eq!(user.code("serviceS", &disable), "I99");
    served.kill();
    served.start_again();
    let user = User::of(&place, &name, served.gateway);
    let reply = user.read(&letterbox.next());
    assert!(
        reply.root().source().contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""),
        "{}",
        reply.root().source()
    );
    let status = user.request_to(device, COUNTER + 2, "7.4", Draft::new("ReadSupplyStatus"));
    assert_eq!(user.code("serviceS", &status), "I99");
    let reply = user.read(&letterbox.next());
    assert!(reply.root().source().contains("isabled"), "{}", reply.root().source());

    // The whole story of what was switched, and of a reply that was not taken before it was sent again.
    let disabled = story(&place, &disable);
    assert_eq!(disabled["state"], "replied");
    let says: Vec<_> = disabled["lines"].as_array().expect("lines").iter().map(|line| &line["says"]).collect();
    for words in ["accepted", "handed to the S1SP", "the DCO consented", "the device obeyed", "has taken a reply"] {
        assert!(says.iter().any(|said| said.as_str().expect("a sentence").contains(words)), "{words}: {says:?}");
    }
    let codes: Vec<_> = disabled["told"].as_array().expect("codes").iter().map(|told| &told["code"]).collect();
    assert_eq!(codes, ["I99", "I0"]);
    let text = place.run(&["trace", &request_id(&disable)]).clean().out.clone();
    assert!(text.contains("7.2 Disable Supply") && text.contains("told I99, then I0"), "{text}");
    let nobodys = "00-00-00-00-00-00-00-01:00-00-00-00-00-00-00-02:3";
    place.run(&["trace", nobodys]).fails("keeps nothing", "tern serve");
    a_letter_is_sent_again(&place, &user, &letterbox, device);
    a_pre_command_is_signed_and_sent(&place, &user, &letterbox, device);

    // What it keeps of it, its own command reads.
    drop(letterbox);
    let told = place.run(&["request", "8.2", "--as", &name, "--set", &format!("DeviceID={device}"), "--out", "kept"]);
    assert!(told.clean().out.contains("DeviceStatus Commissioned"));
    assert!(place.run(&["show", "kept/acknowledgement.xml"]).clean().out.contains("8.2"));
    let refused = place.run(&["request", "8.2", "--as", &name, "--set", "Device=1"]);
    refused.fails("ReadInventory", "in the schema's order");

    // Nobody else may.
    let other = if name == "supplier-a" { "supplier-b" } else { "supplier-a" };
    let other = User::of(&place, other, served.gateway);
    let theirs = other.request_to(device, COUNTER, "7.2", Draft::new("DisableSupply"));
    assert_eq!(other.code("serviceS", &theirs), "E4");
    served.stop();
}
