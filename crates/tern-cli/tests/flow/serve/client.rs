//! A client of the door that does as it is told: whole requests, requests that are cut, and requests that drip.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;
use tern_model::Role;
use tern_service::clock_of;
use tern_service::links::tls::{self, PeerCheck, Trusted};
use tern_service::pki;

use crate::support::{PATIENCE, Place};

/// A party that may come to the door, or tries to.
#[derive(Clone)]
pub struct Client {
    at: SocketAddr,
    config: Arc<ClientConfig>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub status: u16,
    pub body: Value,
}

pub type Line = StreamOwned<ClientConnection, TcpStream>;

impl Client {
    /// Comes under a party's certificate.
    pub fn of(place: &Place, party: &str, at: SocketAddr) -> Client {
        let pki = place.path("pki");
        let trust = pki::load_trust(&pki).expect("trust");
        let own = pki::load_tls(&pki, party).expect("a certificate for TLS");
        let check = PeerCheck::new(Arc::new(Trusted::new(trust)), clock_of(&place.config()), vec![Role::Dsp], None);
        Client { at, config: Arc::new(tls::client(&own, Arc::new(check)).expect("a configuration")) }
    }

    /// A connection.
    pub fn connect(&self) -> io::Result<Line> {
        let stream = TcpStream::connect(self.at)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("dsp").expect("a name");
        Ok(StreamOwned::new(ClientConnection::new(self.config.clone(), name).expect("a connection"), stream))
    }

    /// Asks, over a connection of its own.
    pub fn tries(&self, what: &str, fields: &str, body: &[u8]) -> io::Result<Said> {
        let mut line = self.connect()?;
        let head = format!("{what} HTTP/1.1\r\nHost: dsp\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
        line.write_all(&[head.as_bytes(), body].concat())?;
        line.flush()?;
        answer(&mut line)
    }

    /// Asks, and is answered.
    #[track_caller]
    pub fn asks(&self, what: &str, body: &[u8]) -> Said {
        self.tries(what, "", body).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Sends the end of a file, from a byte on.
    #[track_caller]
    pub fn goes_on(&self, path: &str, file: &[u8], from: usize) -> Said {
        let range = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
        self.tries(&format!("PUT {path}"), &range, &file[from..]).expect("an answer")
    }

    /// Promises a file and sends so many bytes of it; then the line is gone, both ways.
    pub fn is_cut(&self, path: &str, file: &[u8], after: usize) {
        let mut line = self.connect().expect("a connection");
        let head = format!("PUT {path} HTTP/1.1\r\nHost: dsp\r\nContent-Length: {}\r\n\r\n", file.len());
        line.write_all(&[head.as_bytes(), &file[..after]].concat()).expect("sends");
        line.flush().expect("sends");
        let _ = line.sock.shutdown(Shutdown::Both);
    }
}

/// Reads an answer, over interim ones.
pub fn answer(line: &mut Line) -> io::Result<Said> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            line.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("a head");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        if status < 200 {
            continue;
        }
        let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next()).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        line.read_exact(&mut body)?;
        let text = String::from_utf8(body).expect("UTF-8");
        return Ok(Said { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) });
    }
}
