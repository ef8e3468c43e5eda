//! A dated event about an estate, with everything that it names found.

use jiff::civil::Date;
use tern_flow::early_firmware::EntryEvent;
use tern_model::MeterState;
use tern_model::facts::{ExclusionCategory, PaymentMode};

use crate::assumptions::AfterChange;

use super::Estate;
use super::ids::{DeviceIx, EntryIx, InstallationIx, MeterIx, ModelIx, NameIx, SupplierIx};

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The day on which it is known.
    pub on: Date,
    /// Its row in `events.csv`, so that a reason can point at it; 0 where it did not come from a file.
    pub row: u32,
    /// What happened.
    pub what: What,
}

impl Event {
    /// The installation that it is about; none where it is about an entry, a version or a document.
    #[must_use]
    pub fn installation(&self, estate: &Estate) -> Option<InstallationIx> {
        match self.what {
            What::ChangeOfSupplier { meter, .. } | What::Service { meter, .. } | What::PaymentMode { meter, .. } => {
                estate.meters().get(meter.at()).map(|meter| meter.installation)
            }
            What::FirmwareDone { device, .. } => estate.devices().get(device.at()).map(|device| device.installation),
            What::SmsoConfigured { installation }
            | What::CertificatesSupplied { installation, .. }
            | What::Authorised { installation, .. }
            | What::SupplierChangeDecision { installation, .. }
            | What::AttemptFailed { installation, .. }
            | What::Excluded { installation, .. }
            | What::ExclusionEnded { installation, .. } => Some(installation),
            What::DocumentDesignated { .. }
            | What::Demand { .. }
            | What::Entry { .. }
            | What::Path { .. }
            | What::OperabilityConfirmed { .. } => None,
        }
    }
}

/// What happened; [`tern_model::estate::EventKind`] says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Registration Data shows a change of Responsible Supplier.
    ChangeOfSupplier {
        /// Where.
        meter: MeterIx,
        /// Who gains the meter.
        supplier: SupplierIx,
        /// The day at whose beginning the change takes effect.
        effective: Date,
    },
    /// A meter is an Active or a Dormant Meter from this day on.
    Service {
        /// Which.
        meter: MeterIx,
        /// What it is.
        service: MeterState,
    },
    /// A meter is in another Payment Mode from this day on.
    PaymentMode {
        /// Which.
        meter: MeterIx,
        /// The mode.
        mode: PaymentMode,
    },
    /// A version of a document is designated.
    DocumentDesignated {
        /// The version.
        document: NameIx,
        /// First day in force.
        effective: Date,
    },
    /// Something happened to an entry of the EPCL.
    Entry {
        /// Which.
        entry: EntryIx,
        /// What.
        step: EntryStep,
        /// What is said of a defect.
        why: Option<NameIx>,
    },
    /// A manufacturer's path.
    Path {
        /// Where it begins.
        from: ModelIx,
        /// Where it ends.
        to: ModelIx,
    },
    /// A version can be operated on an SMSO (4.33).
    OperabilityConfirmed {
        /// The Installing Supplier that says so.
        supplier: SupplierIx,
        /// The SMSO.
        smso: NameIx,
        /// The version.
        version: ModelIx,
    },
    /// The SMSO's configuration is done (15.2).
    SmsoConfigured {
        /// Of which installation.
        installation: InstallationIx,
    },
    /// A device's upgrade is complete.
    FirmwareDone {
        /// Which device.
        device: DeviceIx,
        /// What is on it now.
        model: ModelIx,
    },
    /// A supplier gave its certificates (PL11).
    CertificatesSupplied {
        /// For which installation.
        installation: InstallationIx,
        /// Who.
        supplier: SupplierIx,
    },
    /// A supplier authorises a migration (PL5).
    Authorised {
        /// Of which installation.
        installation: InstallationIx,
        /// Who.
        supplier: SupplierIx,
        /// First day on which it may be migrated.
        from: Date,
        /// Last one, included; none where it does not end.
        until: Option<Date>,
    },
    /// It is decided what is done when the Responsible Supplier changes after a notice (PL3).
    SupplierChangeDecision {
        /// With which installation.
        installation: InstallationIx,
        /// What.
        after: AfterChange,
    },
    /// A supplier says how many places a day it wants (PL13).
    Demand {
        /// Who.
        supplier: SupplierIx,
        /// So many at most.
        wanted: u32,
        /// The first day of which that is said.
        from: Date,
    },
    /// An attempt to migrate had no success (PL14).
    AttemptFailed {
        /// Which installation.
        installation: InstallationIx,
        /// Why, as far as it is told.
        why: Option<NameIx>,
    },
    /// An installation, or its gas meter alone, is in an excluded category (PL14).
    Excluded {
        /// Which installation.
        installation: InstallationIx,
        /// The category.
        category: ExclusionCategory,
        /// What supports it.
        evidence: NameIx,
        /// Who terminated the service, for [`ExclusionCategory::SupplierTerminated`] alone.
        supplier: Option<SupplierIx>,
    },
    /// It is no longer.
    ExclusionEnded {
        /// Which installation.
        installation: InstallationIx,
        /// The category.
        category: ExclusionCategory,
    },
}

/// What happens to an entry on its way to the EPCL (PL6, PL8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryStep {
    /// It is planned.
    Planned,
    /// It is paused.
    Paused,
    /// It is approved.
    Approved,
    /// It will not be approved.
    NotApproved,
    /// Migration Testing and SIT are done.
    TestsDone,
    /// TAG confirms that tests are complete.
    TagConfirmed,
    /// The DMCT EPCL Report is published.
    DmctReport,
    /// TAG disputes it.
    DisputeRaised,
    /// The dispute is resolved.
    DisputeResolved,
    /// A defect is found.
    Defect,
}

/// What each step is to the machine of an entry. To be planned is where an entry begins; said again, it goes on as planned.
impl From<EntryStep> for EntryEvent {
    fn from(step: EntryStep) -> EntryEvent {
        match step {
            EntryStep::Planned => EntryEvent::Resumed,
            EntryStep::Paused => EntryEvent::Paused,
            EntryStep::Approved => EntryEvent::Approved,
            EntryStep::NotApproved => EntryEvent::NotApproved,
            EntryStep::TestsDone => EntryEvent::TestsDone,
            EntryStep::TagConfirmed => EntryEvent::TagConfirmed,
            EntryStep::DmctReport => EntryEvent::ReportPublished,
            EntryStep::DisputeRaised => EntryEvent::DisputeRaised,
            EntryStep::DisputeResolved => EntryEvent::DisputeResolved,
            EntryStep::Defect => EntryEvent::Defect,
        }
    }
}
