//! Dated events about an estate: one closed list of kinds, and which cells each kind has, as data.

use jiff::civil::Date;

use crate::facts::SourceRow;
use crate::{ChfIdentifier, DeviceId, Mpxn, PartyId};

/// A cell by which an event says what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventCell {
    /// The hub that names the installation.
    Chf,
    /// A device.
    Device,
    /// A metering point.
    Mpxn,
    /// The short name of an entry.
    Entry,
    /// A supplier.
    Supplier,
    /// The name of an SMSO.
    Smso,
    /// A version of a document.
    Document,
    /// A device's manufacturer.
    Manufacturer,
    /// A device's model.
    Model,
    /// A firmware version.
    Firmware,
    /// What else the event says.
    Value,
    /// The day from which it holds.
    Effective,
}

impl EventCell {
    /// Every cell, in the order of the columns.
    pub const ALL: [EventCell; 12] = [
        EventCell::Chf,
        EventCell::Device,
        EventCell::Mpxn,
        EventCell::Entry,
        EventCell::Supplier,
        EventCell::Smso,
        EventCell::Document,
        EventCell::Manufacturer,
        EventCell::Model,
        EventCell::Firmware,
        EventCell::Value,
        EventCell::Effective,
    ];

    /// Its column.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            EventCell::Chf => "chf_identifier",
            EventCell::Device => "device_id",
            EventCell::Mpxn => "mpxn",
            EventCell::Entry => "entry",
            EventCell::Supplier => "supplier_id",
            EventCell::Smso => "smso",
            EventCell::Document => "document",
            EventCell::Manufacturer => "manufacturer",
            EventCell::Model => "model",
            EventCell::Firmware => "firmware",
            EventCell::Value => "value",
            EventCell::Effective => "effective",
        }
    }
}

/// Declares the kinds: variant, word, what it says, the cells that it needs, and those that it may have.
macro_rules! event_kinds {
    ($($variant:ident $word:literal, $doc:literal, [$($needs:ident),*], [$($may:ident),*];)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind {
            $(#[doc = $doc] $variant,)+
        }

        impl EventKind {
            /// Every kind, in the order of the reference page.
            pub const ALL: [EventKind; [$($word),+].len()] = [$(EventKind::$variant),+];

            /// The word in files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(EventKind::$variant => $word,)+
                }
            }

            /// What it says.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self {
                    $(EventKind::$variant => $doc,)+
                }
            }

            /// The cells without which it says nothing.
            #[must_use]
            pub fn needs(self) -> &'static [EventCell] {
                match self {
                    $(EventKind::$variant => &[$(EventCell::$needs),*],)+
                }
            }

            /// The cells that it may have besides; any other is a fault.
            #[must_use]
            pub fn may_have(self) -> &'static [EventCell] {
                match self {
                    $(EventKind::$variant => &[$(EventCell::$may),*],)+
                }
            }
        }
    };
}

event_kinds! {
    ChangeOfSupplier "change-of-supplier",
        "Registration Data shows that `supplier_id` becomes the metering point's Responsible Supplier at the beginning of `effective`.",
        [Mpxn, Supplier, Effective], [];
    MeterActive "meter-active", "From this day on the meter is an Active Meter.", [Device], [];
    MeterDormant "meter-dormant", "From this day on the meter is a Dormant Meter.", [Device], [];
    PaymentMode "payment-mode", "From this day on the meter is in the Payment Mode `value`: `credit` or `prepayment`.",
        [Device, Value], [];
    DocumentDesignated "document-designated", "The version `document` is designated and in force from `effective` on.",
        [Document, Effective], [];
    EpclPlanned "epcl-planned", "The entry is planned for the EPCL.", [Entry], [];
    EpclPaused "epcl-paused", "The entry is paused (PL8).", [Entry], [];
    EpclApproved "epcl-approved", "The Secretary of State approves the entry.", [Entry], [];
    EpclNotApproved "epcl-not-approved", "The entry will not be approved (PL8).", [Entry], [];
    TestsDone "tests-done", "Migration Testing and SIT of the entry are done.", [Entry], [];
    TagConfirmed "tag-confirmed", "TAG confirms that the entry's tests are complete (PL6 (a)).", [Entry], [];
    DmctReport "dmct-report", "The DMCT EPCL Report that proposes the entry is published (PL6 (b)).", [Entry], [];
    DisputeRaised "dispute-raised", "TAG disputes the entry.", [Entry], [];
    DisputeResolved "dispute-resolved", "TAG's dispute of the entry is resolved.", [Entry], [];
    Defect "defect", "A defect is found in the entry (PL8).", [Entry], [Value];
    Path "path",
        "The manufacturer gives a path: devices of this model with `firmware` can be upgraded to `value` (PL8).",
        [Manufacturer, Model, Firmware, Value], [];
    OperabilityConfirmed "operability-confirmed",
        "The Installing Supplier confirms that the version can be operated on the SMSO (4.33, PL7).",
        [Supplier, Smso, Manufacturer, Model, Firmware], [];
    SmsoConfigured "smso-configured", "The SMSO's configuration of hub and SIM is recorded as done (15.2).", [Chf], [];
    FirmwareDone "firmware-done", "The upgrade of the device to `firmware` is recorded as complete.", [Device, Firmware], [];
    CertificatesSupplied "certificates-supplied", "The supplier gives its certificates for the installation (PL11).",
        [Chf, Supplier], [];
    Authorised "authorised",
        "The supplier authorises the migration, from `effective` on and until `value`, its last day, where those are given (PL5).",
        [Chf, Supplier], [Value, Effective];
    Demand "demand",
        "The supplier wants `value` places a day at most, from `effective` on, 0 for none; a later one replaces it (PL13).",
        [Supplier, Value], [Effective];
    SupplierChangeDecision "supplier-change-decision",
        "It is decided what is done with the installation when its Responsible Supplier changes after a notice, `value`: `go-on` as planned, or `wait` for the change and plan anew (PL3).",
        [Chf, Value], [];
    AttemptFailed "attempt-failed", "An attempt to migrate the installation had no success, for the reason `value` (PL14); `4.26`: a hop under way came to nothing, and begins again after the pause.",
        [Chf], [Value];
    Excluded "excluded",
        "The installation is in the excluded category `value` of clause 18 (PL14); `document` is what supports it. \
         `gas-han-error` binds its gas meter alone. `supplier-terminated` needs `supplier_id`, and its statement as `document`.",
        [Chf, Value, Document], [Supplier];
    ExclusionEnded "exclusion-ended", "The installation is no longer in the excluded category `value`.", [Chf, Value], [Document];
}

/// One event, with the cells that its kind has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// The day on which it is known.
    pub on: Date,
    /// What happened.
    pub kind: EventKind,
    /// The installation.
    pub chf: Option<ChfIdentifier>,
    /// The device.
    pub device: Option<DeviceId>,
    /// The metering point.
    pub mpxn: Option<Mpxn>,
    /// The entry's short name.
    pub entry: Option<String>,
    /// The supplier.
    pub supplier: Option<PartyId>,
    /// The SMSO's name.
    pub smso: Option<String>,
    /// The version of a document.
    pub document: Option<String>,
    /// A device's manufacturer.
    pub manufacturer: Option<String>,
    /// A device's model.
    pub model: Option<String>,
    /// A firmware version.
    pub firmware: Option<String>,
    /// What else it says.
    pub value: Option<String>,
    /// The day from which it holds.
    pub effective: Option<Date>,
}

impl EventRecord {
    /// An event without any cell: its maker adds those that the kind needs.
    #[must_use]
    pub fn new(on: Date, kind: EventKind) -> EventRecord {
        EventRecord {
            row: SourceRow::default(),
            on,
            kind,
            chf: None,
            device: None,
            mpxn: None,
            entry: None,
            supplier: None,
            smso: None,
            document: None,
            manufacturer: None,
            model: None,
            firmware: None,
            value: None,
            effective: None,
        }
    }

    /// Whether it has such a cell.
    #[must_use]
    pub fn has(&self, cell: EventCell) -> bool {
        match cell {
            EventCell::Chf => self.chf.is_some(),
            EventCell::Device => self.device.is_some(),
            EventCell::Mpxn => self.mpxn.is_some(),
            EventCell::Entry => self.entry.is_some(),
            EventCell::Supplier => self.supplier.is_some(),
            EventCell::Smso => self.smso.is_some(),
            EventCell::Document => self.document.is_some(),
            EventCell::Manufacturer => self.manufacturer.is_some(),
            EventCell::Model => self.model.is_some(),
            EventCell::Firmware => self.firmware.is_some(),
            EventCell::Value => self.value.is_some(),
            EventCell::Effective => self.effective.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_may_have_what_it_needs_and_no_word_is_there_twice() {
        for kind in EventKind::ALL {
            assert!(kind.may_have().iter().all(|cell| !kind.needs().contains(cell)), "{}", kind.as_str());
            assert_eq!(EventKind::ALL.iter().filter(|other| other.as_str() == kind.as_str()).count(), 1);
        }
    }
}
