//! Whoever means ill, on the line to one installation: every way in, with whatever keys.
//!
//! The line is whatever reaches the installation: in one process, or over TCP to a `tern world`. Nothing here knows more than
//! somebody on the line can.

mod wishes;

use tern_cohorts::Transport;
use tern_dlms::apdu::{Apdu, GeneralSigning};
use tern_dlms::client::{Association, Client, ClientError, Party, Ports};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Ciphering, Form, Keys, Password, Protection};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, LogicalName, SystemTitle};
use tern_model::{ChfIdentifier, DeviceId, Eui64};
use tern_service::lanes::Connect;
use tern_wire::smki::Signer;
use tern_world::dlms::{client, server};

use wishes::COUNTER_TRANSACTIONS;
pub use wishes::{
    AUTHORISED, Bytes16, COUNTER_CRITICAL, COUNTER_MANAGEMENT, DEVICE_ID, IMAGE, IMPORT, Wish, critical_wishes,
    key_transfer, obeyed, pair, signed_wishes, wrapped, wraps_of,
};

/// No answer is longer.
const APDU_MAX_BYTES: usize = 65_535;

/// A client of a device, over any line.
pub type Conversation = Client<Box<dyn Transport>>;

/// The line to one installation.
pub struct Line {
    connect: Connect,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its ESME.
    pub esme: DeviceId,
    /// The DCO's name, which stands in each critical APDU.
    pub dco: SystemTitle,
}

/// The system title of whoever has this EUI-64.
#[must_use]
pub fn title(eui: Eui64) -> SystemTitle {
    SystemTitle(eui.0.to_be_bytes())
}

impl Line {
    /// The line to an installation, by whatever reaches it.
    #[must_use]
    pub fn new(connect: Connect, chf: ChfIdentifier, esme: DeviceId, dco: Eui64) -> Line {
        Line { connect, chf, esme, dco: title(dco) }
    }

    /// A connection, with nothing opened on it.
    ///
    /// # Panics
    /// There is no such installation.
    #[must_use]
    pub fn open(&self) -> Box<dyn Transport> {
        (self.connect)(self.chf).expect("is there")
    }

    /// As everybody.
    ///
    /// # Panics
    /// There is no such device.
    #[must_use]
    pub fn public(&self, server: u16) -> Conversation {
        let ports = Ports { client: client::PUBLIC, server };
        Client::connect(self.open(), ports, Association::Public).expect("everybody may")
    }

    /// What a client of the ESME used last, and one.
    ///
    /// # Panics
    /// Nobody answers as devices do.
    #[must_use]
    pub fn next(&self, counter: LogicalName) -> u32 {
        let attribute = AttributeDescriptor::new(ClassId(1), counter, 2);
        self.public(server::ESME).get(attribute).expect("reads").as_double_long_unsigned().expect("a counter") + 1
    }

    fn party(&self, own: SystemTitle, keys: Keys, first: u32) -> Party {
        let invocations = Invocations::within(Block::from(first.into(), 200).expect("a block"));
        Party { client_title: own, server_title: Some(title(self.esme.0)), keys, invocations, heard: None }
    }

    /// The management association under these keys.
    ///
    /// # Errors
    /// They do not open it.
    ///
    /// # Panics
    /// Nobody answers as devices do.
    pub fn management(&self, own: SystemTitle, keys: Keys) -> Result<Conversation, ClientError> {
        let party = self.party(own, keys, self.next(COUNTER_MANAGEMENT));
        let protection = Some(Protection::AuthenticatedEncrypted);
        let ports = Ports { client: client::MANAGEMENT, server: server::ESME };
        Client::connect(self.open(), ports, Association::HighLevelGmac { party, protection })
    }

    /// The low-level association with this password.
    ///
    /// # Errors
    /// It does not open it.
    pub fn low_level(&self, password: &[u8]) -> Result<Conversation, ClientError> {
        let ports = Ports { client: client::LOW_LEVEL, server: server::ESME };
        Client::connect(self.open(), ports, Association::LowLevel { password: Password::new(password.to_vec()) })
    }

    /// Sends an APDU on a connection of its own.
    ///
    /// # Panics
    /// Nobody answers as devices do.
    #[must_use]
    pub fn send(&self, client: u16, server: u16, apdu: &[u8]) -> Option<Apdu> {
        let mut line = self.open();
        let frame = Frame { source: client, destination: server, apdu: apdu.to_vec() };
        write_frame(&mut line, &frame).expect("is written");
        let answer = read_frame(&mut line, APDU_MAX_BYTES).expect("a frame")?;
        Some(Apdu::decode(&answer.apdu).expect("an APDU"))
    }

    /// A plain APDU under these keys on the critical association; the plain answer, where the ESME took it for genuine.
    ///
    /// # Panics
    /// Nobody answers as devices do.
    #[must_use]
    pub fn critical(&self, own: SystemTitle, keys: Keys, counter: u32, plain: &[u8]) -> Option<Vec<u8>> {
        let ciphering = Ciphering { keys, own, peer: title(self.esme.0) };
        let apdu = ciphering.seal(Form::General, Protection::AuthenticatedEncrypted, counter, plain).expect("seals");
        let answer = self.send(client::CRITICAL, server::ESME, &apdu)?;
        let is_protected = matches!(answer, Apdu::GeneralGloCiphering(_) | Apdu::GloCiphered(_));
        is_protected.then(|| ciphering.open(&answer.to_bytes()).expect("its answer").apdu)
    }

    /// What stands in an APDU to the ESME that was heard, where it was protected with these keys.
    #[must_use]
    pub fn opened(&self, keys: Keys, apdu: &[u8]) -> Option<Vec<u8>> {
        let ciphering = Ciphering { keys, own: title(self.esme.0), peer: self.dco };
        ciphering.open(apdu).ok().map(|opened| opened.apdu)
    }

    /// Asks a device behind the hub, or the hub, in a party's name; whether it obeyed.
    ///
    /// # Panics
    /// Nobody answers as devices do.
    #[must_use]
    pub fn signed(&self, by: &Signer, server: u16, device: DeviceId, wish: &Wish) -> bool {
        let counter = AttributeDescriptor::new(ClassId(1), COUNTER_TRANSACTIONS, 2);
        let last = self.public(server).get(counter).map_or(0, |data| data.as_whole_number().expect("a number"));
        let mut signing = GeneralSigning {
            transaction_id: (u64::try_from(last).expect("a number") + 1).to_be_bytes().to_vec(),
            originator: title(by.certificate().party().0),
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
}
