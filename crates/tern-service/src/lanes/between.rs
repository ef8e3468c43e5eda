//! The lanes of an S1SP whose DCO and DSP are other processes: orders cross in batches, and are asked again until somebody
//! answers.
//!
//! A thread for each peer sends whatever waits as one batch, so that a batch is one durable transaction there. A peer that is
//! down keeps its own orders waiting and no others. It must never answer for a peer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_cohorts::Answer;
use tern_wire::role_link::{DcoOrder, InventoryOrder, LinkRefusal};

use super::in_process::{Addressed, Devices};
use crate::executor::{Lanes, Order, Returned};
use crate::fault::ServiceFault;
use crate::links::client::Peer;

/// Most orders in a batch.
const BATCH: usize = 256;
/// How long devices and peers are looked at in turn while both owe answers.
const TURN: Duration = Duration::from_millis(2);
/// How long a peer that does not answer is left alone: longer each time, up to a bound.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The two other ends.
pub(crate) struct Ends<'a> {
    pub(crate) dco: &'a mut Peer,
    pub(crate) dsp: &'a mut Peer,
}

/// What a peer's thread and the lanes know of each other.
#[derive(Debug, Default)]
struct State {
    /// The peer does not answer.
    down: AtomicBool,
    /// Nobody waits for answers any more.
    ended: AtomicBool,
}

/// The way to one peer.
struct Way<O> {
    orders: Sender<(u64, O)>,
    state: Arc<State>,
}

/// The three lanes.
pub(crate) struct Between<'a> {
    devices: &'a mut dyn Devices,
    dco: Way<DcoOrder>,
    dsp: Way<InventoryOrder>,
    answers: Receiver<Vec<Returned>>,
    /// What peers owe, and whether that peer is down.
    owed: BTreeMap<u64, Arc<State>>,
    stop: &'a AtomicBool,
}

impl<'a> Between<'a> {
    /// Opens the lanes; their threads end with them.
    pub(crate) fn open<'scope>(
        scope: &'scope Scope<'scope, '_>,
        devices: &'a mut dyn Devices,
        ends: Ends<'scope>,
        stop: &'a AtomicBool,
        say: &'scope (dyn Fn(&str) + Sync),
    ) -> Between<'a> {
        let (answered, answers) = channel();
        let (dco, of_dco, to_dco) = way();
        let (dsp, of_dsp, to_dsp) = way();
        let (dco_end, dsp_end) = (ends.dco, ends.dsp);
        let returned = answered.clone();
        scope.spawn(move || run(dco_end, &of_dco, &to_dco, &returned, Answer::Dco, say));
        scope.spawn(move || run(dsp_end, &of_dsp, &to_dsp, &answered, Answer::Dsp, say));
        Between { devices, dco, dsp, answers, owed: BTreeMap::new(), stop }
    }

    fn take(&mut self, returned: Vec<Returned>, into: &mut Vec<Returned>) {
        // What was given up as lost is not answered twice.
        into.extend(returned.into_iter().filter(|one| self.owed.remove(&one.ticket).is_some()));
    }

    /// Whoever wants to stop does not wait for a peer that is down: what it owes may or may not have happened.
    fn give_up(&mut self, into: &mut Vec<Returned>) {
        if self.stop.load(Ordering::Relaxed) {
            let down = |state: &Arc<State>| state.down.load(Ordering::Acquire);
            let lost: Vec<u64> = self.owed.iter().filter(|(_, state)| down(state)).map(|(ticket, _)| *ticket).collect();
            for ticket in lost {
                self.owed.remove(&ticket);
                into.push(Returned { ticket, answer: None });
            }
        }
    }
}

impl Lanes for Between<'_> {
    fn submit(&mut self, orders: Vec<Order>) -> Result<(), ServiceFault> {
        let mut calls = Vec::new();
        for order in orders {
            let sent = match Addressed::of(order)? {
                Addressed::Device(call) => {
                    calls.push(*call);
                    continue;
                }
                Addressed::Dco(ticket, order) => {
                    self.owed.insert(ticket, self.dco.state.clone());
                    self.dco.orders.send((ticket, order)).is_ok()
                }
                Addressed::Dsp(ticket, order) => {
                    self.owed.insert(ticket, self.dsp.state.clone());
                    self.dsp.orders.send((ticket, order)).is_ok()
                }
            };
            if !sent {
                return Err(ended());
            }
        }
        self.devices.call(calls)
    }

    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault> {
        let mut returned = Vec::new();
        loop {
            while let Ok(batch) = self.answers.try_recv() {
                self.take(batch, &mut returned);
            }
            self.give_up(&mut returned);
            let waits = returned.is_empty() && self.owed.is_empty();
            returned.extend(self.devices.collect(waits)?);
            if waits || !returned.is_empty() {
                return Ok(returned);
            }
            match self.answers.recv_timeout(TURN) {
                Ok(batch) => self.take(batch, &mut returned),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            }
        }
    }
}

impl Drop for Between<'_> {
    fn drop(&mut self) {
        for state in [&self.dco.state, &self.dsp.state] {
            state.ended.store(true, Ordering::Release);
        }
    }
}

fn ended() -> ServiceFault {
    ServiceFault::Body("a lane to another role ended by itself".to_owned())
}

fn way<O>() -> (Way<O>, Receiver<(u64, O)>, Arc<State>) {
    let (orders, waiting) = channel();
    let state = Arc::new(State::default());
    (Way { orders, state: state.clone() }, waiting, state)
}

/// Sends batches to one peer until nobody orders any more.
fn run<O: Serialize, R: DeserializeOwned>(
    peer: &mut Peer,
    orders: &Receiver<(u64, O)>,
    state: &State,
    returned: &Sender<Vec<Returned>>,
    answer: fn(Result<R, LinkRefusal>) -> Answer,
    say: &(dyn Fn(&str) + Sync),
) {
    while let Ok(first) = orders.recv() {
        let rest = std::iter::from_fn(|| orders.try_recv().ok()).take(BATCH - 1);
        let (tickets, batch): (Vec<u64>, Vec<O>) = std::iter::once(first).chain(rest).unzip();
        let Some(answers) = asked_until_answered(peer, &batch, state, say) else { return };
        let answers = answers.into_iter().map(|one| Some(answer(one)));
        let batch = tickets.into_iter().zip(answers).map(|(ticket, answer)| Returned { ticket, answer }).collect();
        if returned.send(batch).is_err() {
            return;
        }
    }
}

/// Asks until the peer answers; nothing where nobody waits for it any more.
fn asked_until_answered<O: Serialize, R: DeserializeOwned>(
    peer: &mut Peer,
    batch: &[O],
    state: &State,
    say: &(dyn Fn(&str) + Sync),
) -> Option<Vec<Result<R, LinkRefusal>>> {
    let (mut pause, longest) = PAUSES;
    let mut told = None;
    loop {
        match peer.obeyed(batch) {
            Ok(answers) => {
                if told.is_some() {
                    say(&format!("{} answers again", peer.role));
                }
                state.down.store(false, Ordering::Release);
                return Some(answers);
            }
            Err(fault) => {
                let words = format!("{fault}; orders to it wait");
                if told.as_ref() != Some(&words) {
                    say(&words);
                    told = Some(words);
                }
                state.down.store(true, Ordering::Release);
            }
        }
        if state.ended.load(Ordering::Acquire) {
            return None;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(longest);
    }
}
