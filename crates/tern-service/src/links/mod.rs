//! Links between roles: a signed message goes from the sender's outbox to the receiver's inbox, which drops what it has seen.
//!
//! In one process a link is a function call. A message counts as sent once its receiver holds it durably, and not before:
//! one whose answer was lost is sent again. A link must never open another role's store.

pub(crate) mod client;
pub(crate) mod entry;
pub(crate) mod guests;
pub(crate) mod http;
mod line;
pub(crate) mod server;
pub mod tls;
pub(crate) mod upload;

use jiff::Timestamp;
use tern_model::Role;
use tern_store::{Batch, Store};

use crate::fault::ServiceFault;
use crate::parties::{Party, hand_over, inbox};
use crate::set_files::FileAt;

/// The way to one receiver.
pub trait Link {
    /// Whom it leads to.
    fn to(&self) -> Role;

    /// Carries a signed file over: the receiver holds it durably when this returns. The same file again changes nothing.
    ///
    /// # Errors
    /// The receiver cannot take it now, or nobody knows whether it did: it is sent again.
    fn carry(&mut self, file: &FileAt) -> Result<(), ServiceFault>;
}

/// The link to a party of the same process.
struct Within<'a> {
    party: &'a mut dyn Party,
    from: Role,
    at: Timestamp,
}

impl Link for Within<'_> {
    fn to(&self) -> Role {
        self.party.role()
    }

    fn carry(&mut self, file: &FileAt) -> Result<(), ServiceFault> {
        hand_over(self.party, self.from, file, self.at)
    }
}

/// Messages that are looked up at once.
const PAGE: usize = 64;

/// Sends what waits in a store for the receiver of a link, oldest first; gives how many messages went.
///
/// # Errors
/// As [`Link::carry`]; what was not sent waits for the next call.
pub fn send(store: &mut dyn Store, link: &mut dyn Link) -> Result<usize, ServiceFault> {
    let mut sent = 0;
    loop {
        let waiting = store.unsent_to(link.to().as_str(), 0, PAGE)?;
        if waiting.is_empty() {
            return Ok(sent);
        }
        for (number, entry) in waiting {
            let path = inbox::place(store, &entry.body)?;
            link.carry(&FileAt { name: entry.message, path })?;
            store.commit(&Batch { sent: vec![number], ..Batch::default() })?;
            sent += 1;
        }
    }
}

/// Delivers what waits between the parties of one process until nothing does.
///
/// # Errors
/// As [`send`]; what waits is delivered by the next call.
pub(crate) fn deliver(parties: &mut [&mut dyn Party], at: Timestamp) -> Result<(), ServiceFault> {
    loop {
        let mut moved = 0;
        for sender in 0..parties.len() {
            let (before, rest) = parties.split_at_mut(sender);
            let Some((from, after)) = rest.split_first_mut() else { continue };
            let role = from.role();
            for party in before.iter_mut().chain(after) {
                moved += send(from.store(), &mut Within { party: &mut **party, from: role, at })?;
            }
        }
        if moved == 0 {
            return Ok(());
        }
    }
}
