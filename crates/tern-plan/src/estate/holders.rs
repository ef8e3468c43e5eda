//! Who is Responsible Supplier of which meter, by the changes of supplier that are known: for whoever asks whether a supplier
//! may speak of an installation.

use jiff::civil::Date;
use tern_model::PartyId;

use super::Estate;
use super::event::{Event, What};
use super::ids::{InstallationIx, MeterIx, SupplierIx};

/// Changes of supplier, by meter and by the days from which they hold.
#[derive(Debug, Clone, Default)]
pub struct Holders(Vec<Gain>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gain {
    meter: MeterIx,
    effective: Date,
    on: Date,
    row: u32,
    supplier: SupplierIx,
}

/// Why a change of supplier cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoChange {
    /// A row of the same day has another supplier gain the meter from the same day.
    Contradicted {
        /// The first of these rows.
        first: u32,
    },
    /// The supplier has the meter by then.
    HasItAlready,
}

impl Holders {
    /// What events say, in whatever order.
    #[must_use]
    pub fn of(events: &[Event]) -> Holders {
        let gain = |event: &Event| match event.what {
            What::ChangeOfSupplier { meter, supplier, effective } => {
                Some(Gain { meter, effective, on: event.on, row: event.row, supplier })
            }
            _ => None,
        };
        let mut gains: Vec<Gain> = events.iter().filter_map(gain).collect();
        gains.sort_unstable();
        Holders(gains)
    }

    /// Whether a supplier was Responsible Supplier of a meter of the installation when the estate was described, or gains
    /// one by a change that is known on a day.
    #[must_use]
    pub fn has_part(&self, estate: &Estate, installation: InstallationIx, supplier: SupplierIx, on: Date) -> bool {
        let first = estate.installation(installation).first_meter.at();
        (first..).zip(estate.meters_of(installation)).any(|(at, meter)| {
            let gains = || self.of_meter(MeterIx::of(at)).iter().any(|gain| gain.supplier == supplier && gain.on <= on);
            meter.supplier == supplier || gains()
        })
    }

    /// How it is told that a supplier has no part in an installation.
    #[must_use]
    pub fn foreign(supplier: PartyId) -> String {
        format!("{supplier} is Responsible Supplier of no meter of the installation, and gains none as far as is known")
    }

    /// Why a change that was known on a day cannot be, beside those of all days.
    pub(super) fn no_change(
        &self,
        estate: &Estate,
        (meter, effective): (MeterIx, Date),
        on: Date,
        supplier: SupplierIx,
    ) -> Option<NoChange> {
        let of_meter = self.of_meter(meter);
        let same_day = || of_meter.iter().filter(|gain| gain.effective == effective);
        if same_day().any(|gain| gain.on == on && gain.supplier != supplier) {
            let rows = same_day().filter(|gain| gain.on == on).map(|gain| gain.row);
            return Some(NoChange::Contradicted { first: rows.min().unwrap_or_default() });
        }
        // Whoever has the meter until then: a change from the same day that was known before is taken back by this one.
        let taken_back = same_day().any(|gain| gain.on < on && gain.supplier != supplier);
        let before = of_meter.iter().rev().find(|gain| gain.effective < effective && !self.is_contradicted(gain));
        let holder = before.map_or(estate.meters()[meter.at()].supplier, |gain| gain.supplier);
        (holder == supplier && !taken_back).then_some(NoChange::HasItAlready)
    }

    fn is_contradicted(&self, of: &Gain) -> bool {
        let rival = |gain: &&Gain| (gain.effective, gain.on) == (of.effective, of.on) && gain.supplier != of.supplier;
        self.of_meter(of.meter).iter().find(rival).is_some()
    }

    fn of_meter(&self, meter: MeterIx) -> &[Gain] {
        let first = self.0.partition_point(|gain| gain.meter < meter);
        let count = self.0[first..].partition_point(|gain| gain.meter == meter);
        &self.0[first..first + count]
    }
}
