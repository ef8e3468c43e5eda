//! The meters that the S1SP commissioned, from its store, a page at a time.

use tern_flow::State;
use tern_model::{Fuel, GasOutcome, Outcome, london_day};
use tern_rules::duties::EnrolledMeter;
use tern_store::StoreView;

use crate::executor::{InstallationRecord, KIND as MIGRATION};
use crate::fault::ServiceFault;

/// Records read at once.
const PAGE: usize = 500;

/// Tells of every meter, in the order of their hubs.
pub(super) fn each<E: From<ServiceFault>>(
    s1sp: &dyn StoreView,
    mut tell: impl FnMut(EnrolledMeter) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<String> = None;
    loop {
        let page = s1sp.scan(MIGRATION, after.as_deref(), PAGE).map_err(ServiceFault::from)?;
        for (_, record) in &page {
            let record = InstallationRecord::read(record)?;
            for meter in meters(&record) {
                tell(meter)?;
            }
        }
        match page.into_iter().last() {
            Some((last, _)) => after = Some(last),
            None => return Ok(()),
        }
    }
}

/// The meters of an installation that is commissioned. A gas meter that was left behind is not: it stays with the SMSO (CH9).
fn meters(record: &InstallationRecord) -> Vec<EnrolledMeter> {
    let Some(Outcome::Commissioned { gas }) = record.migration.outcome() else { return Vec::new() };
    debug_assert_eq!(record.migration.state, State::Commissioned);
    let plan = &record.plan;
    let gsme = plan.gsme.as_ref().filter(|_| gas == GasOutcome::Migrated).map(|g| (Fuel::Gas, g.expected.device));
    let enrolled = |(fuel, device)| {
        let supply = plan.supplies.iter().find(|supply| supply.meter == device);
        EnrolledMeter {
            chf: plan.chf,
            set: plan.set,
            fuel,
            device,
            mpxn: supply.map(|supply| supply.mpxn.clone()),
            state: supply.map(|supply| supply.state),
            commissioned: london_day(record.updated),
        }
    };
    std::iter::once((Fuel::Electricity, plan.esme.device)).chain(gsme).map(enrolled).collect()
}
