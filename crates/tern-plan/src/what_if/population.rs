//! What a population is, as far as figures depend on it: told with every comparison, so that nobody reads a figure without it.

use std::collections::BTreeSet;

use serde::Serialize;
use tern_model::{GroupId, InstallationState};

use super::Share;
use crate::engine::Input;
use crate::estate::InstallationIx;

/// An estate in numbers, as it was described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Population {
    /// Installations with Active Meters alone.
    pub active: Share,
    /// Installations with both.
    pub mixed: Share,
    /// Installations with Dormant Meters alone.
    pub dormant: Share,
    /// Installations of the FOC cohort.
    pub foc: Share,
    /// Meters in all.
    pub meters: u64,
    /// Responsible Suppliers.
    pub suppliers: u64,
}

impl Population {
    pub(super) fn of(input: &Input<'_>) -> Population {
        let estate = input.estate;
        let none = Share::default();
        let suppliers: BTreeSet<_> = estate.meters().iter().map(|meter| meter.supplier).collect();
        let mut told = Population {
            active: none,
            mixed: none,
            dormant: none,
            foc: none,
            meters: estate.meters().len() as u64,
            suppliers: suppliers.len() as u64,
        };
        for (at, installation) in estate.installations().iter().enumerate() {
            let state = estate.state(InstallationIx::of(at));
            told.active.add(state == InstallationState::Active);
            told.mixed.add(state == InstallationState::Mixed);
            told.dormant.add(state == InstallationState::Dormant);
            told.foc.add(GroupId::FOC.contains(&installation.group));
        }
        told
    }
}
