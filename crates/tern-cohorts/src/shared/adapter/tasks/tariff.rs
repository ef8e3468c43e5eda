//! Tariffs: the calendar that is to come with all that belongs to it, in one request, and its activation in another.

use tern_dlms::cosem::Shape;
use tern_dlms::cosem::activity_calendar::{self as calendar, Season, Week};
use tern_dlms::cosem::special_days_table;
use tern_dlms::{AttributeDescriptor, Codec, CosemDateTime, Data, LogicalName};
use tern_model::Behaviour;
use tern_requests::task::{CalendarDate, Currency, DayProfile, Price, Prices, Tariff};

use super::super::objects;
use super::{invoke, set, set_all, supply};
use crate::{Addressee, Conditions, NotInstructed};

/// What each calendar is called (P): the request that wrote it.
const NAME: &[u8] = b"1.1.1";
/// The scripts that switch rates.
const SCRIPTS: LogicalName = LogicalName::new(0, 0, 10, 0, 100, 255);

/// 1.1.1.
pub(super) fn set_tariff(
    tariff: &Tariff,
    who: Addressee,
    conditions: &Conditions<'_>,
) -> Result<Vec<Vec<u8>>, NotInstructed> {
    tariff.check().map_err(|unkept| NotInstructed::Unkept(unkept.0))?;
    let passive = |attribute| AttributeDescriptor::new(calendar::CLASS, objects::CALENDAR, attribute);
    let seasons = tariff.seasons.iter().map(season).collect::<Vec<_>>().to_data();
    let weeks = tariff.weeks.iter().map(|week| Week { name: vec![week.name], days: week.days });
    let days = Data::Array(tariff.days.iter().map(day).collect());
    let thresholds = tariff
        .thresholds
        .iter()
        .map(|rate| Data::Array(rate.iter().map(|threshold| Data::Long64Unsigned(*threshold)).collect()));
    let special = (1..).zip(&tariff.special_days).map(|(index, special)| special_days_table::SpecialDay {
        index,
        date: date(special.date),
        day: special.day,
    });
    let all = vec![
        (passive(calendar::CALENDAR_NAME_PASSIVE), Data::octets(NAME)),
        (passive(calendar::SEASON_PROFILE_PASSIVE), seasons),
        (passive(calendar::WEEK_PROFILE_TABLE_PASSIVE), weeks.collect::<Vec<_>>().to_data()),
        (passive(calendar::DAY_PROFILE_TABLE_PASSIVE), days),
        (objects::SPECIAL_DAYS, special.collect::<Vec<_>>().to_data()),
        (objects::THRESHOLDS, Data::Array(thresholds.collect())),
        (objects::PASSIVE_PRICES, prices_data(&tariff.prices)),
    ];
    let mut instructions = vec![set_all(all), invoke(objects::ACTIVATE_CALENDAR, Data::Integer(0))];
    instructions.extend(auxiliary(&tariff.prices, who, conditions));
    Ok(instructions)
}

/// 1.2.1.
pub(super) fn set_prices(
    prices: &Prices,
    who: Addressee,
    conditions: &Conditions<'_>,
) -> Result<Vec<Vec<u8>>, NotInstructed> {
    prices.check().map_err(|unkept| NotInstructed::Unkept(unkept.0))?;
    let mut instructions = vec![set(objects::PRICES, prices_data(prices))];
    instructions.extend(auxiliary(prices, who, conditions));
    Ok(instructions)
}

/// RQ8: whether the tariff closes the auxiliary load switch. What the DMVES says, and from which day, is not told here.
fn auxiliary(prices: &Prices, who: Addressee, conditions: &Conditions<'_>) -> Option<Vec<u8>> {
    let says = |behaviour| conditions.behaviours.contains(&behaviour);
    let closes = (says(Behaviour::SwitchClosesAtTwoRates) && prices.has_two_rates())
        || (says(Behaviour::SwitchClosesAtTwoPrices) && prices.differ());
    (closes && who == Addressee::Esme).then(supply::close_auxiliary)
}

fn season(season: &tern_requests::task::Season) -> Season {
    let [year_high, year_low, month, day, weekday] = date(season.start);
    // At midnight, in whatever deviation and status.
    let start = [year_high, year_low, month, day, weekday, 0, 0, 0, 0, 0x80, 0, 0xFF];
    let start = CosemDateTime::decode(&start).unwrap_or(CosemDateTime::UNSPECIFIED);
    Season { name: season.name.as_bytes().to_vec(), start, week: vec![season.week] }
}

fn day(day: &DayProfile) -> Data {
    let action = |switch: &tern_requests::task::Switch| {
        let (hour, minute) = (switch.minute / 60, switch.minute % 60);
        let start = [hour, minute].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
        Data::Structure(vec![
            Data::octets([start[0], start[1], 0, 0]),
            Data::logical_name(SCRIPTS),
            Data::LongUnsigned(switch.rate.into()),
        ])
    };
    Data::Structure(vec![Data::Unsigned(day.name), Data::Array(day.schedule.iter().map(action).collect())])
}

/// A date as the standard writes it; what is open is 0xFF.
fn date(date: CalendarDate) -> [u8; 5] {
    let [high, low] = date.year.unwrap_or(u16::MAX).to_be_bytes();
    let part = |part: Option<u8>| part.unwrap_or(u8::MAX);
    [high, low, part(date.month), part(date.day), part(date.weekday)]
}

fn price_data(price: Price) -> Data {
    Data::Structure(vec![Data::Long64(price.amount), Data::Integer(price.scale)])
}

fn prices_data(prices: &Prices) -> Data {
    let currency = match prices.currency {
        Currency::Gbp => 0,
        Currency::Ecb => 1,
    };
    let rates = prices.rates.iter().map(|rate| price_data(*rate)).collect();
    Data::Structure(vec![Data::Enum(currency), price_data(prices.standing_charge), Data::Array(rates)])
}
