//! The S1SP's work beside its desk: whatever is open is commissioned, with DCO and DSP in this process or as processes of
//! their own.
//!
//! What was in flight when a run ended, by a fault or a crash, is probed by the next.

use std::sync::Arc;
use std::time::Duration;

use tern_store::{Seal, StoreView};
use tern_wire::role_link::{InventoryOrder, InventoryReply, LinkRefusal};
use tern_wire::smki::Signer;

use super::bell::Pause;
use super::courier::Complaint;
use super::renewal::Records;
use super::shared_store::SharedStore;
use super::{ConnectDevices, Hands};
use crate::config::Config;
use crate::executor::Lanes;
use crate::executor::standing::{OPEN, UNTOLD};
use crate::fault::ServiceFault;
use crate::lanes::{Between, Devices, Ends, S1spIdentity};
use crate::links::client::Peer;
use crate::links::tls::Trusted;
use crate::opening::Workplace;
use crate::parties::{Shared, tell_of_rest};

/// How long it waits for something to do before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// What runs on lanes.
pub(crate) type OnLanes<'a> = &'a mut dyn FnMut(&mut dyn Lanes) -> Result<(), ServiceFault>;

/// What the DSP answers, in the orders' order.
pub(crate) type DspReplies = Vec<Result<InventoryReply, LinkRefusal>>;

/// The way to DCO and DSP.
pub(crate) trait ToOthers {
    /// Hands the lanes to `run` that these devices and the two others make.
    ///
    /// # Errors
    /// What `run` says.
    fn with_lanes(&mut self, devices: &mut dyn Devices, run: OnLanes<'_>) -> Result<(), ServiceFault>;

    /// Has the DSP obey, with nothing else under way.
    ///
    /// # Errors
    /// It does not answer, or its store failed.
    fn dsp(&mut self, orders: &[InventoryOrder]) -> Result<DspReplies, ServiceFault>;
}

/// DCO and DSP as processes of their own.
pub(super) struct Elsewhere<'a> {
    pub(super) dco: Peer,
    pub(super) dsp: Peer,
    pub(super) hands: Hands<'a>,
}

impl ToOthers for Elsewhere<'_> {
    fn with_lanes(&mut self, devices: &mut dyn Devices, run: OnLanes<'_>) -> Result<(), ServiceFault> {
        let (stop, say) = (self.hands.halt.flag(), self.hands.say);
        let ends = Ends { dco: &mut self.dco, dsp: &mut self.dsp };
        // Nothing asked by this run is on its way any more when the next begins.
        std::thread::scope(|scope| run(&mut Between::open(scope, devices, ends, stop, say)))
    }

    fn dsp(&mut self, orders: &[InventoryOrder]) -> Result<DspReplies, ServiceFault> {
        self.dsp.obeyed(orders)
    }
}

/// What the S1SP works with.
pub(crate) struct Work<'a> {
    pub(crate) store: SharedStore,
    pub(crate) seal: Arc<Seal>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) config: &'a Config,
    pub(crate) shared: Shared,
    pub(crate) trusted: &'a Trusted,
    pub(crate) records: &'a Records,
    pub(crate) others: Box<dyn ToOthers + Send + 'a>,
    pub(crate) devices: ConnectDevices<'a>,
    pub(crate) hands: Hands<'a>,
}

impl Work<'_> {
    /// Works until it is stopped.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn run(mut self) -> Result<(), ServiceFault> {
        let (mut complaint, mut pause) = (Complaint::new(self.hands.say), Pause::new());
        while !self.hands.halt.is_asked() {
            let seen = self.hands.bells.sets.rung();
            let (open, untold) = (self.store.count(OPEN)?, self.store.count(UNTOLD)?);
            if open == 0 && untold == 0 {
                self.hands.bells.sets.wait(seen, LOOK);
                continue;
            }
            let worked = if open == 0 { Ok(()) } else { self.turn() };
            match worked.and_then(|()| self.tell()) {
                Ok(()) => {
                    complaint.works("what is open goes on");
                    pause = Pause::new();
                    if open == 0 {
                        self.hands.bells.sets.wait(seen, LOOK);
                    }
                }
                Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                Err(fault) => {
                    complaint.fails("what is open", &fault);
                    self.hands.bells.sets.wait(self.hands.bells.sets.rung(), pause.next());
                }
            }
        }
        Ok(())
    }

    /// Runs everything that is open to its end.
    fn turn(&mut self) -> Result<(), ServiceFault> {
        (self.shared.trust, self.shared.facts) = (self.trusted.now(), self.records.now());
        let identity = S1spIdentity { signer: self.signer.clone(), trust: self.shared.trust.clone() };
        let mut devices = (self.devices)(&identity)?;
        let stop = self.hands.halt.flag();
        let trust = || self.trusted.now();
        let mut place = Workplace {
            store: &mut self.store,
            seal: &self.seal,
            signer: &self.signer,
            config: self.config,
            shared: &self.shared,
            trust: &trust,
        };
        self.others.with_lanes(&mut *devices, &mut |lanes| {
            place.with_executor(lanes, &mut |executor| executor.run(None, stop, &mut |_| {})).map(drop)
        })
    }

    /// Tells the DSP of what goes on no more.
    fn tell(&mut self) -> Result<(), ServiceFault> {
        let others = &mut self.others;
        tell_of_rest(&mut self.store, &mut |orders| others.dsp(orders))
    }
}
