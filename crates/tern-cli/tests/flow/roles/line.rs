//! A line to a role's process, under whatever certificate: what somebody who is not that role's peer can say, too.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use tern_model::Role;
use tern_service::clock_of;
use tern_service::links::tls::{self, PeerCheck, Trusted};
use tern_service::pki::{self, TlsIdentity};

use crate::support::Place;

/// A line to a role under some certificate.
pub struct Line(StreamOwned<ClientConnection, TcpStream>);

impl Line {
    pub fn open(place: &Place, role: &str, config: ClientConfig) -> Line {
        let at = place.read(&format!("stores/{role}.address"));
        let name = ServerName::try_from(role.to_owned()).expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        Line(StreamOwned::new(connection, TcpStream::connect(at.trim()).expect("somebody listens")))
    }

    /// The status of an answer; none where the connection was refused.
    pub fn asks(&mut self, what: &str, body: &str) -> Option<u16> {
        self.tells(what, body).map(|(status, _)| status)
    }

    /// An answer: its status and what it says; none where the connection was refused.
    pub fn tells(&mut self, what: &str, body: &str) -> Option<(u16, Vec<u8>)> {
        let length = body.len();
        let request = format!("{what} HTTP/1.1\r\nHost: a-role\r\nContent-Length: {length}\r\n\r\n{body}");
        self.0.write_all(request.as_bytes()).and_then(|()| self.0.flush()).ok()?;
        loop {
            let head = self.head()?;
            let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
            // Whoever takes long says meanwhile that it is at work.
            if status < 200 {
                continue;
            }
            let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next());
            let mut rest = vec![0; length.expect("a length").parse().expect("a number")];
            self.0.read_exact(&mut rest).ok()?;
            return Some((status, rest));
        }
    }

    fn head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        Some(String::from_utf8(head).expect("a head"))
    }
}

/// How a client speaks under an identity.
pub fn under(place: &Place, identity: &TlsIdentity, server: Role) -> ClientConfig {
    let trust = pki::load_trust(&place.path("pki")).expect("trust");
    let clock = clock_of(&place.config());
    let check = PeerCheck::new(Arc::new(Trusted::new(trust)), clock, vec![server], None);
    tls::client(identity, Arc::new(check)).expect("a configuration")
}

/// A party's certificate for TLS, with its key.
pub fn identity(pki: &Path, name: &str) -> TlsIdentity {
    pki::load_tls(pki, name).expect("a certificate for TLS")
}
