//! Installations of every cohort behind one service, and the Users who ask their devices.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tern_model::{DeviceKind, Eui64, GroupId, Role};
use tern_service::pki;
use tern_wire::Verified;
use tern_wire::duis::{self, Draft, Element, Received, RequestHeader, RequestId, Response, ResponseId, SchemaVersion};
use tern_wire::smki::{Signer, Trust};
use tern_wire::xml::Limits;

use crate::serve::client::Client;
use crate::serve::outside::Emitted;
use crate::serve::users::Letterbox;
use crate::support::{NO_FAULTS, PATIENCE, Place};

/// Now, and always: clients count milliseconds since 1970.
const COUNTER: u64 = 1_614_672_000_000;
const VERSIONS: [SchemaVersion; 3] = [SchemaVersion::V5_0, SchemaVersion::V5_1, SchemaVersion::V5_4];

/// One group of each cohort: IOC, MOC (MDS), MOC (Secure), FOC.
pub const GROUPS: [GroupId; 4] = [GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA];

/// The Uplift 1.2 system change, for `tern.toml`: whatever is migrated before it has no keys of its PPMIDs (RQ7).
pub fn system_change(day: &str) -> String {
    format!(
        "[dco]\nsystem_change = \"{day}\"\nredesignation_first = \"2021-03-01\"\nredesignation_last = \"2021-03-31\"\n"
    )
}

/// A folder in which three installations of each group are commissioned, before the system change; of each group one at least has all
/// kinds of devices.
pub fn place() -> Place {
    let place = Place::with_keys();
    let groups: Vec<String> = GROUPS.iter().map(ToString::to_string).collect();
    place.run(&["corpus", "-n", "12", "--seed", "1", "--defects", "0", "--group", &groups.join(",")]).clean();
    place.write("world/faults.csv", NO_FAULTS);
    place.build("FIRST", 12);
    place.configure(&system_change("2021-03-03"));
    place.migrate();
    place
}

/// Every User, with where its replies are posted.
pub struct Users {
    signers: BTreeMap<String, Signer>,
    trust: Arc<Trust>,
    addresses: Vec<(String, SocketAddr)>,
    posted: Arc<Posted>,
}

/// Replies by the counter of their request, which no two requests share.
#[derive(Default)]
struct Posted {
    arrived: Mutex<HashMap<u64, String>>,
    bell: Condvar,
}

impl Posted {
    fn put(&self, text: String) {
        let counter = counter_of(&text).unwrap_or_else(|| panic!("a reply to no request: {text}"));
        let before = self.arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(counter, text.clone());
        assert!(before.is_none_or(|before| before == text), "a repeat is byte for byte the same");
        self.bell.notify_all();
    }

    #[track_caller]
    fn take(&self, counter: u64) -> String {
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = self.bell.wait_timeout_while(arrived, PATIENCE, |arrived| !arrived.contains_key(&counter));
        let (mut arrived, _) = waits.unwrap_or_else(PoisonError::into_inner);
        arrived.remove(&counter).unwrap_or_else(|| panic!("no reply to {counter}"))
    }
}

/// The counter of the request that a reply is about.
fn counter_of(text: &str) -> Option<u64> {
    let id = text.split("sponseID>").nth(1).or_else(|| text.split("RequestID>").nth(1))?;
    id.split('<').next()?.rsplit(':').next()?.parse().ok()
}

impl Users {
    pub fn of(place: &Place) -> Users {
        let dir = place.path("pki");
        let trust = pki::load_trust(&dir).expect("trust");
        let of = |role| trust.certificates().filter(move |certificate| certificate.role() == role);
        let mut names: Vec<String> = of(Role::Supplier).map(|c| c.common_name().to_owned()).collect();
        names.extend(of(Role::NetworkOperator).map(|c| c.common_name().to_owned()));
        names.sort();
        names.dedup();
        let posted = Arc::new(Posted::default());
        let addresses = names.iter().map(|name| {
            let (letterbox, posted) = (Letterbox::of(place, name), posted.clone());
            let address = letterbox.address;
            std::thread::spawn(move || letterbox.replies.iter().for_each(|text| posted.put(text)));
            (name.clone(), address)
        });
        let addresses = addresses.collect();
        let signers = names.iter().map(|name| (name.clone(), pki::load_signer(&dir, name).expect("a signer")));
        Users { signers: signers.collect(), trust, addresses, posted }
    }

    /// Where they take their replies, for `tern.toml`.
    pub fn configuration(&self) -> String {
        let user = |(name, at): &(String, SocketAddr)| {
            format!("[[gateway.users]]\nparty = \"{name}\"\naddress = \"https://{at}\"\n")
        };
        self.addresses.iter().map(user).collect()
    }

    /// Their ends of the gateway.
    fn clients(&self, place: &Place, gateway: SocketAddr) -> BTreeMap<String, Client> {
        self.signers.keys().map(|name| (name.clone(), Client::of(place, name, gateway))).collect()
    }

    /// The name of the party of an identifier.
    fn name_of(&self, eui: &str) -> String {
        let found = self.signers.iter().find(|(_, signer)| signer.certificate().party().to_string() == eui);
        found.unwrap_or_else(|| panic!("{eui} is no User")).0.clone()
    }
}

/// The service as its Users meet it.
pub struct Estate<'e> {
    pub place: &'e Place,
    users: &'e Users,
    clients: BTreeMap<String, Client>,
    dcc: Eui64,
    next: AtomicU64,
    turn: AtomicUsize,
    asked: Mutex<BTreeSet<(String, String, GroupId)>>,
    emitted: Mutex<Vec<Emitted>>,
}

/// What a request was answered, both signatures verified.
pub struct Reply {
    pub request: RequestId,
    response: Verified<Response>,
}

impl<'e> Estate<'e> {
    pub fn new(place: &'e Place, users: &'e Users, gateway: SocketAddr) -> Estate<'e> {
        let dcc = users.trust.certificates().find(|c| c.role() == Role::Dsp).expect("the DSP").party().0;
        let (next, turn) = (AtomicU64::new(COUNTER), AtomicUsize::new(0));
        let clients = users.clients(place, gateway);
        Estate { place, users, clients, dcc, next, turn, asked: Mutex::default(), emitted: Mutex::default() }
    }

    /// The same behind another door, after a start.
    pub fn moved_to(self, gateway: SocketAddr) -> Estate<'e> {
        Estate { clients: self.users.clients(self.place, gateway), ..self }
    }

    /// Asks the DCC itself.
    #[track_caller]
    pub fn asks_the_dcc(&self, user: &str, (srv, group): (&str, GroupId), body: Draft) -> Reply {
        self.noted(srv, "DCC", group);
        self.sent(user, (srv, "8"), (self.dcc, format!("{srv}-{group}")), body)
    }

    /// Asks a device, and gives the acknowledgement.
    #[track_caller]
    pub fn acknowledged(
        &self,
        user: &str,
        (srv, kind, group): (&str, DeviceKind, GroupId),
        device: Eui64,
        body: Draft,
    ) -> Reply {
        self.noted(srv, &kind.to_string(), group);
        self.sent(user, (srv, "1"), (device, format!("{srv}-{kind}-{group}")), body)
    }

    /// What comes to the User's address about a request that was acknowledged.
    #[track_caller]
    pub fn replied(&self, acknowledgement: &Reply, name: &str) -> Reply {
        assert_eq!(acknowledgement.code(), "I99", "{name}: {}", acknowledgement.text());
        let text = self.users.posted.take(acknowledgement.request.counter);
        let version = acknowledgement.response.version();
        let response = self.read((version, &text));
        self.emitted(&format!("{name}-reply"), version, text);
        Reply { request: acknowledgement.request, response }
    }

    #[track_caller]
    fn sent(&self, user: &str, (srv, variant): (&str, &str), (target, name): (Eui64, String), body: Draft) -> Reply {
        let signer = &self.users.signers[user];
        let counter = self.next.fetch_add(1, Ordering::Relaxed);
        let request = RequestId { originator: signer.certificate().party().0, target, counter };
        let header = RequestHeader::new(request, variant.parse().expect("a variant"), srv.parse().expect("an SRV"));
        let version = VERSIONS[self.turn.fetch_add(1, Ordering::Relaxed) % VERSIONS.len()];
        let text = duis::request(&header, body, version, signer).unwrap_or_else(|why| panic!("{name}: {why}"));
        let service = if variant == "8" { "serviceD" } else { "serviceS" };
        let fields = "Content-Type: application/xml\r\n";
        let said =
            self.clients[user].tries(&format!("POST /api/v1/{service}"), fields, text.as_bytes()).expect("an answer");
        let answer = said.body.as_str().expect("a text").to_owned();
        assert_eq!(said.status, 200, "{name}: {answer}");
        let response = self.read((version, &answer));
        let header = response.header();
        assert_eq!((header.request_id, header.response_id), (Some(request), None), "{answer}");
        self.emitted(&format!("{name}-acknowledgement"), version, answer);
        Reply { request, response }
    }

    /// A response that the DSP signed, and the S1SP inside it.
    #[track_caller]
    fn read(&self, (version, text): (SchemaVersion, &str)) -> Verified<Response> {
        let received = Received::new("response", text.as_bytes(), &Limits::MESSAGE).expect("text");
        let incoming = received.parse().expect("XML");
        assert_eq!(incoming.version(), Some(version), "a reply uses the request's version: {text}");
        let response = incoming.response(version).unwrap_or_else(|faults| panic!("{faults:?} {text}"));
        let at = response.claimed().root().text_at("Header/ResponseDateTime").expect("a moment");
        assert!(at.len() == "2021-03-02T09:00:00.000Z".len() && at.ends_with('Z'), "milliseconds, UTC: {at}");
        response.verify(&self.users.trust, jiff::Timestamp::now()).unwrap_or_else(|fault| panic!("{fault:?} {text}"))
    }

    fn noted(&self, srv: &str, target: &str, group: GroupId) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert((srv.to_owned(), target.to_owned(), group));
    }

    fn emitted(&self, name: &str, version: SchemaVersion, text: String) {
        let mut emitted = self.emitted.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{:04}-{name}", emitted.len());
        emitted.push(Emitted { name, version, text });
    }

    /// What was asked so far: variant, target, group.
    pub fn asked(&self) -> BTreeSet<(String, String, GroupId)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything that came.
    pub fn messages(&self) -> Vec<Emitted> {
        self.emitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Supplier and network operator of a metering point today, by their names.
    pub fn registered(&self, point: &str) -> (String, String) {
        let rows = self.place.read("facts/registration.csv");
        let cells = rows.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
        let of_point = cells.filter(|cells| cells[0] == point && cells[4] <= crate::support::TODAY);
        let row = of_point.max_by_key(|cells| cells[4].to_owned()).expect("a registration");
        (self.users.name_of(row[2]), self.users.name_of(row[3]))
    }
}

impl Reply {
    pub fn code(&self) -> String {
        self.response.header().code.to_string()
    }

    pub fn text(&self) -> &str {
        self.response.root().source()
    }

    pub fn body(&self) -> Element<'_> {
        self.response.body()
    }

    /// What the S1SP says that the device said.
    #[track_caller]
    pub fn data(&self) -> Element<'_> {
        const DATA: &str = "SMETS1SignedResponse/SMETS1Response/Body/ResponseMessage/SMETSData";
        assert!(self.response.nested().is_some(), "the S1SP's signature: {}", self.text());
        let data = self.body().at(DATA).and_then(Element::first);
        data.unwrap_or_else(|| panic!("no answer of a device: {}", self.text()))
    }

    /// The request that a reply names as its own.
    pub fn answers(&self) -> Option<RequestId> {
        self.response.header().response_id.map(ResponseId::request)
    }

    /// Whether the device did it.
    #[track_caller]
    pub fn is_success(&self) -> bool {
        self.code() == "I0" && self.data().attribute("MessageSuccess") == Some("true")
    }

    #[track_caller]
    pub fn says(&self, path: &str) -> &str {
        self.data().text_at(path).unwrap_or_else(|| panic!("no {path}: {}", self.text()))
    }

    /// The code and the words of an alert that the S1SP signed.
    #[track_caller]
    pub fn alert(&self) -> (String, String) {
        assert!(self.response.nested().is_some(), "the S1SP's signature: {}", self.text());
        let alert = self.body().at("DCCAlert/S1SPAlertDSP/S1SPAlert");
        let alert = alert.unwrap_or_else(|| panic!("no alert: {}", self.text()));
        let text = |name| alert.text_at(name).unwrap_or_default().to_owned();
        (text("S1SPAlertCode"), text("AdditionalInformation"))
    }
}
