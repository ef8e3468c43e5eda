//! Installations that could be migrated, in the order in which each supplier's are taken (PL12), and who of them is taken on a
//! day (PL13).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tern_model::GroupId;

use super::near::AT_ONCE;
use super::state::{Consent, Course, Preparation, Waiting};
use super::{At, Planner, short};
use crate::estate::{InstallationIx, SupplierIx};
use crate::plan::{Dormancy, What};
use crate::share::{Demand, allot};

/// Those that wait, by the supplier of whose share they are.
#[derive(Debug, Default)]
pub(super) struct Queue {
    by_supplier: BTreeMap<SupplierIx, BTreeSet<(u8, Date, u32)>>,
}

impl Queue {
    fn add(&mut self, at: At, waiting: Waiting) {
        let Waiting { supplier, rank, since } = waiting;
        self.by_supplier.entry(supplier).or_default().insert((rank, since, short(at)));
    }

    fn remove(&mut self, at: At, waiting: Waiting) {
        let Waiting { supplier, rank, since } = waiting;
        if let Some(of_supplier) = self.by_supplier.get_mut(&supplier) {
            of_supplier.remove(&(rank, since, short(at)));
        }
    }

    fn first(&self, supplier: SupplierIx, count: u32) -> Vec<u32> {
        let waiting = self.by_supplier.get(&supplier).into_iter().flatten();
        waiting.take(count as usize).map(|(_, _, at)| *at).collect()
    }
}

/// How many places a day a supplier wants at most, from which day on.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// By day; each holds until the next one.
    from: BTreeMap<Date, u32>,
}

impl Wanted {
    /// Replaces whatever was said of that day and those after it.
    pub(super) fn say(&mut self, from: Date, wanted: u32) {
        let _ = self.from.split_off(&from);
        self.from.insert(from, wanted);
    }

    fn on(&self, day: Date) -> Option<u32> {
        self.from.range(..=day).next_back().map(|(_, wanted)| *wanted)
    }
}

impl Planner<'_> {
    /// Puts an installation into the queue, or takes it out, by whether it could be migrated today.
    pub(super) fn line_up(&mut self, at: At) {
        let before = self.states[at].waiting;
        let now = self.could_migrate(at).then(|| {
            let state = &self.states[at];
            let recent = state.dormancy == Dormancy::Recent && matches!(state.consent, Consent::Notice { .. });
            let since = before.map_or(self.day(), |waiting| waiting.since);
            Waiting { supplier: state.meters[0].supplier, rank: u8::from(!recent), since }
        });
        if now == before {
            return;
        }
        if let Some(waiting) = before {
            self.queue.remove(at, waiting);
        }
        if let Some(waiting) = now {
            self.queue.add(at, waiting);
        }
        self.states[at].waiting = now;
        if before.is_none() {
            self.tell(at, What::Ready);
        }
    }

    /// Whether nothing but capacity keeps it from being migrated today.
    fn could_migrate(&self, at: At) -> bool {
        let (day, state) = (self.day(), &self.states[at]);
        let consent = match state.consent {
            Consent::None => false,
            Consent::Notice { earliest } => earliest <= day,
            Consent::Authorised { since } => since < day,
        };
        state.course == Course::Open
            && consent
            && self.today.covers(self.group(at))
            && state.blocked_until.is_none_or(|until| until <= day)
            && state.not_before.is_none_or(|from| from <= day)
            && state.preparation == Preparation::None
            && state.prepared.is_none_or(|on| on < day)
            && !self.is_to_be_configured(at)
            && self.epcl.approves(&state.combination)
    }

    /// Shares a day's capacity among those whose suppliers want more than they have, less the places that are taken, and attempts those who get a place.
    pub(super) fn allot(&mut self, capacity: u32) {
        let held = self.taken.get(&self.day()).cloned().unwrap_or_default();
        let left = capacity.saturating_sub(held.values().sum());
        let waiting = self.queue.by_supplier.iter().filter(|(_, waiting)| !waiting.is_empty());
        let waiting: Vec<(SupplierIx, u32)> = waiting.map(|(supplier, of)| (*supplier, short(of.len()))).collect();
        let demand = |(supplier, waiting): &(SupplierIx, u32)| {
            let held = held.get(supplier).copied().unwrap_or_default();
            let wanted = self.wanted.get(supplier).and_then(|wanted| wanted.on(self.day()));
            Demand {
                supplier: self.input.estate.catalogue().supplier_id(*supplier),
                waiting: wanted.map_or(*waiting, |wanted| wanted.saturating_sub(held).min(*waiting)),
                held,
            }
        };
        let demands: Vec<Demand> = waiting.iter().map(demand).collect();
        let shares = allot(left, self.input.assumptions.dmin_a_day, &demands);
        for ((supplier, _), share) in waiting.into_iter().zip(shares) {
            for some in self.queue.first(supplier, share).chunks(AT_ONCE) {
                self.fetch(some);
                some.iter().for_each(|at| self.put_forward(*at as At));
            }
        }
    }

    /// Takes an installation out of the queue and onto today's places.
    pub(super) fn put_forward(&mut self, at: At) {
        if let Some(waiting) = self.states[at].waiting.take() {
            self.queue.remove(at, waiting);
            self.attempt(at, waiting.supplier);
        }
    }

    pub(super) fn group(&self, at: At) -> GroupId {
        self.input.estate.installation(self.installation(at)).group
    }

    pub(super) fn installation(&self, at: At) -> InstallationIx {
        self.installations[at]
    }
}
