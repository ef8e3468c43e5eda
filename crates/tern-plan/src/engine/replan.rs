//! Planning again after events, for the installations alone that they touch.
//!
//! Everybody else keeps the day that the parent plan gives. What was done before the events were known stays done: days of
//! the parent plan are the days on which its installations came forward (AC6).

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use super::epcl::Hardware;
use super::{Input, Planner};
use crate::estate::{Estate, Event, HardwareIx, InstallationIx, SupplierIx, What as Happened};
use crate::plan::{Plan, Step, Taken, What};

/// Whom events concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// In order, each once.
    pub installations: Vec<InstallationIx>,
    /// The first day on which one of the events is known.
    pub from: Option<Date>,
}

/// What planning again has changed.
#[derive(Debug, Clone)]
pub struct Replan {
    /// The new stories, of touched installations alone.
    pub stories: Vec<(InstallationIx, Vec<Step>)>,
    /// Places taken, by everybody.
    pub taken: Taken,
}

/// Whom `new` events concern: an installation, all that are like the one that an entry, a path or a confirmation speaks of,
/// or a supplier's share, which `known` events, the new ones among them, have a part in.
pub(super) fn touched_by(estate: &Estate, known: &[Event], new: &[Event]) -> Touched {
    let mut touched = BTreeSet::new();
    let catalogue = estate.catalogue();
    for event in new {
        match event.what {
            Happened::Entry { entry, .. } => {
                // What is equivalent to it rests on its tests.
                let rests = |at: usize| at == entry.at() || estate.entries()[at].equivalent_to == Some(entry);
                let resting = (0..estate.entries().len()).filter(|at| rests(*at));
                let like: HashSet<Hardware> =
                    resting.map(|at| Hardware::of(catalogue, &estate.entries()[at].combination)).collect();
                touched.extend(every(estate, |of| like.contains(of)));
            }
            Happened::Path { from: version, .. } | Happened::OperabilityConfirmed { version, .. } => {
                let hardware: HardwareIx = catalogue.hardware_of(version);
                touched.extend(every(estate, |of| of.has(hardware)));
            }
            Happened::Demand { supplier, .. } => touched.extend(share_of(estate, known, supplier)),
            // The rules are everybody's.
            Happened::DocumentDesignated { .. } => {
                touched.extend((0..estate.installations().len()).map(InstallationIx::of));
            }
            // Moves no day.
            Happened::PaymentMode { .. } => {}
            _ => touched.extend(event.installation(estate)),
        }
    }
    let from = new.iter().map(|event| event.on).min();
    Touched { installations: touched.into_iter().collect(), from }
}

fn every(estate: &Estate, like: impl Fn(&Hardware) -> bool) -> Vec<InstallationIx> {
    let all = (0..estate.installations().len()).map(InstallationIx::of);
    all.filter(|of| like(&Hardware::of(estate.catalogue(), &estate.combination(*of)))).collect()
}

/// The installations that are, or come to be, of a supplier's share: those whose electricity meter it has, or gains.
fn share_of(estate: &Estate, known: &[Event], supplier: SupplierIx) -> Vec<InstallationIx> {
    let electricity = |of: InstallationIx| estate.meters_of(of).first();
    let gained = known.iter().filter_map(|event| match event.what {
        Happened::ChangeOfSupplier { meter, supplier: to, .. } if to == supplier => estate.meters().get(meter.at()),
        _ => None,
    });
    let gained = gained.filter(|meter| electricity(meter.installation).is_some_and(|own| own.device == meter.device));
    let all = (0..estate.installations().len()).map(InstallationIx::of);
    let has = all.filter(|of| electricity(*of).is_some_and(|meter| meter.supplier == supplier));
    has.chain(gained.map(|meter| meter.installation)).collect()
}

/// What a parent plan has done with the touched installations, and which places it has given to everybody.
#[derive(Debug, Clone)]
pub struct Parent {
    /// Its last day: those behind it are planned for the first time.
    pub last: Date,
    /// Places taken.
    pub taken: Taken,
    /// Each day on which a touched installation came forward, with the supplier of whose share its place was; without one
    /// where it left.
    pub came: Vec<(InstallationIx, Date, Option<SupplierIx>)>,
}

impl Parent {
    /// What a plan has done.
    #[must_use]
    pub fn of(plan: &Plan, touched: &Touched) -> Parent {
        let mut came = Vec::new();
        for installation in &touched.installations {
            for step in plan.story(*installation) {
                match step.what {
                    What::Migration(supplier) => came.push((*installation, step.day, Some(supplier))),
                    What::Left { .. } => came.push((*installation, step.day, None)),
                    _ => {}
                }
            }
        }
        Parent { last: plan.period.last, taken: plan.taken().clone(), came }
    }
}

impl Input<'_> {
    /// Plans the touched installations again, where `self` has all events, those of the parent plan and the new ones. Places
    /// of the others are theirs; what the parent plan left free, its reserve too, is given away. Of days that the parent plan
    /// does not reach the reserve is kept, as in any plan.
    #[must_use]
    pub fn replan(&self, parent: Parent, touched: &Touched) -> Replan {
        let from = touched.from.unwrap_or(self.period.first);
        let mut planner = Planner::new(*self, touched.installations.clone());
        planner.taken = parent.taken;
        let mut came: HashMap<Date, Vec<usize>> = HashMap::new();
        for (installation, day, supplier) in parent.came {
            let Some(at) = planner.at(installation) else { continue };
            if let Some(supplier) = supplier {
                free(&mut planner.taken, day, supplier);
            }
            if day < from {
                came.entry(day).or_default().push(at);
            }
        }
        planner.run(|planner, day| {
            if day < from {
                came.get(&day).into_iter().flatten().for_each(|at| planner.put_forward(*at));
            } else if day <= parent.last {
                planner.allot(self.assumptions.capacity_a_day);
            } else {
                planner.allot(self.places_to_plan());
            }
        });
        let Planner { installations, log, taken, .. } = planner;
        let stories = log.into_stories(installations.len(), |at| at as usize);
        let stories = installations.into_iter().zip(stories.iter().map(<[Step]>::to_vec)).collect();
        Replan { stories, taken }
    }
}

/// Gives a place back.
fn free(taken: &mut Taken, day: Date, supplier: SupplierIx) {
    if let Some(count) = taken.get_mut(&day).and_then(|of_day| of_day.get_mut(&supplier)) {
        *count = count.saturating_sub(1);
    }
}

impl Plan {
    /// The plan in which the touched installations have their new stories.
    #[must_use]
    pub fn after(mut self, replan: Replan) -> Plan {
        let new: HashMap<usize, Vec<Step>> =
            replan.stories.into_iter().map(|(installation, story)| (installation.at(), story)).collect();
        let all = self.stories.iter().enumerate();
        self.stories = all.map(|(at, story)| new.get(&at).map_or(story, Vec::as_slice)).collect();
        self.taken = replan.taken;
        self
    }
}
