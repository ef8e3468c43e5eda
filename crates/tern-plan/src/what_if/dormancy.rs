//! Since when an installation could be planned, or was last without an Active Meter: from there on its customer waits.

use jiff::civil::Date;
use tern_model::MeterState;

use crate::engine::Input;
use crate::estate::{Estate, InstallationIx, MeterIx, What};

/// The days on which an installation began to wait, in order: the period's first, and each on which its last Active Meter
/// became dormant.
#[derive(Debug, Clone)]
pub(super) struct Since {
    first: Date,
    /// Few installations become dormant in a period.
    dormant: Vec<Date>,
}

impl Since {
    /// The last of the days that lies before a migration.
    pub(super) fn before(&self, migration: Date) -> Date {
        self.dormant.iter().rev().copied().find(|day| *day <= migration).unwrap_or(self.first)
    }
}

/// Of every installation, in the estate's order.
pub(super) fn since(input: &Input<'_>) -> Vec<Since> {
    let estate = input.estate;
    let mut active: Vec<bool> = estate.meters().iter().map(|meter| meter.service == MeterState::Active).collect();
    let waiting = Since { first: input.period.first, dormant: Vec::new() };
    let mut since = vec![waiting; estate.installations().len()];
    for event in input.events {
        let What::Service { meter, service } = event.what else { continue };
        let installation = estate.meters()[meter.at()].installation;
        let was = is_active(estate, &active, installation);
        active[meter.at()] = service == MeterState::Active;
        if was && !is_active(estate, &active, installation) && event.on > input.period.first {
            since[installation.at()].dormant.push(event.on);
        }
    }
    since
}

fn is_active(estate: &Estate, active: &[bool], installation: InstallationIx) -> bool {
    let meters = estate.meters_of(installation).iter();
    meters.filter_map(|meter| estate.meter_of(meter.device)).any(|meter: MeterIx| active[meter.at()])
}
