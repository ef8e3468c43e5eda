//! Cohorts: which steps an installation takes, and how each is asked of devices, DCO and DSP.
//!
//! One trait, one folder a cohort, one line in the registry. Whatever is peculiar to a cohort lives in its folder; this
//! crate must never open a store, hold a role's keys beyond one call, or decide what happens after a step: that is the
//! machine's (`tern-flow`).

mod appendix_a;
mod associations;
mod case;
mod cohort;
pub mod device;
mod firmware;
mod foc;
mod ioc;
mod moc_mds;
mod moc_secure;
mod shared;
mod site;
mod tasks;

pub use associations::{DeviceAssociations, Opened, SiteAssociations, associations};
pub use case::{Case, Expected, FilledTransfer, GasMeter, Keys, Memory, PinRevision, Plan, Supply};
pub use cohort::{Answer, Asked, Cohort, Counted, Heard, Order};
pub use firmware::{Firmware, FirmwareError, FirmwareStage, Recipient};
pub use site::{Identity, Opening, Premises, Site, Transactions, Transport};
pub use tasks::{Addressee, Conditions, NotInstructed};

use tern_model::GroupId;

/// The registry: the folder of each cohort, by its longest table.
#[must_use]
pub fn cohort(group: GroupId) -> &'static dyn Cohort {
    match group.cohort().value {
        tern_model::Cohort::Ioc => ioc::table_of(group),
        tern_model::Cohort::MocMds => &moc_mds::MOC_MDS,
        tern_model::Cohort::MocSecure => &moc_secure::MOC_SECURE,
        tern_model::Cohort::Foc => &foc::FOC,
    }
}

/// The cohort that an installation goes by, from its first step to its last: what its plan has no part in is not among its
/// steps.
#[must_use]
pub fn cohort_of(plan: &Plan) -> &'static dyn Cohort {
    match plan.set.group.cohort().value {
        tern_model::Cohort::Ioc if plan.pin_revision.is_none() => &ioc::IOC,
        _ => cohort(plan.set.group),
    }
}

#[cfg(test)]
mod tests;
