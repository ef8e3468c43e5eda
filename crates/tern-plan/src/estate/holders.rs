//! Who is Responsible Supplier of which meter, by the changes of supplier that are known: for whoever asks whether a supplier
//! may speak of an installation.

use std::collections::HashMap;

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

    /// The changes that cannot be, by row.
    pub(super) fn no_changes(&self, estate: &Estate) -> HashMap<u32, NoChange> {
        let mut found = HashMap::new();
        for of_meter in self.0.chunk_by(|one, other| one.meter == other.meter) {
            let mut holder = estate.meters()[of_meter[0].meter.at()].supplier;
            for of_day in of_meter.chunk_by(|one, other| one.effective == other.effective) {
                let before = holder;
                for known in of_day.chunk_by(|one, other| one.on == other.on) {
                    holder = known_together(known, (before, holder), &mut found);
                }
            }
        }
        found
    }

    fn of_meter(&self, meter: MeterIx) -> &[Gain] {
        let first = self.0.partition_point(|gain| gain.meter < meter);
        let count = self.0[first..].partition_point(|gain| gain.meter == meter);
        &self.0[first..first + count]
    }
}

/// Notes what cannot be of changes of a meter from one day that are known on one day too, and says who has the meter after
/// them: `before` had it until then, and `holder` has it by what was known earlier.
fn known_together(
    known: &[Gain],
    (before, holder): (SupplierIx, SupplierIx),
    found: &mut HashMap<u32, NoChange>,
) -> SupplierIx {
    let gaining = || known.iter().filter(|gain| gain.supplier != before);
    let first = gaining().next();
    if let Some(first) = first.filter(|first| gaining().any(|gain| gain.supplier != first.supplier)) {
        found.extend(gaining().map(|gain| (gain.row, NoChange::Contradicted { first: first.row })));
        return holder;
    }
    known.iter().fold(holder, |holder, gain| {
        // To whom has it already, a change takes back one from the same day that was known before; else it is none.
        if gain.supplier == before && holder == before {
            found.insert(gain.row, NoChange::HasItAlready);
        }
        gain.supplier
    })
}
