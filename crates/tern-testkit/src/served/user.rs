//! A User of the DCC as its own software: signs requests, and sends whatever a test wants over mutual TLS.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use tern_model::{DeviceId, Eui64, Role};
use tern_service::clock::Clock;
use tern_service::links::tls::{self, PeerCheck, Trusted};
use tern_service::pki;
use tern_wire::Verified;
use tern_wire::duis::{self, CommandVariant, Draft, Received, RequestHeader, RequestId, Response, SchemaVersion};
use tern_wire::smki::{Signer, Trust};
use tern_wire::xml::Limits;

/// Longer than anything here takes that goes well.
const PATIENCE: Duration = Duration::from_secs(60);
/// No answer is longer.
const ANSWER_MAX_BYTES: usize = 16 << 20;

/// A connection to the gateway.
pub type Line = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// A User.
#[derive(Clone)]
pub struct UserClient {
    /// Its name in the key infrastructure.
    pub name: String,
    /// Its signing key.
    pub signer: Arc<Signer>,
    /// Whom it believes.
    pub trust: Arc<Trust>,
    /// The DCC's own identifier.
    pub dcc: Eui64,
    /// The schema by which it writes, and reads what comes.
    pub version: SchemaVersion,
    /// The gateway.
    pub at: SocketAddr,
    config: Arc<ClientConfig>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Whether the connection ends with it.
    pub closes: bool,
}

impl UserClient {
    /// A User with the keys of a key infrastructure's folder.
    ///
    /// # Panics
    /// It has none.
    #[must_use]
    pub fn new(pki_dir: &Path, name: &str, at: SocketAddr, clock: Arc<dyn Clock>) -> UserClient {
        let trust = pki::load_trust(pki_dir).expect("trust");
        let own = pki::load_tls(pki_dir, name).expect("a certificate for TLS");
        let trusted = Arc::new(Trusted::new(trust.clone()));
        let check = Arc::new(PeerCheck::new(trusted, clock, vec![Role::Dsp], None));
        let config = Arc::new(tls::client(&own, check).expect("a TLS configuration"));
        let dcc = trust.certificates().find(|known| known.role() == Role::Dsp).expect("the DSP").party().0;
        let signer = Arc::new(pki::load_signer(pki_dir, name).expect("a signing key"));
        UserClient { name: name.to_owned(), signer, trust, dcc, version: SchemaVersion::V5_1, at, config }
    }

    /// Its own identifier.
    #[must_use]
    pub fn party(&self) -> Eui64 {
        self.signer.certificate().party().0
    }

    /// A signed request to a device.
    ///
    /// # Panics
    /// The schema refuses it.
    #[must_use]
    pub fn request_to(&self, device: DeviceId, counter: u64, srv: &str, body: Draft) -> String {
        self.request((device.0, CommandVariant::SEND), counter, srv, body)
    }

    /// A signed request to the DCC itself.
    ///
    /// # Panics
    /// The schema refuses it.
    #[must_use]
    pub fn request_to_dcc(&self, counter: u64, srv: &str, body: Draft) -> String {
        self.request((self.dcc, CommandVariant::NON_DEVICE), counter, srv, body)
    }

    /// A signed request under any Command Variant.
    ///
    /// # Panics
    /// The schema refuses it.
    #[must_use]
    pub fn request(&self, (target, variant): (Eui64, CommandVariant), counter: u64, srv: &str, body: Draft) -> String {
        let id = RequestId { originator: self.party(), target, counter };
        let header = RequestHeader::new(id, variant, srv.parse().expect("an SRV"));
        duis::request(&header, body, self.version, &self.signer).expect("a request")
    }

    /// A connection.
    ///
    /// # Errors
    /// Nobody listens, or this User is not let in; that may be told only with the first answer.
    pub fn connect(&self) -> io::Result<Line> {
        let stream = TcpStream::connect(self.at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("dsp").map_err(io::Error::other)?;
        let connection = ClientConnection::new(self.config.clone(), name).map_err(io::Error::other)?;
        Ok(BufReader::with_capacity(16 << 10, StreamOwned::new(connection, stream)))
    }

    /// Sends a request over a connection of its own.
    ///
    /// # Errors
    /// The connection failed.
    pub fn tries(&self, service: &str, request: &str) -> io::Result<Said> {
        post(&mut self.connect()?, service, request.as_bytes())
    }

    /// Sends a request, and reads the response that the DSP signed.
    ///
    /// # Panics
    /// It was answered otherwise.
    #[track_caller]
    #[must_use]
    pub fn asks(&self, service: &str, request: &str, at: Timestamp) -> Verified<Response> {
        let said = self.tries(service, request).expect("an answer");
        assert_eq!(said.status, 200, "{}", said.body);
        self.believes(&said.body, at).unwrap_or_else(|why| panic!("{why}: {}", said.body))
    }

    /// A message of the DSP's, by its signature and that of the S1SP inside.
    ///
    /// # Errors
    /// It is no message of the schema, or is not to be believed: in words.
    pub fn believes(&self, text: &str, at: Timestamp) -> Result<Verified<Response>, String> {
        let received = Received::new("answer", text.as_bytes(), &Limits::MESSAGE).map_err(|fault| fault.to_string())?;
        let incoming = received.parse().map_err(|fault| fault.to_string())?;
        let version = incoming.version().ok_or("no version of the schema")?;
        let response = incoming.response(version).map_err(|faults| format!("{faults:?}"))?;
        response.verify(&self.trust, at).map_err(|fault| fault.to_string())
    }
}

/// The head of a request as existing clients send it.
#[must_use]
pub fn head_of(service: &str, length: usize) -> String {
    let mut head = String::new();
    let _ = write!(
        head,
        "POST /api/v1/{service} HTTP/1.1\r\nHost: dsp\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\r\n"
    );
    head
}

/// Posts a message, and reads what is answered.
///
/// # Errors
/// The connection failed.
pub fn post(line: &mut Line, service: &str, message: &[u8]) -> io::Result<Said> {
    let head = head_of(service, message.len());
    line.get_mut().write_all(&[head.as_bytes(), message].concat())?;
    line.get_mut().flush()?;
    answer(line)
}

/// Reads an answer, over interim ones.
///
/// # Errors
/// The connection ended or failed before, or what came is no answer.
pub fn answer(line: &mut impl BufRead) -> io::Result<Said> {
    loop {
        let (mut status, mut length, mut closes) = (None, 0, false);
        loop {
            let mut text = String::new();
            if line.read_line(&mut text)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = text.trim_end();
            if text.is_empty() {
                break;
            }
            if status.is_none() {
                status = text.split(' ').nth(1).and_then(|number| number.parse::<u16>().ok());
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
                    "connection" => closes = value.trim().eq_ignore_ascii_case("close"),
                    _ => {}
                }
            }
        }
        let status = status.ok_or_else(|| io::Error::other("no status"))?;
        if status < 200 {
            continue;
        }
        if length > ANSWER_MAX_BYTES {
            return Err(io::Error::other("an answer of that length"));
        }
        let mut body = vec![0; length];
        line.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(io::Error::other)?;
        return Ok(Said { status, body, closes });
    }
}
