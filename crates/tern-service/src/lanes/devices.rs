//! The S1SP's lines to the devices: rows are carried out side by side, each by a thread that speaks to one installation.
//!
//! A row ends in the time that its connection is given, with an answer or without one; an answer that comes later finds its
//! connection closed, and is for nobody. A line must never keep what it was asked to carry out: whatever becomes of a row, its
//! order is answered.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tern_cohorts::{Answer, Identity, Opening, Premises, Site, Transport};
use tern_model::{CertificateId, ChfIdentifier};
use tern_wire::smki::{Signer, Trust};

use super::in_process::{DeviceOrder, Devices};
use crate::executor::Returned;
use crate::fault::ServiceFault;

/// Connects to an installation.
pub type Connect = Arc<dyn Fn(ChfIdentifier) -> io::Result<Box<dyn Transport>> + Send + Sync>;

/// Whether the WAN itself still lets anybody in.
pub type Listens = Arc<dyn Fn() -> bool + Send + Sync>;

/// The S1SP as devices know it.
#[derive(Clone)]
pub struct S1spIdentity {
    /// Signs what hubs are asked.
    pub signer: Arc<Signer>,
    /// The directory of certificates.
    pub trust: Arc<Trust>,
}

impl Identity for S1spIdentity {
    fn title(&self) -> [u8; 8] {
        self.signer.certificate().party().0.0.to_be_bytes()
    }

    fn own_certificate(&self) -> Vec<u8> {
        self.signer.certificate().der().to_vec()
    }

    fn sign(&self, bytes: &[u8]) -> Option<[u8; 64]> {
        self.signer.sign(bytes).ok()
    }

    fn certificate(&self, id: &CertificateId) -> Option<Vec<u8>> {
        let (serial, issuer) = id.parts();
        self.trust.find(issuer, serial).map(|certificate| certificate.der().to_vec())
    }
}

/// Threads that carry rows out. Where nobody at all listens on the WAN, they say so in place of taking every hub for one that
/// cannot be reached.
#[derive(Debug)]
pub struct DeviceLines {
    /// Gone once nothing more is to be asked.
    orders: Option<Sender<DeviceOrder>>,
    answers: Receiver<Returned>,
    waiting: usize,
    /// Set when a connection is refused: nobody listens there.
    down: Arc<AtomicBool>,
}

/// Stack of a line's thread, in bytes.
const STACK_BYTES: usize = 256 << 10;

impl DeviceLines {
    /// So many lines at once, with this way to connect; `listens` is asked where a connection is refused.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn new(
        lines: usize,
        connect: &Connect,
        identity: &S1spIdentity,
        listens: &Listens,
    ) -> Result<DeviceLines, ServiceFault> {
        let (orders, taken) = channel::<DeviceOrder>();
        let (done, answers) = channel();
        let taken = Arc::new(Mutex::new(taken));
        let down = Arc::new(AtomicBool::new(false));
        let connect = &noticing(connect.clone(), listens.clone(), down.clone());
        for _ in 0..lines.max(1) {
            let (taken, done, connect, identity) = (taken.clone(), done.clone(), connect.clone(), identity.clone());
            std::thread::Builder::new()
                .name("device line".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || {
                    loop {
                        let next = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok(order) = next else { return };
                        // A bug in one row is that row's: whether it was done nobody knows, so it is probed.
                        let row = AssertUnwindSafe(|| carry_out(&order, &connect, &identity));
                        let lost = |_| Returned { ticket: order.ticket, answer: None };
                        if done.send(catch_unwind(row).unwrap_or_else(lost)).is_err() {
                            return;
                        }
                    }
                })
                .map_err(|e| ServiceFault::Devices(e.to_string()))?;
        }
        Ok(DeviceLines { orders: Some(orders), answers, waiting: 0, down })
    }
}

/// A way to connect that notices when nobody listens at the other end.
fn noticing(connect: Connect, listens: Listens, down: Arc<AtomicBool>) -> Connect {
    Arc::new(move |chf| {
        connect(chf).inspect_err(|error| {
            // One hub that refuses is that hub; where the WAN itself refuses, it is all of them.
            if error.kind() == io::ErrorKind::ConnectionRefused && !listens() {
                down.store(true, Ordering::Release);
            }
        })
    })
}

/// Carries one row out, from connecting to the answer.
#[must_use]
pub fn carry_out(order: &DeviceOrder, connect: &Connect, identity: &S1spIdentity) -> Returned {
    let (access, connect) = (&order.access, || connect(order.chf));
    let premises = Premises { chf: order.chf, esme: order.esme, gsme: access.gsme, hub_key: access.hub_key.as_ref() };
    let opening = Opening {
        associations: access.associations,
        keys: &access.keys,
        invocations: access.invocations.clone(),
        transactions: access.transactions.clone(),
    };
    let mut site = Site::of(premises, opening, identity, &connect);
    let answer = tern_cohorts::cohort(order.group).carry_out(&order.row, &mut site);
    Returned { ticket: order.ticket, answer: answer.map(Answer::Device) }
}

impl Devices for DeviceLines {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        let gone = || ServiceFault::Devices("the lines to the devices have ended".to_owned());
        let line = self.orders.as_ref().ok_or_else(gone)?;
        for order in orders {
            line.send(order).map_err(|_| gone())?;
            self.waiting += 1;
        }
        Ok(())
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        let mut returned = Vec::new();
        if wait && self.waiting > 0 {
            let gone = |_| ServiceFault::Devices("the lines to the devices have ended".to_owned());
            returned.push(self.answers.recv().map_err(gone)?);
        }
        returned.extend(self.answers.try_iter());
        self.waiting -= returned.len();
        if self.down.load(Ordering::Acquire) {
            return Err(ServiceFault::Devices("nobody listens on the WAN any more".to_owned()));
        }
        Ok(returned)
    }
}
