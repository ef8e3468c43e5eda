//! A served world, the parties around it, and clients of its devices.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, DataAccessResult, ExceptionResponse, GeneralSigning,
    InvokeIdAndPriority, SetRequest, SetResponse,
};
use tern_dlms::client::{Association, Client, ClientError, Party, Ports, Refusal};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Form, Key, Keys, Protection};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, Data, LogicalName, MethodDescriptor, SystemTitle};
use tern_model::{ChfIdentifier, DeviceId, Eui64, PartyId, Role, Secret, SecretBytes};
use tern_wire::role_link::AssociationKeys;
use tern_wire::smki::issuing::{AuthorityRequest, DeviceRequest, Issuer, OrganisationRequest, Serial, Validity};
use tern_wire::smki::{DeviceKey, Signer, Usage};
use tern_world::devices::{Estate, HubKey, Installation, Known, Ppmid, World, WorldClock, address_at};
use tern_world::dlms::{client, critical_keys, server};
use tern_world::server::{listen, serve_until};

pub use crate::support::*;

/// When everything takes place.
pub const NOW: &str = "2026-03-02T10:15:00Z";

/// The parties, and one whose certificate another root issued.
pub struct Parties {
    pub known: Known,
    pub smso: Signer,
    pub s1sp: Signer,
    pub stranger: Signer,
    pub outsider: Signer,
    renewed: Signer,
    /// By which the hubs sign, and what verifies it.
    hub: (SecretBytes, DeviceKey),
}

/// The S1SP with a certificate that no device met.
pub fn renewed_s1sp() -> &'static Signer {
    &parties().renewed
}

pub fn parties() -> &'static Parties {
    static MADE: OnceLock<Parties> = OnceLock::new();
    MADE.get_or_init(|| {
        let (root, authority) = authorities("Root", 1);
        let (_, elsewhere) = authorities("Elsewhere", 101);
        let smso = signer(&authority, Role::Smso, 3);
        let s1sp = signer(&authority, Role::S1sp, 4);
        let known = Known {
            authorities: vec![root.certificate().der().to_vec(), authority.certificate().der().to_vec()],
            certificates: vec![smso.certificate().der().to_vec(), s1sp.certificate().der().to_vec()],
            authorised: vec![s1sp.certificate().party()],
        };
        let stranger = signer(&authority, Role::Supplier, 5);
        let outsider = signer(&elsewhere, Role::S1sp, 4);
        let renewed = signer(&authority, Role::S1sp, 4);
        let request = DeviceRequest { device: DUAL.into(), validity: validity(), serial: Serial::from_random([6; 16]) };
        let issued = authority.issue_device(&request).expect("a hub's certificate");
        let hub = (issued.key_pem, DeviceKey::of(&issued.certificate).expect("its key"));
        Parties { known, smso, s1sp, stranger, outsider, renewed, hub }
    })
}

fn validity() -> Validity {
    let at = |text: &str| text.parse().expect("a moment");
    Validity { not_before: at("2020-01-01T00:00:00Z"), not_after: at("2040-01-01T00:00:00Z") }
}

fn authorities(name: &str, number: u8) -> (Issuer, Issuer) {
    let request = |number| AuthorityRequest {
        common_name: name,
        validity: validity(),
        serial: Serial::from_random([number; 16]),
    };
    let (root, _) = Issuer::root(&request(number)).expect("a root");
    let (authority, _) = root.issuing_authority(&request(number + 1)).expect("an authority");
    (root, authority)
}

pub fn signer(authority: &Issuer, role: Role, number: u8) -> Signer {
    let party = PartyId(Eui64(0x90B3_D51F_3000_0000 + u64::from(number)));
    let serial = Serial::from_random([number; 16]);
    let (common_name, usage, validity) = ("party", Usage::Sign, validity());
    let request = OrganisationRequest { common_name, party, role, usage, validity, serial };
    let issued = authority.issue(&request).expect("a certificate");
    Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("its key")
}

pub fn ppmid(chf: ChfIdentifier) -> DeviceId {
    DeviceId(Eui64(chf.0.0 + 0x400))
}

/// Both installations, under the SMSO's certificate, with a PPMID in the first.
pub fn estate() -> Estate {
    let smso = parties().smso.certificate().id();
    let mut installations = installations();
    for installation in &mut installations {
        installation.hub.certificate.clone_from(smso);
        installation.esme.certificate.clone_from(smso);
        installation.hub_key = Some(HubKey::from_pem(parties().hub.0.clone()));
        if let Some(gsme) = &mut installation.gsme {
            gsme.certificate.clone_from(smso);
        }
    }
    let Installation { hub, ppmids, .. } = &mut installations[0];
    ppmids.push(Ppmid { device: ppmid(hub.chf), model: model("display"), certificate: smso.clone() });
    let beginning = "2026-03-02T00:00:00Z".parse().expect("a moment");
    Estate { seed: 7, beginning, known: parties().known.clone(), installations }
}

/// A served world.
pub struct Served<'w> {
    pub world: &'w World,
    port: u16,
}

/// Serves a new world in a folder around `body`.
pub fn served(dir: &Path, body: impl FnOnce(&Served<'_>)) {
    World::create(dir, &estate()).expect("creates");
    again(dir, body);
}

/// Serves the world of a folder around `body`.
pub fn again(dir: &Path, body: impl FnOnce(&Served<'_>)) {
    let now: Timestamp = NOW.parse().expect("a moment");
    let mut world = World::open_at(dir, WorldClock::starting_at(now)).expect("opens");
    world.open_low_level("", "low");
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("listens");
    let port = listener.local_addr().expect("an address").port();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let server = scope.spawn(|| serve_until(&listener, &world, &stop));
        let served = Served { world: &world, port };
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(&served)));
        stop.store(true, Ordering::Release);
        server.join().expect("no panic").expect("a clean stop");
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// The clients' system titles.
pub const S1SP: SystemTitle = SystemTitle(0x90B3_D51F_3000_0004u64.to_be_bytes());
pub const DCO: SystemTitle = SystemTitle(0x90B3_D51F_3000_0006u64.to_be_bytes());

pub type Meter = Client<TcpStream>;

pub fn keys_of(keys: &AssociationKeys) -> Keys {
    Keys { encryption: Key::new(*keys.encryption.expose()), authentication: Key::new(*keys.authentication.expose()) }
}

impl Served<'_> {
    pub fn stream(&self, chf: ChfIdentifier) -> TcpStream {
        let place = self.world.place(chf).expect("is there");
        let address = SocketAddr::from((address_at(place).expect("an address"), self.port));
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        stream
    }

    pub fn public(&self, chf: ChfIdentifier, server: u16) -> Result<Meter, ClientError> {
        Client::connect(self.stream(chf), Ports { client: client::PUBLIC, server }, Association::Public)
    }

    /// The management association; its counters go on from where the meter says that they are.
    pub fn management(&self, chf: ChfIdentifier, keys: &AssociationKeys) -> Result<Meter, ClientError> {
        let protection = Some(Protection::AuthenticatedEncrypted);
        let party = self.party(chf, S1SP, keys_of(keys), COUNTER_MANAGEMENT);
        let ports = Ports { client: client::MANAGEMENT, server: server::ESME };
        Client::connect(self.stream(chf), ports, Association::HighLevelGmac { party, protection })
    }

    /// The critical association under a master key.
    pub fn critical(&self, chf: ChfIdentifier, master: &Secret<16>) -> Meter {
        let party = self.party(chf, DCO, critical_keys(master, esme(chf)), COUNTER_CRITICAL);
        let ports = Ports { client: client::CRITICAL, server: server::ESME };
        let (protection, form) = (Protection::AuthenticatedEncrypted, Form::General);
        let association = Association::PreEstablished { party, protection, form };
        Client::connect(self.stream(chf), ports, association).expect("nothing is exchanged")
    }

    pub fn party(&self, chf: ChfIdentifier, client_title: SystemTitle, keys: Keys, counter: LogicalName) -> Party {
        let heard = self.read(chf, server::ESME, (1, counter, 2));
        let first = heard.as_double_long_unsigned().expect("a counter") + 1;
        let block = Block::from(first.into(), 64).expect("a block");
        let server_title = Some(SystemTitle(esme(chf).0.0.to_be_bytes()));
        Party { client_title, server_title, keys, invocations: Invocations::within(block), heard: None }
    }

    /// Reads what everybody may.
    pub fn read(&self, chf: ChfIdentifier, server: u16, wanted: (u16, LogicalName, i8)) -> Data {
        self.public(chf, server).expect("opens").get(attribute(wanted)).expect("is readable")
    }

    /// Sends a signed request, and gives what is answered, once the hub's signature was found to be for it; what the hub does
    /// not believe it answers in clear.
    pub fn signed(&self, chf: ChfIdentifier, server: u16, signing: &GeneralSigning) -> Apdu {
        match self.relayed(chf, server, signing) {
            Apdu::GeneralSigning(signed) => Apdu::decode(&signed.content).expect("an APDU"),
            Apdu::ExceptionResponse(exception) => Apdu::ExceptionResponse(exception),
            other => panic!("an answer that nobody signed: {other:?}"),
        }
    }

    /// As [`Served::signed`], with the signature.
    pub fn relayed(&self, chf: ChfIdentifier, server: u16, signing: &GeneralSigning) -> Apdu {
        // A signed request needs no association.
        let mut stream = self.stream(chf);
        let frame = Frame { source: client::PUBLIC, destination: server, apdu: signing.to_bytes() };
        write_frame(&mut stream, &frame).expect("is sent");
        let answer = read_frame(&mut stream, 65_535).expect("a frame").expect("an answer");
        let answer = Apdu::decode(&answer.apdu).expect("an APDU");
        if let Apdu::GeneralSigning(signed) = &answer {
            assert!(parties().hub.1.verify(&signed.signed_part(), &signed.signature), "the hub's signature");
            assert_eq!(signed.originator.0, chf.0.0.to_be_bytes());
            assert_eq!((signed.recipient, &signed.transaction_id), (signing.originator, &signing.transaction_id));
            assert_eq!(signed.other_information, signing.recipient.0);
        }
        answer
    }

    /// A request of a party to a device, with the transaction that it waits for.
    pub fn request(
        &self,
        by: &Signer,
        (chf, server, device): (ChfIdentifier, u16, DeviceId),
        apdu: Apdu,
    ) -> GeneralSigning {
        let last = self.read(chf, server, (1, COUNTER_TRANSACTIONS, 2)).as_whole_number().expect("a number");
        let number = u64::try_from(last).expect("a transaction") + 1;
        sign(by, device, number, &apdu)
    }
}

/// Signs a request.
pub fn sign(by: &Signer, device: DeviceId, number: u64, apdu: &Apdu) -> GeneralSigning {
    let mut signing = GeneralSigning {
        transaction_id: number.to_be_bytes().to_vec(),
        originator: SystemTitle(by.certificate().party().0.0.to_be_bytes()),
        recipient: SystemTitle(device.0.0.to_be_bytes()),
        date_time: Vec::new(),
        other_information: Vec::new(),
        content: apdu.to_bytes(),
        signature: Vec::new(),
    };
    signing.signature = by.sign(&signing.signed_part()).expect("signs").to_vec();
    signing
}

const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority::new(1);

pub fn set_of(wanted: (u16, LogicalName, i8), value: Data) -> Apdu {
    Apdu::SetRequest(SetRequest::Normal { invoke: INVOKE, attribute: attribute(wanted).into(), value })
}

pub fn action_of(wanted: (u16, LogicalName, i8), parameters: Data) -> Apdu {
    Apdu::ActionRequest(ActionRequest::Normal { invoke: INVOKE, method: method(wanted), parameters: Some(parameters) })
}

pub fn attribute((class, name, number): (u16, LogicalName, i8)) -> AttributeDescriptor {
    AttributeDescriptor::new(ClassId(class), name, number)
}

pub fn method((class, name, number): (u16, LogicalName, i8)) -> MethodDescriptor {
    MethodDescriptor::new(ClassId(class), name, number)
}

/// What a device answered to a signed request: the result's word, or the exception's.
pub fn word(apdu: &Apdu) -> String {
    match apdu {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => result.to_string(),
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => response.result.to_string(),
        Apdu::ExceptionResponse(ExceptionResponse { service_error, .. }) => format!("{service_error:?}"),
        other => panic!("no answer: {other:?}"),
    }
}

#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, ClientError>, expected: DataAccessResult) {
    match outcome {
        Err(ClientError::Refused(Refusal::Access(result))) => assert_eq!(result, expected),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn not_done<T: std::fmt::Debug>(outcome: Result<T, ClientError>, expected: ActionResult) {
    match outcome {
        Err(ClientError::Refused(Refusal::Action(result))) => assert_eq!(result, expected),
        other => panic!("{other:?}"),
    }
}

const fn name(a: u8, b: u8, c: u8, d: u8, e: u8) -> LogicalName {
    LogicalName::new(a, b, c, d, e, 255)
}

pub const CURRENT: LogicalName = name(0, 0, 40, 0, 0);
pub const SECURITY: LogicalName = name(0, 0, 43, 0, 0);
pub const COUNTER_MANAGEMENT: LogicalName = name(0, 0, 43, 1, 0);
pub const COUNTER_CRITICAL: LogicalName = name(0, 0, 43, 1, 1);
pub const COUNTER_TRANSACTIONS: LogicalName = name(0, 0, 43, 1, 2);
pub const DEVICE_ID: LogicalName = name(0, 0, 96, 1, 0);
pub const MODEL: LogicalName = name(0, 0, 96, 1, 1);
pub const FIRMWARE: LogicalName = name(1, 0, 0, 2, 0);
pub const CLOCK: LogicalName = name(0, 0, 1, 0, 0);
pub const IMPORT: LogicalName = name(1, 0, 1, 8, 0);
pub const RATE_ONE: LogicalName = name(1, 0, 1, 8, 1);
pub const RATE_TWO: LogicalName = name(1, 0, 1, 8, 2);
pub const PROFILE: LogicalName = name(1, 0, 99, 1, 0);
pub const CALENDAR: LogicalName = name(0, 0, 13, 0, 0);
pub const SUPPLY: LogicalName = name(0, 0, 96, 3, 10);
pub const IMAGE: LogicalName = name(0, 0, 44, 0, 0);
pub const PAYMENT_MODE: LogicalName = name(0, 0, 96, 65, 0);
pub const BALANCE: LogicalName = name(0, 0, 96, 65, 1);
pub const PRICES: LogicalName = name(0, 0, 96, 65, 2);
pub const PASSIVE_PRICES: LogicalName = name(0, 0, 96, 65, 3);
pub const PREPAY_VALUES: LogicalName = name(0, 0, 96, 65, 5);
pub const TOP_UP: LogicalName = name(0, 0, 96, 65, 7);
pub const JOINED: LogicalName = name(0, 0, 96, 67, 0);
pub const JOIN: LogicalName = name(0, 0, 96, 67, 1);
pub const AUXILIARY: LogicalName = name(0, 0, 96, 3, 20);
pub const VOLUME: LogicalName = name(7, 0, 3, 0, 0);
pub const APN: LogicalName = name(0, 0, 25, 4, 0);
pub const WHITELIST: LogicalName = name(0, 0, 96, 64, 0);
pub const AUTHORISED: LogicalName = name(0, 0, 96, 66, 0);
