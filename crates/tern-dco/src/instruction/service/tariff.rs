//! 1.1.1, 1.2.1: switching table, special days, thresholds and prices, as the request has them.
//!
//! How each is written into a meter's objects is the same for every meter (P; `docs/design/devices.md`).

use tern_dlms::{AttributeDescriptor, Data, MethodDescriptor};
use tern_model::DeviceKind;
use tern_wire::duis::Element;

use super::{Differs, Field, Permitted, attribute, differs, method, needed, number, supply};

const CALENDAR: [u8; 6] = [0, 0, 13, 0, 0, 255];
const NAME: AttributeDescriptor = attribute(20, CALENDAR, 6);
const SEASONS: AttributeDescriptor = attribute(20, CALENDAR, 7);
const WEEKS: AttributeDescriptor = attribute(20, CALENDAR, 8);
const DAYS: AttributeDescriptor = attribute(20, CALENDAR, 9);
const ACTIVATE: MethodDescriptor = method(20, CALENDAR, 1);
const SPECIAL_DAYS: AttributeDescriptor = attribute(11, [0, 0, 11, 0, 0, 255], 2);
const PRICES: AttributeDescriptor = attribute(1, [0, 0, 96, 65, 2, 255], 2);
const PRICES_TO_COME: AttributeDescriptor = attribute(1, [0, 0, 96, 65, 3, 255], 2);
const THRESHOLDS: AttributeDescriptor = attribute(1, [0, 0, 96, 65, 4, 255], 2);
/// The script table that switches rates.
const SCRIPTS: [u8; 6] = [0, 0, 10, 0, 100, 255];
/// What the request's calendar is called.
const CALENDAR_NAME: &[u8] = b"1.1.1";
/// The power of ten of prices of gas, which the request does not say (P).
const GAS_SCALE: i8 = -5;

/// 1.1.1.
pub(super) fn tariff(body: Element<'_>, kind: DeviceKind) -> Result<Vec<Permitted>, Differs> {
    let elements = match kind {
        DeviceKind::Esme => body.child("ElecTariffElements"),
        _ => body.child("GasTariffElements"),
    };
    let elements = needed(elements, "tariff elements")?;
    let table = needed(elements.child("SwitchingTable"), "SwitchingTable")?;
    let of = |list: &str, one: &str| -> Vec<_> { table.child(list).iter().flat_map(|list| list.all(one)).collect() };
    let (days, weeks) = (of("DayProfiles", "DayProfile"), of("WeekProfiles", "WeekProfile"));
    let special: Vec<_> = elements.child("SpecialDays").iter().flat_map(|days| days.all("SpecialDay")).collect();
    let special = (1..).zip(special).map(|(index, one)| special_day(index, one));
    let (prices, two) = prices_of(body, kind, elements.text_at("CurrencyUnits"))?;
    let fields = vec![
        Field::of("calendar name", NAME, Data::octets(CALENDAR_NAME)),
        Field::of("seasons", SEASONS, list(of("Seasons", "Season").into_iter().map(season))?),
        Field::of("weeks", WEEKS, list(weeks.into_iter().map(week))?),
        Field::of("days", DAYS, list(days.into_iter().map(|one| day(one, kind)))?),
        Field::of("special days", SPECIAL_DAYS, list(special)?),
        Field::of("thresholds", THRESHOLDS, thresholds(elements, kind)?),
        Field::of("prices", PRICES_TO_COME, prices),
    ];
    let activation = Permitted::invoke("activation", ACTIVATE, Data::Integer(0));
    let auxiliary = (two && kind == DeviceKind::Esme).then(supply::close_auxiliary);
    Ok([Permitted::Write(fields), activation].into_iter().chain(auxiliary).collect())
}

/// 1.2.1. No currency of electricity stands in it: pounds (P).
pub(super) fn prices(body: Element<'_>, kind: DeviceKind) -> Result<Vec<Permitted>, Differs> {
    let (prices, two) = prices_of(body, kind, Some("GBP"))?;
    let auxiliary = (two && kind == DeviceKind::Esme).then(supply::close_auxiliary);
    let write = Permitted::Write(vec![Field::of("prices", PRICES, prices)]);
    Ok(std::iter::once(write).chain(auxiliary).collect())
}

/// All prices, and whether there are two rates.
fn prices_of(body: Element<'_>, kind: DeviceKind, currency: Option<&str>) -> Result<(Data, bool), Differs> {
    let of = match kind {
        DeviceKind::Esme => body.at("PriceElements/ElectricityPriceElements"),
        _ => body.at("PriceElements/GasPriceElements"),
    };
    let of = needed(of, "price elements")?;
    let (currency, standing_scale, scale) = match kind {
        DeviceKind::Esme => {
            let scale = |name: &'static str| number(of.child(name), name);
            (currency, scale("StandingChargeScale")?, scale("PriceScale")?)
        }
        _ => (of.text_at("CurrencyUnits"), GAS_SCALE, GAS_SCALE),
    };
    let currency = match currency {
        Some("GBP") => 0,
        Some("ECB") => 1,
        _ => return Err(differs("CurrencyUnits", "unreadable", "GBP or ECB")),
    };
    let rates = needed(of.child("TOUTariff"), "time-of-use tariff")?;
    let rates = indexed(rates.all("TOUPrice"), "TOUPrice")?;
    let price = |amount, scale| Data::Structure(vec![Data::Long64(amount), Data::Integer(scale)]);
    let standing = price(number(of.child("StandingCharge"), "StandingCharge")?, standing_scale);
    let two = rates.len() > 1;
    let rates = rates.into_iter().map(|amount| price(amount, scale)).collect();
    Ok((Data::Structure(vec![Data::Enum(currency), standing, Data::Array(rates)]), two))
}

/// Numbers whose `index` says where they stand: from 1 on, each place once.
fn indexed<'t, T: TryFrom<i128>>(
    elements: impl Iterator<Item = Element<'t>>,
    name: &'static str,
) -> Result<Vec<T>, Differs> {
    placed(elements, name, |one| number(Some(one), name))
}

/// What elements hold, in the order that their `index` says: from 1 on, each place once.
fn placed<'t, T>(
    elements: impl Iterator<Item = Element<'t>>,
    name: &'static str,
    value: impl Fn(Element<'t>) -> Result<T, Differs>,
) -> Result<Vec<T>, Differs> {
    let place = |one: Element<'_>| one.attribute("index").and_then(|index| index.trim().parse::<usize>().ok());
    let mut all = Vec::new();
    for one in elements {
        all.push((needed(place(one), name)?, value(one)?));
    }
    all.sort_by_key(|(place, _)| *place);
    if all.iter().zip(1..).any(|((place, _), expected)| *place != expected) {
        return Err(differs(name, "with gaps", "each place once"));
    }
    Ok(all.into_iter().map(|(_, value)| value).collect())
}

fn list(values: impl Iterator<Item = Result<Data, Differs>>) -> Result<Data, Differs> {
    Ok(Data::Array(values.collect::<Result<_, _>>()?))
}

fn season(one: Element<'_>) -> Result<Data, Differs> {
    let name = one.text_at("SeasonName").unwrap_or_default();
    let week: u8 = number(one.child("ReferencedWeekName"), "ReferencedWeekName")?;
    // At midnight; hundredths, deviation and status are open.
    let mut start = date(needed(one.child("SeasonStartDate"), "SeasonStartDate")?)?.to_vec();
    start.extend([0, 0, 0, 0, 0x80, 0, 0xFF]);
    Ok(Data::Structure(vec![Data::octets(name.as_bytes()), Data::octets(start), Data::octets([week])]))
}

fn week(one: Element<'_>) -> Result<Data, Differs> {
    let name: u8 = number(one.child("WeekName"), "WeekName")?;
    let days: Vec<u8> = indexed(one.all("ReferencedDayName"), "ReferencedDayName")?;
    if days.len() != 7 {
        return Err(differs("ReferencedDayName", "of another number", "seven"));
    }
    let days = days.into_iter().map(Data::Unsigned);
    Ok(Data::Structure(std::iter::once(Data::octets([name])).chain(days).collect()))
}

/// A day of electricity has rates by time; one of gas has one.
fn day(one: Element<'_>, kind: DeviceKind) -> Result<Data, Differs> {
    let name: u8 = number(one.child("DayName"), "DayName")?;
    let action = |[hour, minute]: [u8; 2], of: Element<'_>| {
        let rate: u16 = number(of.child("TOUTariffAction"), "TOUTariffAction")?;
        let start = Data::octets([hour, minute, 0, 0]);
        Ok(Data::Structure(vec![start, Data::octets(SCRIPTS), Data::LongUnsigned(rate)]))
    };
    let schedule = match kind {
        DeviceKind::Esme => {
            list(one.all("ProfileSchedule").map(|switch| action(time(switch.text_at("StartTime"))?, switch)))?
        }
        _ => Data::Array(vec![action([0, 0], one)?]),
    };
    Ok(Data::Structure(vec![Data::Unsigned(name), schedule]))
}

/// Hour and minute; no meter switches within one.
fn time(text: Option<&str>) -> Result<[u8; 2], Differs> {
    let text = needed(text, "StartTime")?.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    let time: jiff::civil::Time = needed(text.parse().ok(), "StartTime")?;
    let whole = time.second() == 0 && time.subsec_nanosecond() == 0;
    let parts = [time.hour(), time.minute()].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    needed(whole.then_some(parts), "StartTime")
}

fn special_day(index: u16, one: Element<'_>) -> Result<Data, Differs> {
    let date = date(needed(one.child("Date"), "Date")?)?;
    let day: u8 = number(one.child("ReferencedDayName"), "ReferencedDayName")?;
    Ok(Data::Structure(vec![Data::LongUnsigned(index), Data::octets(date), Data::Unsigned(day)]))
}

/// A date in which parts may be open, as the standard writes it.
fn date(date: Element<'_>) -> Result<[u8; 5], Differs> {
    let part = |of: &str, specified: &str| {
        // Gas has names of its own for the same.
        let part =
            date.children().find(|part| part.name().trim_start_matches("Gas").trim_end_matches("WithWildcards") == of);
        let part = needed(part.and_then(Element::first), "date")?;
        Ok::<_, Differs>((part.name() == specified, part))
    };
    let small = |of: &str, specified: &str| match part(of, specified)? {
        (true, part) => number::<u8>(Some(part), "date"),
        (false, part) => Ok(match part.name() {
            "LastDayOfMonth" => 0xFE,
            "SecondLastDayOfMonth" => 0xFD,
            _ => 0xFF,
        }),
    };
    let year = match part("Year", "SpecifiedYear")? {
        (true, part) => number::<u16>(Some(part), "date")?,
        (false, _) => u16::MAX,
    };
    let [high, low] = year.to_be_bytes();
    let (month, day) = (small("Month", "SpecifiedMonth")?, small("DayOfMonth", "SpecifiedDayOfMonth")?);
    Ok([high, low, month, day, small("DayOfWeek", "SpecifiedDayOfWeek")?])
}

/// Eight lists of electricity; one of gas.
fn thresholds(elements: Element<'_>, kind: DeviceKind) -> Result<Data, Differs> {
    let matrix = needed(elements.child("ThresholdMatrix"), "ThresholdMatrix")?;
    let of = |list: Element<'_>| {
        let thresholds: Vec<u64> = indexed(list.all("BlockThreshold"), "BlockThreshold")?;
        Ok(Data::Array(thresholds.into_iter().map(Data::Long64Unsigned).collect()))
    };
    match kind {
        DeviceKind::Esme => Ok(Data::Array(placed(matrix.all("Thresholds"), "Thresholds", of)?)),
        _ => Ok(Data::Array(vec![of(matrix)?])),
    }
}
