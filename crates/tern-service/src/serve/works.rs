//! What goes on behind the door: sets are judged in the order in which they were handed in, and what goes on is commissioned.
//!
//! All parties are in this process, each with its own store and keys. A set is judged by `System::take`, as `tern migrate` has
//! it; the S1SP's executor is the one of a role of its own, and asks DCO and DSP between two sets.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tern_model::{DeviceId, SetId};
use tern_wire::role_link::{DcoOrder, DcoReply, InventoryOrder, LinkRefusal};

use super::submissions::{Judged, Submissions};
use crate::System;
use crate::equivalent::AtDco;
use crate::fault::ServiceFault;
use crate::lanes::{Devices, InProcess};
use crate::links::tls::Trusted;
use crate::parties::SetTaken;
use crate::roles::Hands;
use crate::roles::bell::Pause;
use crate::roles::courier::Complaint;
use crate::roles::renewal::Records;
use crate::roles::work::{DspReplies, OnLanes, ToOthers};
use crate::set_files::SetFolder;

/// How long it waits for a set before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// All parties, and what is read again while they run.
#[derive(Clone, Copy)]
pub(super) struct House<'a> {
    pub(super) system: &'a Mutex<System>,
    pub(super) trusted: &'a Trusted,
    pub(super) records: &'a Records,
}

impl House<'_> {
    /// The parties, which go by what is on disk now.
    fn held(&self) -> MutexGuard<'_, System> {
        let mut system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        system.renew(&self.trusted.now(), &self.records.now());
        system
    }
}

impl AtDco for House<'_> {
    fn ask(&self, order: DcoOrder) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault> {
        let mut system = self.held();
        let now = system.shared.clock.now();
        let answer = system.dco.obey(&[order], now)?.pop();
        answer.ok_or_else(|| ServiceFault::Body("the DCO gave no answer".to_owned()))
    }

    fn forget_credentials(&self, meters: &[DeviceId]) -> Result<(), ServiceFault> {
        let mut system = self.held();
        let now = system.shared.clock.now();
        system.dco.forget_credentials(meters, now)
    }
}

impl ToOthers for House<'_> {
    fn with_lanes(&mut self, devices: &mut dyn Devices, run: OnLanes<'_>) -> Result<(), ServiceFault> {
        let clock = self.held().shared.clock.clone();
        let mut obey_dco = |orders: &[_], now| self.held().dco.obey(orders, now);
        let mut obey_dsp = |orders: &[_]| obeyed(&mut self.held(), orders);
        run(&mut InProcess::new(devices, &mut obey_dco, &mut obey_dsp, &*clock))
    }

    fn dsp(&mut self, orders: &[InventoryOrder]) -> Result<DspReplies, ServiceFault> {
        obeyed(&mut self.held(), orders)
    }
}

/// What the DSP answers the S1SP.
fn obeyed(system: &mut System, orders: &[InventoryOrder]) -> Result<DspReplies, ServiceFault> {
    system.dsp.obey(system.s1sp.signer().certificate().party(), orders)
}

/// Judges sets until it is stopped. One that cannot be judged now waits, and the others go on.
///
/// # Errors
/// A store failed, or the folder of submissions: the next start goes on.
pub(super) fn judge(house: House<'_>, submissions: &Submissions, hands: Hands<'_>) -> Result<(), ServiceFault> {
    // What an earlier run left between the parties comes first.
    house.held().deliver()?;
    let (mut complaint, mut pause, mut wait) = (Complaint::new(hands.say), Pause::new(), BTreeSet::new());
    while !hands.halt.is_asked() {
        let seen = hands.bells.sets.rung();
        let Some((set, folder)) = submissions.next(&wait)? else {
            let at_most = if wait.is_empty() { LOOK } else { pause.next() };
            wait.clear();
            hands.bells.sets.wait(seen, at_most);
            continue;
        };
        match judged(house, (set, &folder), hands) {
            Ok(judged) => {
                submissions.judged(set, judged)?;
                complaint.works("sets are judged again");
                pause = Pause::new();
                hands.bells.sets.ring();
            }
            Err(fault @ ServiceFault::Store(_)) => return Err(fault),
            Err(fault) => {
                complaint.fails(&set.to_string(), &fault);
                wait.insert(set);
            }
        }
    }
    Ok(())
}

/// What the DSP says of a set; where it took it in, the other parties have it too.
fn judged(house: House<'_>, (set, folder): (SetId, &SetFolder), hands: Hands<'_>) -> Result<Judged, ServiceFault> {
    let mut system = house.held();
    let (words, refused) = match system.take(folder)? {
        SetTaken::Refused(verdicts) => ("refused", verdicts.refusals()),
        SetTaken::Known { .. } => ("known", Vec::new()),
        SetTaken::Accepted { .. } => ("taken in", Vec::new()),
    };
    (hands.say)(&format!("{set} {words}"));
    Ok(Judged { at: system.shared.clock.now(), refused })
}
