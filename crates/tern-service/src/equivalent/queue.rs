//! Requests that wait for the S1SP, and installations that are spoken to: one conversation at a time with each.

use std::collections::{HashSet, VecDeque};

use tern_model::ChfIdentifier;
use tern_requests::machine::RequestKey;

use crate::fault::ServiceFault;

/// A request that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) key: RequestKey,
    /// The installation that is spoken to for it; none where none is served here.
    chf: Option<ChfIdentifier>,
    /// Whether somebody had it before.
    pub(super) is_taken_up: bool,
    /// Why it waits, as the operator was told.
    why: Option<String>,
}

impl Waiting {
    /// One that is new, for an installation.
    pub(super) fn of(key: RequestKey, chf: Option<ChfIdentifier>) -> Waiting {
        Waiting { key, chf, is_taken_up: false, why: None }
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

    /// The first request whose installation is not spoken to; it is, from now on.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        let is_free = |waiting: &Waiting| waiting.chf.is_none_or(|chf| !self.busy.contains(&chf));
        let waiting = self.waiting.iter().position(is_free).and_then(|at| self.waiting.remove(at))?;
        self.busy.extend(waiting.chf);
        Some(waiting)
    }

    /// A request is carried out no more: its installation is spoken to no more.
    pub(super) fn done(&mut self, waiting: &Waiting) {
        if let Some(chf) = waiting.chf {
            self.free(chf);
        }
    }
}
