//! Tariffs and prices: time-of-use alone. What uses blocks is refused plainly, and never cut down to what a meter can keep.

use tern_model::Fuel;
use tern_wire::duis::Element;

use super::{Family, Order, Work, fuel, needed, not_kept, nothing};
use crate::refusal::Refusal;
use crate::stages::equivalent_steps::Failed;
use crate::task::{
    CalendarDate, Currency, DayProfile, Price, Prices, Season, SpecialDay, Switch, Tariff, Task, WeekProfile,
};

pub(super) static FAMILY: Family = Family { name: "tariff", srvs: &["1.1.1", "1.2.1"], plan, content: nothing };

/// Gas prices are in hundred-thousandths: the schema gives them no scale (P).
const GAS_SCALE: i8 = -5;
/// The day of a month that is its last, and the last but one.
const LAST_DAYS: [(&str, u8); 2] = [("LastDayOfMonth", 0xFE), ("SecondLastDayOfMonth", 0xFD)];

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let elements = match fuel(order.kind) {
        Fuel::Electricity => ("ElecTariffElements", "ElectricityPriceElements"),
        Fuel::Gas => ("GasTariffElements", "GasPriceElements"),
    };
    let price_elements = order.body.at(&format!("PriceElements/{}", elements.1));
    let price_elements = price_elements.ok_or_else(|| other_fuel(order, elements.1))?;
    let table = order.body.child(elements.0);
    let mut prices = prices(price_elements, order)?;
    if order.srv.number == "1.2.1" {
        prices.check().map_err(Failed::from)?;
        return Ok(Work::Device(Task::SetPrice { prices }));
    }
    let table = table.ok_or_else(|| other_fuel(order, elements.0))?;
    if let Some(units) = table.text_at("CurrencyUnits") {
        prices.currency = currency(units);
    }
    let tariff = tariff(table, prices)?;
    tariff.check().map_err(Failed::from)?;
    Ok(Work::Device(Task::SetTariff { tariff }))
}

fn other_fuel(order: &Order<'_>, element: &str) -> Refusal {
    not_kept(format!("a {} needs {element}", order.kind))
}

fn currency(units: &str) -> Currency {
    if units == "ECB" { Currency::Ecb } else { Currency::Gbp }
}

fn prices(elements: Element<'_>, order: &Order<'_>) -> Result<Prices, Refusal> {
    let gas = fuel(order.kind) == Fuel::Gas;
    let scale = |name: &str| if gas { Ok(GAS_SCALE) } else { number(elements, name) };
    let Some(rates) = elements.child("TOUTariff") else {
        return Err(not_kept("the meter keeps no blocks: a time-of-use tariff is needed"));
    };
    let price_scale = scale("PriceScale")?;
    let rates = by_index(rates.all("TOUPrice"), "prices", |price| {
        Ok(Price { amount: needed(price.parse(), "TOUPrice")?, scale: price_scale })
    })?;
    Ok(Prices {
        currency: elements.text_at("CurrencyUnits").map_or(Currency::Gbp, currency),
        standing_charge: Price { amount: number(elements, "StandingCharge")?, scale: scale("StandingChargeScale")? },
        rates,
    })
}

fn tariff(table: Element<'_>, prices: Prices) -> Result<Tariff, Refusal> {
    let under = |path: &str| table.at(path).into_iter().flat_map(Element::children);
    Ok(Tariff {
        days: under("SwitchingTable/DayProfiles").map(day).collect::<Result<_, _>>()?,
        weeks: under("SwitchingTable/WeekProfiles").map(week).collect::<Result<_, _>>()?,
        seasons: under("SwitchingTable/Seasons").map(season).collect::<Result<_, _>>()?,
        special_days: under("SpecialDays").map(special_day).collect::<Result<_, _>>()?,
        thresholds: table.child("ThresholdMatrix").map_or(Ok(Vec::new()), thresholds)?,
        prices,
    })
}

/// An electricity meter's day has a schedule, a gas meter's one rate.
fn day(profile: Element<'_>) -> Result<DayProfile, Refusal> {
    let name = number(profile, "DayName")?;
    if profile.child("BlockTariff").is_some() {
        return Err(not_kept(format!("day {name} uses blocks, which the meter does not keep")));
    }
    if profile.child("TOUTariffAction").is_some() {
        let rate = number(profile, "TOUTariffAction")?;
        return Ok(DayProfile { name, schedule: vec![Switch { minute: 0, rate }] });
    }
    let schedule = profile.all("ProfileSchedule").map(|switch| {
        if switch.child("BlockTariffAction").is_some() {
            return Err(not_kept(format!("day {name} uses blocks, which the meter does not keep")));
        }
        Ok(Switch { minute: minute(switch)?, rate: number(switch, "TOUTariffAction")? })
    });
    Ok(DayProfile { name, schedule: schedule.collect::<Result<_, _>>()? })
}

fn minute(switch: Element<'_>) -> Result<u16, Refusal> {
    let text = switch.text_at("StartTime").unwrap_or_default().trim_end_matches('Z');
    let time: jiff::civil::Time = needed(text.parse().ok(), "StartTime")?;
    if time.second() != 0 || time.subsec_nanosecond() != 0 {
        return Err(not_kept(format!("the meter switches at whole minutes, not at {text}")));
    }
    Ok(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
}

fn week(profile: Element<'_>) -> Result<WeekProfile, Refusal> {
    let name = number(profile, "WeekName")?;
    let mut days = [0; 7];
    for day in profile.all("ReferencedDayName") {
        let at = usize::from(index(day)?) - 1;
        *needed(days.get_mut(at), "ReferencedDayName")? = needed(day.parse(), "ReferencedDayName")?;
    }
    if days.contains(&0) {
        return Err(not_kept(format!("week {name} does not name each of its days")));
    }
    Ok(WeekProfile { name, days })
}

fn season(season: Element<'_>) -> Result<Season, Refusal> {
    Ok(Season {
        name: season.text_at("SeasonName").unwrap_or_default().to_owned(),
        start: calendar_date(needed(season.child("SeasonStartDate"), "SeasonStartDate")?)?,
        week: number(season, "ReferencedWeekName")?,
    })
}

fn special_day(special: Element<'_>) -> Result<SpecialDay, Refusal> {
    Ok(SpecialDay {
        date: calendar_date(needed(special.child("Date"), "Date")?)?,
        day: number(special, "ReferencedDayName")?,
    })
}

/// Electricity's block thresholds stand in rows of their own, gas's in one.
fn thresholds(matrix: Element<'_>) -> Result<Vec<Vec<u64>>, Refusal> {
    let row = |of: Element<'_>| {
        by_index(of.all("BlockThreshold"), "thresholds", |threshold| needed(threshold.parse(), "BlockThreshold"))
    };
    match matrix.child("Thresholds") {
        Some(_) => by_index(matrix.all("Thresholds"), "rows of thresholds", row),
        None => Ok(vec![row(matrix)?]),
    }
}

/// What elements hold, in the order of their indexes, which count from 1.
fn by_index<'t, T>(
    elements: impl Iterator<Item = Element<'t>>,
    what: &str,
    value: impl Fn(Element<'t>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let mut all = Vec::new();
    for element in elements {
        all.push((index(element)?, value(element)?));
    }
    all.sort_by_key(|(index, _)| *index);
    if all.iter().enumerate().any(|(at, (index, _))| usize::from(*index) != at + 1) {
        return Err(not_kept(format!("the indexes of the {what} do not count from 1, each once")));
    }
    Ok(all.into_iter().map(|(_, value)| value).collect())
}

/// Year, month, day and day of the week in this order, each said or left open.
fn calendar_date(date: Element<'_>) -> Result<CalendarDate, Refusal> {
    let mut parts = date.children().map(|part| part.first());
    let mut next = || needed(parts.next().flatten(), date.name());
    let (year, month, day, weekday) = (next()?, next()?, next()?, next()?);
    let last = LAST_DAYS.iter().find(|(name, _)| *name == day.name()).map(|(_, day)| *day);
    Ok(CalendarDate {
        year: year.parse().filter(|_| is_said(year)),
        month: month.parse().filter(|_| is_said(month)),
        day: last.or_else(|| day.parse().filter(|_| is_said(day))),
        weekday: weekday.parse().filter(|_| is_said(weekday)),
    })
}

fn is_said(part: Element<'_>) -> bool {
    part.name().starts_with("Specified")
}

fn index(element: Element<'_>) -> Result<u8, Refusal> {
    let index: u8 = needed(element.attribute("index").and_then(|index| index.trim().parse().ok()), "index")?;
    if index == 0 { Err(not_kept("an index counts from 1")) } else { Ok(index) }
}

fn number<T: std::str::FromStr>(element: Element<'_>, name: &str) -> Result<T, Refusal> {
    needed(element.child(name).and_then(Element::parse), name)
}
