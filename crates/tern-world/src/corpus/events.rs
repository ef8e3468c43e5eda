//! What happens to some meters around the planned migration day and after it, for `meter_events.csv`: Payment Modes, Top Ups,
//! changes of supplier.
//!
//! It says what happened, never what is owed for it.

use std::collections::HashSet;
use std::path::Path;

use jiff::civil::Date;
use tern_model::facts::{MeterEvent, MeterEventKind, MeterName, PaymentMode, SourceRow, TopUpResult};
use tern_model::{Fuel, MeterState};
use tern_wire::facts_csv::{self, METER_EVENTS};

use super::dice::Dice;
use super::{Corpus, Plan, days_from};
use crate::WorldError;
use crate::files::{self, Readers};
use crate::smso::MeterRecord;

/// The stream of chance: installations have those of their indices.
const STREAM: u64 = u64::MAX;

/// So many Active Meters in a hundred are in Prepayment Mode.
const PREPAYMENT_PERCENT: u64 = 6;

/// The events of a corpus's meters, in the order of its installations.
pub(super) fn events(plan: &Plan<'_>, corpus: &Corpus) -> Vec<MeterEvent> {
    let mut dice = Dice::new(plan.seed, STREAM);
    let (mut events, mut seen) = (Vec::new(), HashSet::new());
    for installation in corpus.smsos.iter().flat_map(|(_, records)| &records.installations) {
        let gas = installation.gsme.as_ref().map(|gsme| (Fuel::Gas, &gsme.meter));
        for (fuel, meter) in std::iter::once((Fuel::Electricity, &installation.esme)).chain(gas) {
            // A planted defect gives some devices and metering points to two installations.
            if seen.insert(meter.device_id.to_string()) & seen.insert(format!("{fuel} {}", meter.mpxn.as_str())) {
                events.extend(story(plan, fuel, meter, &mut dice));
            }
        }
    }
    events
}

/// Writes the file; one that is empty holds its header alone.
pub(super) fn write(dir: &Path, events: &[MeterEvent]) -> Result<(), WorldError> {
    files::write(&dir.join(METER_EVENTS.name), facts_csv::write(events).as_bytes(), Readers::Anyone)
}

/// One meter's events. Its Payment Mode is known by its Device ID, a change of supplier by the metering point.
fn story(plan: &Plan<'_>, fuel: Fuel, meter: &MeterRecord, dice: &mut Dice) -> Vec<MeterEvent> {
    let day = |days: i32| days_from(plan.day, days);
    let prepayment = meter.state == MeterState::Active && dice.percent(PREPAYMENT_PERCENT);
    let mode = if prepayment { PaymentMode::Prepayment } else { PaymentMode::Credit };
    let mut happened = vec![(day(-200), MeterEventKind::PaymentMode(mode))];
    let new_supplier = Some(*dice.one_of(plan.suppliers));
    let planned = (day(-3), MeterEventKind::SupplierChangePlanned { takes_effect: day(12), new_supplier });
    let top_up = |result| MeterEventKind::TopUp(result);
    match (prepayment, dice.below(6)) {
        (false, _) | (true, 0) => {}
        (true, 1) => {
            happened.extend([(day(0), top_up(TopUpResult::Failure)), (day(1), top_up(TopUpResult::Success))]);
        }
        (true, 2) => happened.push(planned),
        (true, 3) => happened.extend([planned, (day(6), MeterEventKind::PaymentMode(PaymentMode::Credit))]),
        (true, 4) => happened.extend([planned, (day(5), MeterEventKind::SupplierChangeWithdrawn)]),
        (true, _) => {
            happened.extend([planned, (day(12), MeterEventKind::SupplierChangeEffective { new_supplier })]);
        }
    }
    happened.into_iter().map(|(day, kind)| event(fuel, meter, day, kind)).collect()
}

fn event(fuel: Fuel, meter: &MeterRecord, day: Date, kind: MeterEventKind) -> MeterEvent {
    let of_registration = !matches!(kind, MeterEventKind::PaymentMode(_) | MeterEventKind::TopUp(_));
    let name = if of_registration && meter.mpxn.check_digits_ok(fuel) {
        MeterName::Point(fuel, meter.mpxn.clone())
    } else {
        MeterName::Device(meter.device_id)
    };
    MeterEvent { row: SourceRow::default(), meter: name, day, kind, reference: String::new() }
}
