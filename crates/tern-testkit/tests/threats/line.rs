//! Whoever means ill, on the line to one installation: every way in, with whatever keys.

use std::sync::{Arc, Mutex};

use tern_cohorts::Transport;
use tern_dlms::apdu::{ActionRequest, ActionResponse, ActionResult, Apdu, GeneralSigning, InvokeIdAndPriority};
use tern_dlms::apdu::{DataAccessResult, SetRequest, SetResponse};
use tern_dlms::client::{Association, Client, ClientError, Party, Ports};
use tern_dlms::cosem::{NO_PARAMETER, activity_calendar, clock, disconnect_control, image_transfer};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Ciphering, Form, Key, Keys, Password, Protection, wrap_key};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, CosemDateTime, Data, LogicalName, MethodDescriptor, SystemTitle};
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::lanes::Connect;
use tern_service::pki;
use tern_testkit::Lab;
use tern_wire::smki::Signer;
use tern_world::devices::{Installation, LOG_FILE, LogRecord, read_installations, read_log};
use tern_world::dlms::{Loopback, client, server};

/// Sixteen bytes that may be a key.
pub type Bytes16 = [u8; 16];

/// No answer is longer.
const APDU_MAX_BYTES: usize = 65_535;

const fn name(a: u8, b: u8, c: u8, d: u8, e: u8) -> LogicalName {
    LogicalName::new(a, b, c, d, e, 255)
}

const SECURITY: LogicalName = name(0, 0, 43, 0, 0);
const CALENDAR: LogicalName = name(0, 0, 13, 0, 0);
const SUPPLY: LogicalName = name(0, 0, 96, 3, 10);
const CLOCK: LogicalName = name(0, 0, 1, 0, 0);
pub const IMAGE: LogicalName = name(0, 0, 44, 0, 0);
pub const COUNTER_MANAGEMENT: LogicalName = name(0, 0, 43, 1, 0);
pub const COUNTER_CRITICAL: LogicalName = name(0, 0, 43, 1, 1);
const COUNTER_TRANSACTIONS: LogicalName = name(0, 0, 43, 1, 2);
pub const DEVICE_ID: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), name(0, 0, 96, 1, 0), 2);
pub const IMPORT: AttributeDescriptor = AttributeDescriptor::new(ClassId(3), name(1, 0, 1, 8, 0), 2);
const APN: AttributeDescriptor = AttributeDescriptor::new(ClassId(45), name(0, 0, 25, 4, 0), 2);
const WHITELIST: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), name(0, 0, 96, 64, 0), 2);
const IMPORT_CERTIFICATE: MethodDescriptor = MethodDescriptor::new(ClassId(64), SECURITY, 6);
const KEY_TRANSFER: MethodDescriptor = MethodDescriptor::new(ClassId(64), SECURITY, 2);

/// What is asked of a device.
#[derive(Debug, Clone)]
pub enum Wish {
    Set(AttributeDescriptor, Data),
    Act(MethodDescriptor, Data),
}

impl Wish {
    /// As a plain APDU.
    pub fn apdu(&self) -> Vec<u8> {
        let invoke = InvokeIdAndPriority::new(1);
        match self.clone() {
            Wish::Set(attribute, value) => {
                Apdu::SetRequest(SetRequest::Normal { invoke, attribute: attribute.into(), value }).to_bytes()
            }
            Wish::Act(method, parameter) => {
                let parameters = Some(parameter);
                Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }).to_bytes()
            }
        }
    }
}

/// Every critical instruction that an ESME knows.
pub fn critical_wishes() -> Vec<Wish> {
    let act = |class, instance, method, parameter| Wish::Act(MethodDescriptor::new(class, instance, method), parameter);
    let calendar =
        |attribute, value| Wish::Set(AttributeDescriptor::new(activity_calendar::CLASS, CALENDAR, attribute), value);
    vec![
        act(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_DISCONNECT, NO_PARAMETER),
        act(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_RECONNECT, NO_PARAMETER),
        calendar(activity_calendar::CALENDAR_NAME_PASSIVE, Data::octets(*b"MINE")),
        calendar(activity_calendar::SEASON_PROFILE_PASSIVE, Data::Array(Vec::new())),
        calendar(activity_calendar::WEEK_PROFILE_TABLE_PASSIVE, Data::Array(Vec::new())),
        calendar(activity_calendar::ACTIVATE_PASSIVE_CALENDAR_TIME, Data::date_time(&CosemDateTime::UNSPECIFIED)),
        act(activity_calendar::CLASS, CALENDAR, activity_calendar::ACTIVATE_PASSIVE_CALENDAR, NO_PARAMETER),
        act(clock::CLASS, CLOCK, 6, Data::Long(60)),
        act(image_transfer::CLASS, IMAGE, image_transfer::ACTIVATE, NO_PARAMETER),
    ]
}

/// A key transfer of these keys, by the standard's numbers, each wrapped as it stands here.
pub fn key_transfer(keys: &[(u8, Vec<u8>)]) -> Wish {
    let key = |(id, wrapped): &(u8, Vec<u8>)| Data::Structure(vec![Data::Enum(*id), Data::octets(wrapped.clone())]);
    Wish::Act(KEY_TRANSFER, Data::Array(keys.iter().map(key).collect()))
}

/// The wrapped keys of a key transfer, by id.
pub fn wraps_of(apdu: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let Ok(Apdu::ActionRequest(ActionRequest::Normal { parameters: Some(Data::Array(keys)), .. })) = Apdu::decode(apdu)
    else {
        panic!("no key transfer")
    };
    let key = |data: &Data| {
        let [id, octets] = data.as_structure::<2>().expect("a key");
        (id.as_enum().expect("an id"), octets.as_octets().expect("octets").to_vec())
    };
    keys.iter().map(key).collect()
}

/// The DCO's name, which stands in each critical APDU.
pub fn dco(lab: &Lab) -> SystemTitle {
    title(&pki::load_signer(&lab.dir().join("pki"), "dco").expect("its certificate"))
}

/// A key under another.
pub fn wrapped(under: Bytes16, key: Bytes16) -> Vec<u8> {
    wrap_key(&Key::new(under), &Key::new(key)).expect("wraps").to_vec()
}

/// What a party that signs would have of the hub and of what is behind it.
pub fn signed_wishes(server: u16, certificate: &[u8]) -> Vec<Wish> {
    let import = Wish::Act(IMPORT_CERTIFICATE, Data::octets(certificate));
    let start = image_transfer::ImageTransferInitiate { identifier: b"mine".to_vec(), size: 1024 };
    let image = MethodDescriptor::new(image_transfer::CLASS, IMAGE, image_transfer::TRANSFER_INITIATE);
    let image = Wish::Act(image, tern_dlms::cosem::Shape::to_data(&start));
    match server {
        server::CHF => {
            vec![import, image, Wish::Set(APN, Data::octets(*b"mine")), Wish::Set(WHITELIST, Data::Array(Vec::new()))]
        }
        server::GSME => vec![import],
        _ => vec![import, image],
    }
}

/// Pairs of keys.
pub fn pair(encryption: Bytes16, authentication: Bytes16) -> Keys {
    Keys { encryption: Key::new(encryption), authentication: Key::new(authentication) }
}

/// The title of a party.
pub fn title(of: &Signer) -> SystemTitle {
    SystemTitle(of.certificate().party().0.0.to_be_bytes())
}

/// One installation of a laboratory, as whoever is on its line reaches it.
pub struct Line<'l> {
    pub lab: &'l Lab,
    pub chf: ChfIdentifier,
}

impl Line<'_> {
    pub fn open(&self) -> Loopback {
        Loopback::connect(&self.lab.world, self.chf).expect("is there")
    }

    /// What its devices hold now, keys included: what nobody on the line can know.
    pub fn truth(&self) -> Installation {
        let all = read_installations(&self.lab.dir().join("world")).expect("the devices");
        all.into_iter().find(|i| i.hub.chf == self.chf).expect("is there")
    }

    pub fn esme(&self) -> DeviceId {
        self.lab.corpus.devices.iter().find(|i| i.hub.chf == self.chf).expect("is there").esme.device
    }

    fn esme_title(&self) -> SystemTitle {
        SystemTitle(self.esme().0.0.to_be_bytes())
    }

    /// Whatever its devices did so far.
    pub fn effects(&self) -> Vec<LogRecord> {
        let log = read_log(&self.lab.dir().join("world").join(LOG_FILE)).expect("the effect log");
        log.into_iter().filter(|r| matches!(r, LogRecord::Effect(effect) if effect.chf == self.chf)).collect()
    }

    pub fn public(&self, server: u16) -> Client<Loopback> {
        let ports = Ports { client: client::PUBLIC, server };
        Client::connect(self.open(), ports, Association::Public).expect("everybody may")
    }

    /// What a client of the ESME used last, and one.
    pub fn next(&self, counter: LogicalName) -> u32 {
        let attribute = AttributeDescriptor::new(ClassId(1), counter, 2);
        self.public(server::ESME).get(attribute).expect("reads").as_double_long_unsigned().expect("a counter") + 1
    }

    fn party(&self, own: SystemTitle, keys: Keys, first: u32) -> Party {
        let invocations = Invocations::within(Block::from(first.into(), 200).expect("a block"));
        Party { client_title: own, server_title: Some(self.esme_title()), keys, invocations, heard: None }
    }

    /// The management association under these keys.
    pub fn management(&self, own: SystemTitle, keys: Keys) -> Result<Client<Loopback>, ClientError> {
        let party = self.party(own, keys, self.next(COUNTER_MANAGEMENT));
        let protection = Some(Protection::AuthenticatedEncrypted);
        let ports = Ports { client: client::MANAGEMENT, server: server::ESME };
        Client::connect(self.open(), ports, Association::HighLevelGmac { party, protection })
    }

    /// The low-level association with this password.
    pub fn low_level(&self, password: &[u8]) -> Result<Client<Loopback>, ClientError> {
        let ports = Ports { client: client::LOW_LEVEL, server: server::ESME };
        Client::connect(self.open(), ports, Association::LowLevel { password: Password::new(password.to_vec()) })
    }

    /// Sends an APDU on a connection of its own.
    pub fn send(&self, client: u16, server: u16, apdu: &[u8]) -> Option<Apdu> {
        let mut line = self.open();
        let frame = Frame { source: client, destination: server, apdu: apdu.to_vec() };
        write_frame(&mut line, &frame).expect("is written");
        let answer = read_frame(&mut line, APDU_MAX_BYTES).expect("a frame")?;
        Some(Apdu::decode(&answer.apdu).expect("an APDU"))
    }

    /// A plain APDU under these keys on the critical association; the plain answer, where the ESME took it for genuine.
    pub fn critical(&self, own: SystemTitle, keys: Keys, counter: u32, plain: &[u8]) -> Option<Vec<u8>> {
        let ciphering = Ciphering { keys, own, peer: self.esme_title() };
        let apdu = ciphering.seal(Form::General, Protection::AuthenticatedEncrypted, counter, plain).expect("seals");
        let answer = self.send(client::CRITICAL, server::ESME, &apdu)?;
        let is_protected = matches!(answer, Apdu::GeneralGloCiphering(_) | Apdu::GloCiphered(_));
        is_protected.then(|| ciphering.open(&answer.to_bytes()).expect("its answer").apdu)
    }

    /// What stands in an APDU to the ESME that was heard, where it was protected with these keys.
    pub fn opened(&self, keys: Keys, apdu: &[u8]) -> Option<Vec<u8>> {
        let ciphering = Ciphering { keys, own: self.esme_title(), peer: dco(self.lab) };
        ciphering.open(apdu).ok().map(|opened| opened.apdu)
    }

    /// Asks a device behind the hub, or the hub, in a party's name; whether it obeyed.
    pub fn signed(&self, by: &Signer, server: u16, device: DeviceId, wish: &Wish) -> bool {
        let counter = AttributeDescriptor::new(ClassId(1), COUNTER_TRANSACTIONS, 2);
        let last = self.public(server).get(counter).map_or(0, |data| data.as_whole_number().expect("a number"));
        let mut signing = GeneralSigning {
            transaction_id: (u64::try_from(last).expect("a number") + 1).to_be_bytes().to_vec(),
            originator: title(by),
            recipient: SystemTitle(device.0.0.to_be_bytes()),
            date_time: Vec::new(),
            other_information: by.certificate().der().to_vec(),
            content: wish.apdu(),
            signature: Vec::new(),
        };
        signing.signature = by.sign(&signing.signed_part()).expect("signs").to_vec();
        let answer = self.send(client::PUBLIC, server, &signing.to_bytes()).expect("an answer");
        obeyed(&answer)
    }

    /// Every device that takes signatures.
    pub fn signed_devices(&self) -> Vec<(u16, DeviceId)> {
        let installation = self.truth();
        let gsme = installation.gsme.iter().map(|gsme| (server::GSME, gsme.device));
        let ppmids = (server::PPMID..).zip(installation.ppmids.iter().map(|ppmid| ppmid.device));
        std::iter::once((server::CHF, self.chf.into())).chain(gsme).chain(ppmids).collect()
    }
}

/// Whether an answer says that it was done.
pub fn obeyed(answer: &Apdu) -> bool {
    match answer {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => *result == DataAccessResult::Success,
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => response.result == ActionResult::Success,
        _ => false,
    }
}

/// Whatever went over the lines to devices, either way.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<Vec<(ChfIdentifier, Frame)>>>);

impl Tap {
    /// A way to connect on which somebody listens.
    pub fn on(&self, connect: Connect) -> Connect {
        let tap = self.clone();
        Arc::new(move |chf| {
            Ok(Box::new(Tapped { line: connect(chf)?, chf, tap: tap.clone(), heard: [Vec::new(), Vec::new()] }))
        })
    }

    /// What was heard of an installation.
    pub fn of(&self, chf: ChfIdentifier) -> Vec<Frame> {
        let heard = self.0.lock().expect("nobody panicked");
        heard.iter().filter(|(of, _)| *of == chf).map(|(_, frame)| frame.clone()).collect()
    }
}

struct Tapped {
    line: Box<dyn Transport>,
    chf: ChfIdentifier,
    tap: Tap,
    /// What was asked, and what was answered.
    heard: [Vec<u8>; 2],
}

impl std::io::Read for Tapped {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.line.read(into)?;
        self.heard[1].extend_from_slice(&into[..read]);
        Ok(read)
    }
}

impl std::io::Write for Tapped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.line.write(bytes)?;
        self.heard[0].extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.line.flush()
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        let mut all = self.tap.0.lock().expect("nobody panicked");
        for mut bytes in std::mem::take(&mut self.heard) {
            while let Ok(Some((frame, length))) = Frame::split_first(&bytes, APDU_MAX_BYTES) {
                bytes.drain(..length);
                all.push((self.chf, frame));
            }
        }
    }
}
