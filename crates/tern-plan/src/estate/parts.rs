//! The things of an estate, a few bytes each.

use jiff::civil::Date;
use tern_model::estate::ApprovalRoute;
use tern_model::facts::PaymentMode;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, GroupId, InstallationState, MeterState, Mpxn};

use super::ids::{DeviceIx, EntryIx, InstallationIx, MeterIx, ModelIx, NameIx, SupplierIx};

/// An installation. Its devices and meters are asked of the [`super::Estate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installation {
    /// Its hub.
    pub chf: ChfIdentifier,
    /// The group that its file set will have.
    pub group: GroupId,
    /// The SMSO that operates it.
    pub smso: NameIx,
    /// Communications provider of the hub's SIM.
    pub provider: NameIx,
    /// Who installed it.
    pub installing_supplier: SupplierIx,
    /// The day on which it was installed.
    pub installed_on: Date,
    pub(super) first_device: DeviceIx,
    pub(super) first_meter: MeterIx,
    pub(super) devices: u8,
    pub(super) meters: u8,
}

/// A device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Its Device ID.
    pub id: DeviceId,
    /// Its installation.
    pub installation: InstallationIx,
    /// Manufacturer, model and the firmware on it when the estate was described.
    pub model: ModelIx,
    /// What it is.
    pub kind: DeviceKind,
}

/// A meter, as it was when the estate was described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// Its metering point.
    pub point: Point,
    /// The device: an ESME or a GSME.
    pub device: DeviceIx,
    /// Its installation.
    pub installation: InstallationIx,
    /// The Responsible Supplier.
    pub supplier: SupplierIx,
    /// Since when `service` is so.
    pub since: Date,
    /// Whether the supplier has smart services for it.
    pub service: MeterState,
    /// Its Payment Mode.
    pub payment_mode: PaymentMode,
}

/// Models and communications provider: what an entry of the EPCL combines (AC5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Combination {
    /// Communications Hub Function.
    pub chf: ModelIx,
    /// Electricity meter.
    pub esme: ModelIx,
    /// Gas meter, where there is one.
    pub gsme: Option<ModelIx>,
    /// Communications provider of the hub's SIM.
    pub provider: NameIx,
}

/// An entry planned for the EPCL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its short name.
    pub name: NameIx,
    /// What it combines.
    pub combination: Combination,
    /// Which installations it comprises.
    pub comprises: InstallationState,
    /// How it comes to be approved.
    pub route: ApprovalRoute,
    /// The tested entry, for [`ApprovalRoute::Equivalent`] alone.
    pub equivalent_to: Option<EntryIx>,
}

/// One hop of an upgrade path: from one firmware of a hardware model to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hop {
    /// Where it begins.
    pub from: ModelIx,
    /// Where it ends.
    pub to: ModelIx,
    /// Whose devices take it.
    pub installing_supplier: SupplierIx,
}

/// An MPAN or MPRN in eight bytes: its digits, and a one before them that keeps leading zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point(u64);

impl Point {
    /// Whether it is an MPAN, by its 13 digits.
    #[must_use]
    pub fn is_mpan(self) -> bool {
        self.0 >= 10_000_000_000_000
    }

    /// The metering point as files name it.
    #[must_use]
    pub fn mpxn(self) -> Mpxn {
        self.to_string().parse().expect("a point is made of the digits of an MPAN or MPRN alone")
    }
}

impl From<&Mpxn> for Point {
    fn from(mpxn: &Mpxn) -> Point {
        Point(mpxn.as_str().bytes().fold(1, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_string()[1..])
    }
}
