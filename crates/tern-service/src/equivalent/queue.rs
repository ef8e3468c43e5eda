//! Requests that wait for the S1SP, and installations that are spoken to: one conversation at a time with each.

use std::collections::{HashSet, VecDeque};

use tern_model::ChfIdentifier;
use tern_requests::machine::RequestKey;

use super::RequestDesk;
use crate::fault::ServiceFault;

/// So many requests are looked at for one whose installation is free.
const LOOKED_AT: usize = 256;

/// A request that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) key: RequestKey,
    /// Whether somebody had it before.
    pub(super) is_taken_up: bool,
    /// Why it waits, as the operator was told.
    why: Option<String>,
}

impl Waiting {
    /// One that is new.
    pub(super) fn of(key: RequestKey) -> Waiting {
        Waiting { key, is_taken_up: false, why: None }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    busy: HashSet<ChfIdentifier>,
    /// What the operator was told last.
    told: Option<String>,
}

impl Queue {
    /// With what an earlier start left open.
    pub(super) fn of(open: Vec<RequestKey>) -> Queue {
        let waiting = open.into_iter().map(|key| Waiting { is_taken_up: true, ..Waiting::of(key) }).collect();
        Queue { waiting, ..Queue::default() }
    }

    /// Has one wait at the end.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
    }

    /// Has one wait that failed; what to say of it, once for each reason.
    pub(super) fn failed(&mut self, mut waiting: Waiting, fault: &ServiceFault) -> Option<String> {
        let why = fault.to_string();
        let is_known = [&waiting.why, &self.told].into_iter().any(|told| told.as_ref() == Some(&why));
        let words = format!("the request {} waits: {why}", waiting.key);
        (waiting.why, self.told) = (Some(why.clone()), Some(why));
        self.wait(waiting);
        (!is_known).then_some(words)
    }

    /// An installation is spoken to from now on; `false` where it was already.
    pub(super) fn take(&mut self, chf: ChfIdentifier) -> bool {
        self.busy.insert(chf)
    }

    /// An installation is spoken to no more.
    pub(super) fn free(&mut self, chf: ChfIdentifier) {
        self.busy.remove(&chf);
    }
}

impl RequestDesk<'_> {
    /// The first request whose installation is not spoken to; it is, from now on.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) fn next(&self) -> Result<Option<(Waiting, Option<ChfIdentifier>)>, ServiceFault> {
        let keys: Vec<_> = self.queue().waiting.iter().map(|waiting| waiting.key).take(LOOKED_AT).collect();
        for key in keys {
            let chf = self.chf_of(key.device())?;
            let mut queue = self.queue();
            if chf.is_some_and(|chf| queue.busy.contains(&chf)) {
                continue;
            }
            // Another thread may have it by now.
            let Some(at) = queue.waiting.iter().position(|waiting| waiting.key == key) else { continue };
            let Some(waiting) = queue.waiting.remove(at) else { continue };
            queue.busy.extend(chf);
            return Ok(Some((waiting, chf)));
        }
        Ok(None)
    }
}
