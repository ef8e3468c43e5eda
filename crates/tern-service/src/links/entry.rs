//! Who may come to a server, and who answers them: those whose certificate was checked, or, by plain HTTP, whoever is on this
//! machine.
//!
//! A desk that goes by who is there must never stand where nobody is known: the two are of different types.

use std::sync::Arc;

use rustls::ServerConfig;
use tern_model::PartyId;
use tern_wire::Sender;

use super::http::Request;
use super::server::{Answer, Body, Desk, Room};
use super::tls::PeerCheck;

/// What is done with requests of which nobody knows whose they are.
pub(crate) trait OpenDesk: Sync {
    /// As [`Desk::admits`].
    fn admits(&self, request: &Request) -> Result<Room, Answer>;

    /// As [`Desk::answer`].
    fn answer(&self, request: &Request, body: Body) -> Answer;
}

/// Who may come, and who answers them.
pub(crate) enum Entry<'a> {
    /// By mutual TLS come those whom the check lets in.
    Known { config: Arc<ServerConfig>, check: Arc<PeerCheck>, desk: &'a dyn Desk },
    /// By plain HTTP comes whoever is on this machine: the listener must be on loopback.
    Anybody(&'a dyn OpenDesk),
}

/// Whoever sent a request, with the desk for them.
pub(super) enum Caller<'a> {
    Known(Sender, &'a dyn Desk),
    Anybody(&'a dyn OpenDesk),
}

impl Caller<'_> {
    pub(super) fn party(&self) -> Option<PartyId> {
        if let Caller::Known(peer, _) = self { Some(peer.party) } else { None }
    }

    pub(super) fn admits(&self, request: &Request) -> Result<Room, Answer> {
        match self {
            Caller::Known(peer, desk) => desk.admits(peer, request),
            Caller::Anybody(desk) => desk.admits(request),
        }
    }

    pub(super) fn answer(&self, request: &Request, body: Body) -> Answer {
        match self {
            Caller::Known(peer, desk) => desk.answer(peer, request, body),
            Caller::Anybody(desk) => desk.answer(request, body),
        }
    }
}
