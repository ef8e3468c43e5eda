//! One connection to an installation: whom each message is for, and under which association it comes.

use std::collections::HashMap;
use std::ops::Deref;
use std::time::Duration;

use tern_dlms::Codec;
use tern_dlms::acse::{Aare, AssociationResult};
use tern_dlms::apdu::{ExceptionResponse, ServiceException, StateError, tag};
use tern_dlms::server::Session;
use tern_dlms::wrapper::Frame;

use super::access::Client;
use super::associations::{self, Door};
use super::request::Addressed;
use super::simulated::Simulated;
use crate::devices::{FaultKind, World};

/// The longest APDU that a hub takes.
pub(crate) const APDU_MAX_BYTES: usize = 16 << 10;

/// How late an answer comes where the script has a device slow.
const LATE: Duration = Duration::from_secs(1);
/// How many pairs of client and device one connection may speak for.
const SESSIONS_MAX: usize = 16;

/// What has been said on a connection.
#[derive(Debug)]
pub(crate) struct Conversation<W> {
    world: W,
    place: usize,
    sessions: HashMap<(u16, u16), Session>,
}

impl<W: Deref<Target = World>> Conversation<W> {
    /// Begins one with the installation at a place; `None` where nobody answers there now.
    pub(crate) fn begin(world: W, place: usize) -> Option<Conversation<W>> {
        let mut slot = world.slot_at(place)?;
        let is_dark = slot.installation.electricity.is_dark(world.clock.now());
        if is_dark || slot.strike(&world.log, FaultKind::NoWan, "connection", |fault| fault.row.is_any()) {
            return None;
        }
        drop(slot);
        Some(Conversation { world, place, sessions: HashMap::new() })
    }

    /// The answer to a frame; `None` ends the connection.
    pub(crate) fn answer_frame(&mut self, frame: &Frame) -> Option<Frame> {
        let apdu = self.answer(frame.source, frame.destination, &frame.apdu)?;
        Some(Frame { source: frame.destination, destination: frame.source, apdu })
    }

    /// The answer of the device `server` to an APDU of `client`; `None` ends the connection.
    pub(crate) fn answer(&mut self, client: u16, server: u16, apdu: &[u8]) -> Option<Vec<u8>> {
        let mut slot = self.world.slot_at(self.place)?;
        let now = self.world.clock.now();
        if slot.installation.electricity.is_dark(now) {
            return None;
        }
        let Some((device, doors)) = associations::at(&self.world.associations, server, &slot.installation) else {
            return Some(exception(ServiceException::ServiceNotSupported));
        };
        let kind = device.kind();
        let mut strikes = |fault| slot.strike(&self.world.log, fault, kind, |fault| fault.row.is_any_of(kind));
        let (is_late, is_garbled) = (strikes(FaultKind::Slow), strikes(FaultKind::WrongAnswer));
        let han_fails =
            device == Addressed::Gsme && slot.strike(&self.world.log, FaultKind::GasHanError, "han", |_| true);
        // What is signed the hub judges itself: its signature says that the device behind it did not hear.
        if han_fails && apdu.first() != Some(&tag::GENERAL_SIGNING) {
            return Some(exception(ServiceException::OperationNotPossible));
        }
        let known = self.sessions.contains_key(&(client, server));
        if !known && self.sessions.len() == SESSIONS_MAX {
            return None;
        }
        let session = self.sessions.entry((client, server)).or_insert_with(|| Session::new(client));
        let through = doors.iter().copied().find(|door| (door.client, door.server) == (client, server));
        let mut device = Simulated::new(&self.world, &mut slot, (device, doors, through), now);
        if han_fails {
            device = device.beyond_reach();
        }
        let answer = session.answer(&mut device, apdu)?;
        let wanted = through.map(Door::standing);
        if wanted == Some(Client::Management) && apdu.first() == Some(&tag::AARQ) && !is_accepted(&answer) {
            device.refused_association();
        }
        let is_cut = device.is_cut();
        drop(slot);
        if is_late {
            std::thread::sleep(LATE);
        }
        (!is_cut).then(|| if is_garbled { garbled(answer) } else { answer })
    }
}

/// An answer as nobody can believe it: its last byte is another. What opens an association stays as it is.
fn garbled(mut answer: Vec<u8>) -> Vec<u8> {
    if answer.first() != Some(&tag::AARE)
        && let Some(last) = answer.last_mut()
    {
        *last ^= 0xFF;
    }
    answer
}

fn is_accepted(answer: &[u8]) -> bool {
    Aare::decode(answer).is_ok_and(|aare| aare.result == AssociationResult::Accepted)
}

fn exception(service_error: ServiceException) -> Vec<u8> {
    ExceptionResponse { state_error: StateError::ServiceNotAllowed, service_error }.to_bytes()
}
