//! What meters measured, and what they run.

use jiff::Timestamp;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::register::{ScalerUnit, Unit};
use tern_dlms::{CaptureObject, CosemDateTime, Data, Selection};
use tern_model::DeviceModel;
use tern_requests::TaskAnswer;
use tern_requests::task::{ImportRegisters, Millipence, PrepayValues, ProfileEntry};

use super::super::{answers, objects};
use super::{Server, Trouble, credit, failed};

/// A half-hour, in seconds.
const HALF_HOUR: i64 = 1800;
/// One signature covers one answer, and no answer is longer than a frame: so many half-hours are asked for at once (P).
const ROWS_AT_ONCE: i64 = 60 * 48;

/// 4.1.1.
pub(super) fn registers(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    if server.is_of_gas() {
        let [volume, unit] = server.read([objects::VOLUME, objects::VOLUME_UNIT])?;
        is_unit(&unit, -3, Unit::CubicMetre)?;
        return Ok(TaskAnswer::Registers(ImportRegisters::Gas { litres: counted(&volume)? }));
    }
    let wanted = [objects::IMPORT, objects::IMPORT_UNIT, objects::RATE_ONE, objects::RATE_TWO];
    let [whole, unit, first, second] = server.read(wanted)?;
    is_unit(&unit, 0, Unit::WattHour)?;
    let rates_wh = vec![counted(&first)?, counted(&second)?];
    Ok(TaskAnswer::Registers(ImportRegisters::Electricity { active_wh: counted(&whole)?, rates_wh }))
}

/// 4.3.
pub(super) fn prepay_values(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    let [values] = server.read([objects::PREPAY_VALUES])?;
    let values = values.as_structure::<7>().map_err(|_| failed("the prepay values are no seven values"))?;
    let [balance, emergency, accumulated, payment, first, second, low] = values;
    let low_credit = low.as_boolean().map_err(|_| failed("low credit is no yes or no"))?;
    Ok(TaskAnswer::PrepayValues(PrepayValues {
        balance: money(balance)?,
        emergency_credit: money(emergency)?,
        accumulated_debt: money(accumulated)?,
        payment_debt: money(payment)?,
        time_debts: [money(first)?, money(second)?],
        low_credit,
    }))
}

/// 4.18.
pub(super) fn balance(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    // A GPF does not tell the terms of Prepayment Mode.
    let [balance, mode] = server.read([objects::BALANCE, objects::PAYMENT_MODE])?;
    Ok(TaskAnswer::Balance { balance: money(&balance)?, mode: credit::mode(&mode)? })
}

/// 4.8.1: the buffer holds what the register showed at each half-hour; what was used in one is the difference to the next.
pub(super) fn profile(server: &mut Server<'_, '_>, from: Timestamp, to: Timestamp) -> Result<TaskAnswer, Trouble> {
    let gas = server.is_of_gas();
    let mut rows: Vec<(i64, u64)> = Vec::new();
    // The end of the last half-hour is a row of its own.
    let (mut next, last) = (from.as_second(), to.as_second().saturating_add(HALF_HOUR - 1));
    while from < to && next <= last {
        let until = if gas { last.min(next.saturating_add(ROWS_AT_ONCE * HALF_HOUR - 1)) } else { last };
        rows.extend(rows_between(server, gas, (next, until))?);
        next = until.saturating_add(1);
    }
    let whole = |pair: &[(i64, u64)]| {
        let [(start, before), (end, after)] = pair else { return None };
        let used = after.checked_sub(*before)?;
        let start = Timestamp::from_second(*start).ok().filter(|start| from <= *start && *start < to)?;
        let follows = end - start.as_second() == HALF_HOUR;
        follows.then_some(ProfileEntry { start, used })
    };
    Ok(TaskAnswer::Profile { entries: rows.windows(2).filter_map(whole).collect(), gas })
}

fn rows_between(server: &mut Server<'_, '_>, gas: bool, (from, to): (i64, i64)) -> Result<Vec<(i64, u64)>, Trouble> {
    let moment = |second| {
        let moment = Timestamp::from_second(second).map_err(|_| failed("a period that no clock tells"))?;
        Ok::<_, Trouble>(Data::date_time(&CosemDateTime::from_timestamp(moment)))
    };
    let clock = objects::CLOCK;
    let restricting = CaptureObject::new(clock.class, clock.instance, clock.attribute);
    let range = Selection::Range { restricting, from: moment(from)?, to: moment(to)?, columns: Vec::new() };
    let buffer = server.read_part(if gas { objects::GAS_PROFILE } else { objects::PROFILE }, &range)?;
    let rows = buffer.as_array().map_err(|_| failed("the load profile is no list"))?;
    let row = |row: &Data| {
        let [time, value] = row.as_structure::<2>().map_err(|_| failed("a row of the profile has other columns"))?;
        let time = time.as_date_time().ok().and_then(|time| time.timestamp());
        let time = time.ok_or_else(|| failed("a row of the profile has no time"))?;
        Ok((time.as_second(), counted(value)?))
    };
    rows.iter().map(row).collect()
}

/// 11.2.
pub(super) fn firmware(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    let [model, firmware] = server.read([objects::MODEL, objects::FIRMWARE])?;
    let model: DeviceModel = answers::model(&model, &firmware)?;
    Ok(TaskAnswer::Firmware { model })
}

/// A number that only counts upwards.
fn counted(data: &Data) -> Result<u64, Trouble> {
    let number = data.as_whole_number().ok().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| failed("a register holds no number").into())
}

/// An amount of money.
fn money(data: &Data) -> Result<Millipence, Trouble> {
    match data {
        Data::Long64(amount) => Ok(Millipence(*amount)),
        _ => Err(failed("an amount of money is no number").into()),
    }
}

/// What a register counts must be what is told of it.
fn is_unit(data: &Data, scaler: i8, unit: Unit) -> Result<(), Trouble> {
    match ScalerUnit::of_data(data) {
        Ok(found) if found == (ScalerUnit { scaler, unit }) => Ok(()),
        _ => Err(failed(&format!("a register counts in something else than 10^{scaler} {unit}")).into()),
    }
}
