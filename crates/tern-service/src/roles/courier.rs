//! Takes a role's signed files to one receiver: what waits in the outbox is sent until the receiver holds it.
//!
//! Each receiver has a courier of its own, so that one that is down holds up no other.

use std::time::Duration;

use tern_model::Role;

use super::Hands;
use super::bell::Pause;
use super::shared_store::SharedStore;
use crate::fault::ServiceFault;
use crate::links::client::{Peer, Sent};
use crate::links::{Link, http, send};
use crate::set_files::FileAt;

/// How long a courier waits for something to send before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// The link to a role that is another process.
pub(super) struct Remote<'a>(pub(super) &'a mut Peer);

impl Link for Remote<'_> {
    fn to(&self) -> Role {
        self.0.role
    }

    fn carry(&mut self, file: &FileAt) -> Result<(), ServiceFault> {
        let path = format!("/inbox/{}", http::encoded(&file.name));
        self.0.ask(("POST", &path), Sent::File(&file.path)).map(drop)
    }
}

/// What goes wrong with a link, told once and not at every attempt.
pub(crate) struct Complaint<'a> {
    say: &'a (dyn Fn(&str) + Sync),
    told: Option<String>,
}

impl<'a> Complaint<'a> {
    pub(crate) fn new(say: &'a (dyn Fn(&str) + Sync)) -> Complaint<'a> {
        Complaint { say, told: None }
    }

    /// It fails.
    pub(crate) fn fails(&mut self, waits: &str, fault: &ServiceFault) {
        let words = format!("{fault}; {waits} waits");
        if self.told.as_ref() != Some(&words) {
            (self.say)(&words);
            self.told = Some(words);
        }
    }

    /// It works; said where it did not before.
    pub(crate) fn works(&mut self, words: &str) {
        if self.told.take().is_some() {
            (self.say)(words);
        }
    }
}

/// Sends what waits for one receiver, until the role stops.
///
/// # Errors
/// The store failed.
pub(super) fn run(mut store: SharedStore, mut peer: Peer, hands: Hands<'_>) -> Result<(), ServiceFault> {
    let (mut complaint, mut pause) = (Complaint::new(hands.say), Pause::new());
    while !hands.halt.is_asked() {
        let seen = hands.bells.sets.rung();
        match send(&mut store, &mut Remote(&mut peer)) {
            Ok(sent) => {
                if sent > 0 {
                    complaint.works(&format!("{} answers again", peer.role));
                    pause = Pause::new();
                }
                hands.bells.sets.wait(seen, LOOK);
            }
            Err(fault @ ServiceFault::Link { .. }) => {
                complaint.fails("what is to be sent to it", &fault);
                std::thread::sleep(pause.next());
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
