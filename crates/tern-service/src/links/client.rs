//! The sending end of a link: requests to one role, over a connection that is opened anew whenever it broke.
//!
//! Whatever is asked may be asked again, so a request whose answer was lost is repeated by whoever made it. It must never
//! count silence as an answer.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::Role;
use tern_wire::role_link::LinkRefusal;

use super::http::{self, Answered, Extent};
use super::line;
use super::tls::words;
use crate::fault::ServiceFault;

/// Where a role is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// As configured: host and port.
    Fixed(String),
    /// In the file that the role writes when it listens.
    File(PathBuf),
}

/// The body of a request.
#[derive(Clone, Copy)]
pub(crate) enum Sent<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// A message in XML, which is posted.
    Message(&'a [u8]),
    /// In a file.
    File(&'a Path),
    /// The end of a file, from this byte on.
    Rest(&'a Path, u64),
}

/// A role at the other end.
pub(crate) struct Peer {
    pub(crate) role: Role,
    /// Its name in the key infrastructure.
    pub(crate) name: String,
    pub(crate) at: Address,
    pub(crate) transport: Transport,
    /// Silence of this length means that nobody is there.
    pub(crate) patience: Duration,
    pub(crate) line: Option<Line>,
}

/// How a connection is secured.
#[derive(Clone)]
pub(crate) enum Transport {
    /// By mutual TLS.
    Tls(Arc<ClientConfig>),
    /// Not at all: on loopback, and nowhere else.
    Plain,
}

pub(crate) type Line = BufReader<line::Line<ClientConnection, TcpStream>>;

impl Peer {
    /// Whether it says where it listens, as far as that can be told here.
    pub(crate) fn is_announced(&self) -> bool {
        self.address().is_ok()
    }

    /// Has a batch of orders obeyed; answers stand in the orders' order, and are durable there.
    ///
    /// # Errors
    /// As [`Peer::ask`], and an answer that is none.
    pub(crate) fn obeyed<O: Serialize, R: DeserializeOwned>(
        &mut self,
        orders: &[O],
    ) -> Result<Vec<Result<R, LinkRefusal>>, ServiceFault> {
        let body = serde_json::to_vec(orders).map_err(ServiceFault::body)?;
        let answer = self.ask(("POST", "/orders"), Sent::Bytes(&body))?;
        let answers: Vec<_> = serde_json::from_slice(&answer).map_err(ServiceFault::body)?;
        if answers.len() == orders.len() {
            Ok(answers)
        } else {
            Err(ServiceFault::Body("an answer for each order".to_owned()))
        }
    }

    /// Asks, and gives the answer's body.
    ///
    /// # Errors
    /// [`ServiceFault::Link`]: it does not answer, or refuses.
    pub(crate) fn ask(&mut self, (method, path): (&str, &str), body: Sent<'_>) -> Result<Vec<u8>, ServiceFault> {
        let mut answer = Vec::new();
        self.fetch((method, path), body, &mut answer)?;
        Ok(answer)
    }

    /// Asks, and writes the answer's body.
    ///
    /// # Errors
    /// As [`Peer::ask`]; what was written by then is not to be used.
    pub(crate) fn fetch(
        &mut self,
        what: (&str, &str),
        body: Sent<'_>,
        into: &mut dyn Write,
    ) -> Result<(), ServiceFault> {
        let taken = self.answered(what, body).and_then(|answered| self.take(answered, into));
        if taken.is_err() {
            self.line = None;
        }
        match taken {
            Ok(None) => Ok(()),
            Ok(Some(refusal)) => Err(self.fault(format!("refuses: {refusal}"))),
            Err(error) => Err(self.fault(format!("does not answer: {}", words(&error)))),
        }
    }

    /// Asks, and gives the answer's status with its body, whatever they say.
    ///
    /// # Errors
    /// [`ServiceFault::Link`]: it does not answer.
    pub(crate) fn hear(&mut self, what: (&str, &str), body: Sent<'_>) -> Result<(u16, Vec<u8>), ServiceFault> {
        let heard = self.answered(what, body).and_then(|answered| Ok((answered.status, self.words(answered)?)));
        heard.map_err(|error| {
            self.line = None;
            self.fault(format!("does not answer: {}", words(&error)))
        })
    }

    fn answered(&mut self, what: (&str, &str), body: Sent<'_>) -> io::Result<Answered> {
        let was_open = self.line.is_some();
        match self.exchange(what, body) {
            // The other end closes a connection that is quiet for long, and with each restart.
            Err(_) if was_open => self.exchange(what, body),
            other => other,
        }
    }

    fn exchange(&mut self, (method, path): (&str, &str), body: Sent<'_>) -> io::Result<Answered> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => self.connect()?,
        };
        let name = &self.name;
        let written = match body {
            Sent::Bytes(bytes) => http::write_request(line.get_mut(), (method, path), name, bytes.len() as u64)
                .and_then(|()| line.get_mut().write_all(bytes)),
            Sent::Message(bytes) => http::write_message(line.get_mut(), path, name, bytes),
            Sent::File(file) => send_file(line.get_mut(), (method, path), name, (file, 0)),
            Sent::Rest(file, from) => send_file(line.get_mut(), (method, path), name, (file, from)),
        };
        let written = written.and_then(|()| line.get_mut().flush());
        // Where the other end stopped listening it may have said why.
        let answered = match (written, http::read_answer(&mut line)) {
            (_, Ok(answered)) => answered,
            (Err(written), Err(read)) => return Err(if tells(&read) { read } else { written }),
            (Ok(()), Err(read)) => return Err(read),
        };
        self.line = Some(line);
        Ok(answered)
    }

    /// Takes the body of an answer: written, or read as the words of a refusal.
    fn take(&mut self, answered: Answered, into: &mut dyn Write) -> io::Result<Option<String>> {
        let Some(line) = &mut self.line else { return Err(ErrorKind::NotConnected.into()) };
        let refusal = if answered.status == 200 {
            let Extent::Known(length) = answered.extent else {
                return Err(io::Error::new(ErrorKind::InvalidData, "an answer without Content-Length"));
            };
            if io::copy(&mut line.take(length), into)? != length {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            None
        } else {
            Some(String::from_utf8_lossy(&self.words(answered)?).into_owned())
        };
        if answered.closes {
            self.line = None;
        }
        Ok(refusal)
    }

    /// The body of an answer, in memory.
    fn words(&mut self, answered: Answered) -> io::Result<Vec<u8>> {
        let Some(line) = &mut self.line else { return Err(ErrorKind::NotConnected.into()) };
        let words = http::read_answer_body(line, answered.extent, http::ANSWER_MAX_BYTES)?;
        if answered.closes {
            self.line = None;
        }
        Ok(words)
    }

    fn connect(&self) -> io::Result<Line> {
        let at = self.address()?;
        let may_be = |socket: &SocketAddr| matches!(self.transport, Transport::Tls(_)) || socket.ip().is_loopback();
        let not_found = || io::Error::new(ErrorKind::NotFound, format!("{at} is no address"));
        let socket = at.to_socket_addrs()?.find(may_be).ok_or_else(not_found)?;
        let stream = TcpStream::connect_timeout(&socket, self.patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        let Transport::Tls(config) = &self.transport else { return Ok(BufReader::new(line::Line::Plain(stream))) };
        let name = ServerName::try_from(self.name.clone()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
        Ok(BufReader::new(line::Line::Secured(Box::new(StreamOwned::new(connection, stream)))))
    }

    fn address(&self) -> io::Result<String> {
        match &self.at {
            Address::Fixed(at) => Ok(at.clone()),
            Address::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => Ok(text.trim().to_owned()),
                Err(_) => Err(io::Error::new(ErrorKind::NotFound, "it does not run")),
            },
        }
    }

    fn fault(&self, reason: String) -> ServiceFault {
        let at = self.address().map(|at| format!(" at {at}")).unwrap_or_default();
        ServiceFault::Link { peer: format!("{}{at}", self.role), reason }
    }
}

/// A request whose body is a file, from a byte on.
fn send_file(to: &mut impl Write, what: (&str, &str), host: &str, (path, from): (&Path, u64)) -> io::Result<()> {
    let mut file = File::open(path)?;
    let whole = file.metadata()?.len();
    file.seek(SeekFrom::Start(from))?;
    http::write_request_from(to, what, host, (from, whole))?;
    io::copy(&mut (&mut file).take(whole.saturating_sub(from)), to).map(drop)
}

/// Whether an error says more than that the connection is gone.
fn tells(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}
