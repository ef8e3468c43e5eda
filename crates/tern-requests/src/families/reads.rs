//! Reads: registers, prepayment values, profile, balance, supply, firmware.

use tern_model::{DeviceKind, Fuel};
use tern_wire::duis::Draft;

use super::{Family, Order, Said, Work, by_fuel, cubic_metres, fuel, needed, not_kept};
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::task::{ImportRegisters, PrepayValues, ProfileEntry, SupplyState, Task, TaskAnswer};

pub(super) static FAMILY: Family =
    Family { name: "reads", srvs: &["4.1.1", "4.3", "4.8.1", "4.18", "7.4", "11.2"], plan, content };

/// Entries that an answer to 4.8.1 may hold.
const ENTRIES_MAX: i64 = 19_056;
/// Seconds of a half-hour.
const HALF_HOUR_SECONDS: i64 = 1800;

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    Ok(Work::Device(match order.srv.number {
        "4.1.1" => Task::ReadImportRegisters,
        "4.3" => Task::ReadPrepayValues,
        "4.8.1" => profile(order)?,
        "4.18" => Task::ReadBalance,
        "7.4" => Task::ReadSupply,
        _ => Task::ReadFirmware,
    }))
}

/// SMETS1 half-hours are named by their start, SMETS2's by their end: what is asked for are those that begin in the period (P).
fn profile(order: &Order<'_>) -> Result<Task, Refusal> {
    let moment = |name: &str| {
        let element = order.body.at(&format!("ReadLogPeriod/{name}"));
        needed(element.and_then(|element| element.timestamp()), name)
    };
    let (from, to) = (moment("StartDateTime")?, moment("EndDateTime")?);
    if from > to {
        return Err(not_kept(format!("the period ends at {to}, before it begins at {from}")));
    }
    if (to.as_second() - from.as_second()) / HALF_HOUR_SECONDS > ENTRIES_MAX {
        return Err(not_kept(format!("the period has more than {ENTRIES_MAX} half-hours")));
    }
    Ok(Task::ReadImportProfile { from, to })
}

fn content(srv: &Srv, kind: DeviceKind, said: Said<'_>) -> Vec<Draft> {
    use TaskAnswer as A;
    let Said::Obeyed(answer) = said else { return unread(srv, kind) };
    match (srv.number, answer) {
        ("4.1.1", A::Registers(registers)) => vec![self::registers(registers)],
        ("4.3", A::PrepayValues(values)) => prepay(values),
        ("4.8.1", A::Profile { entries, gas }) => entries.iter().map(|entry| half_hour(entry, *gas)).collect(),
        ("4.18", A::Balance { balance, .. }) if fuel(kind) == Fuel::Gas => {
            vec![Draft::new("Gas").with(Draft::leaf("MeterBalancePrepaymentMode", balance.0))]
        }
        ("4.18", A::Balance { balance, .. }) => vec![Draft::leaf("MeterBalance", balance.0)],
        ("7.4", A::Supply { state, battery_days }) => supply(*state, *battery_days, kind),
        ("11.2", A::Firmware { model }) => vec![Draft::leaf("FirmwareVersion", &model.firmware)],
        _ => unread(srv, kind),
    }
}

/// Of registers that were not read the schema demands to know which fuel they are of.
fn unread(srv: &Srv, kind: DeviceKind) -> Vec<Draft> {
    if srv.number == "4.1.1" { vec![Draft::new(by_fuel(kind))] } else { Vec::new() }
}

fn registers(registers: &ImportRegisters) -> Draft {
    match registers {
        ImportRegisters::Electricity { active_wh, .. } => Draft::new("Electricity").with(
            Draft::new("ActiveImportRegister")
                .with(Draft::leaf("Value", active_wh))
                .with(Draft::leaf("ActiveEnergyUnit", "Wh")),
        ),
        ImportRegisters::Gas { litres } => Draft::new("Gas").with(
            Draft::new("ConsumptionRegister")
                .with(Draft::leaf("Value", cubic_metres(*litres)))
                .with(Draft::leaf("Unit", "m3")),
        ),
    }
}

fn prepay(values: &PrepayValues) -> Vec<Draft> {
    let leaf = |name: &'static str, amount: crate::task::Millipence| Draft::leaf(name, amount.0);
    let [first, second] = values.time_debts;
    vec![
        leaf("EmergencyCreditBalance", values.emergency_credit),
        leaf("AccumulatedDebtRegister", values.accumulated_debt),
        leaf("PaymentDebtRegister", values.payment_debt),
        leaf("TimeDebtRegister1", first),
        leaf("TimeDebtRegister2", second),
        leaf("MeterBalance", values.balance),
    ]
}

fn half_hour(entry: &ProfileEntry, gas: bool) -> Draft {
    let (fuel, value) = if gas { ("Gas", cubic_metres(entry.used)) } else { ("Electricity", entry.used.to_string()) };
    Draft::new("LogEntry")
        .with(Draft::leaf("Timestamp", entry.start))
        .with(Draft::new(fuel).with(Draft::leaf("PrimaryValue", value)))
}

fn supply(state: SupplyState, battery_days: Option<u32>, kind: DeviceKind) -> Vec<Draft> {
    let word = match state {
        SupplyState::Enabled => "Enabled",
        SupplyState::Disabled => "Disabled",
        SupplyState::Armed => "Armed",
    };
    let days = battery_days.filter(|_| fuel(kind) == Fuel::Gas);
    let gas = days.map(|days| Draft::new("Gas").with(Draft::leaf("RemainingBatteryCapacity", days)));
    [Some(Draft::leaf("SupplyState", word)), gas].into_iter().flatten().collect()
}
