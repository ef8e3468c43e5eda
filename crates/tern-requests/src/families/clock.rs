//! Clocks: Synchronise Clock, and Commission Device, which sets the clock and nothing else.

use tern_model::{DeviceKind, Fuel};
use tern_wire::duis::Draft;

use super::{Family, Order, Said, Work, by_fuel, fuel, needed, status};
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::task::{ClockStatus, Task, TaskAnswer};

pub(super) static FAMILY: Family = Family { name: "clock", srvs: &["6.11", "8.1.1"], plan, content };

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let now = order.body.child("CurrentDateTime").and_then(|moment| moment.timestamp());
    let tolerance = order.body.child("TolerancePeriod").and_then(|period| period.parse());
    Ok(Work::Device(Task::SetClock {
        now: needed(now, "CurrentDateTime")?,
        tolerance_seconds: needed(tolerance, "TolerancePeriod")?,
    }))
}

/// The numbers of the statuses are ours (P).
fn content(_: &Srv, kind: DeviceKind, said: Said<'_>) -> Vec<Draft> {
    let Said::Obeyed(TaskAnswer::Clock { reads, status: clock }) = said else { return Vec::new() };
    let (code, word) = match clock {
        ClockStatus::Reliable => (0, "reliable"),
        ClockStatus::Unreliable => (2, "unreliable"),
    };
    let told = match fuel(kind) {
        Fuel::Gas => status("GasClockTimeStatus", code, word),
        Fuel::Electricity => {
            Draft::new("ElecClockTimeStatus").attribute("TimeStatusCode", code).with(Draft::leaf("TimeStatus", word))
        }
    };
    vec![Draft::leaf("DeviceTime", reads), Draft::new(by_fuel(kind)).with(told)]
}
