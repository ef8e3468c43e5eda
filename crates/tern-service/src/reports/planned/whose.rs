//! Whose a meter is, and whether it is Active or Dormant, on any day: the estate with those of its events that a plan knew.
//!
//! As the planner does, it looks at no event before the day on which it is known.

use jiff::civil::Date;
use tern_model::MeterState;
use tern_plan::estate::{Estate, Event, MeterIx, SupplierIx, What};

/// What changed about a meter.
#[derive(Debug, Clone, Copy)]
struct Turn {
    meter: MeterIx,
    /// The day on which it is known.
    on: Date,
    to: To,
}

#[derive(Debug, Clone, Copy)]
enum To {
    /// Another Responsible Supplier, from a day on.
    Supplier(SupplierIx, Date),
    /// Another service.
    Service(MeterState),
}

/// Every change of a supplier or a service.
#[derive(Debug)]
pub(super) struct Whose<'e> {
    estate: &'e Estate,
    /// By meter, and of one in the order in which they are known.
    turns: Vec<Turn>,
}

impl<'e> Whose<'e> {
    /// As the events tell it, up to a row of their file.
    pub(super) fn of(estate: &'e Estate, events: &[Event], last_row: u32) -> Whose<'e> {
        let turn = |event: &Event| {
            let (meter, to) = match event.what {
                What::ChangeOfSupplier { meter, supplier, effective } => (meter, To::Supplier(supplier, effective)),
                What::Service { meter, service } => (meter, To::Service(service)),
                _ => return None,
            };
            Some(Turn { meter, on: event.on, to })
        };
        let mut turns: Vec<Turn> = events.iter().filter(|event| event.row <= last_row).filter_map(turn).collect();
        turns.sort_by_key(|turn| turn.meter);
        Whose { estate, turns }
    }

    /// The Responsible Supplier of a meter on a day.
    pub(super) fn supplier(&self, meter: MeterIx, day: Date) -> SupplierIx {
        let mut now = (None, self.estate.meters()[meter.at()].supplier);
        for turn in self.turns_of(meter, day) {
            if let To::Supplier(supplier, effective) = turn.to
                && effective <= day
                && now.0.is_none_or(|before| before <= effective)
            {
                now = (Some(effective), supplier);
            }
        }
        now.1
    }

    /// Whether a meter is Active or Dormant on a day.
    pub(super) fn service(&self, meter: MeterIx, day: Date) -> MeterState {
        let service = |turn: &Turn| if let To::Service(service) = turn.to { Some(service) } else { None };
        let last = self.turns_of(meter, day).filter_map(service).last();
        last.unwrap_or(self.estate.meters()[meter.at()].service)
    }

    fn turns_of(&self, meter: MeterIx, day: Date) -> impl Iterator<Item = &Turn> {
        let first = self.turns.partition_point(|turn| turn.meter < meter);
        self.turns[first..].iter().take_while(move |turn| turn.meter == meter).filter(move |turn| turn.on <= day)
    }
}
