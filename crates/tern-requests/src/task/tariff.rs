//! A tariff of time-of-use rates: when which rate runs, and what it costs.
//!
//! What a meter of this world cannot keep is refused by [`Tariff::check`], and never cut down to what it can.

use serde::{Deserialize, Serialize};

/// How many rates meters keep apart (P).
pub const RATES_MAX: u8 = 2;
/// How many special days they keep.
const SPECIAL_DAYS_MAX: usize = 50;

/// When which rate runs, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Days, each with a name of its own.
    pub days: Vec<DayProfile>,
    /// Weeks of such days.
    pub weeks: Vec<WeekProfile>,
    /// From when on in a year which week runs.
    pub seasons: Vec<Season>,
    /// Days on which another day runs than the week says.
    pub special_days: Vec<SpecialDay>,
    /// Block thresholds, watt-hours or litres, as they came. A time-of-use tariff has no use for them: they are kept, and count
    /// nothing.
    pub thresholds: Vec<Vec<u64>>,
    /// What it costs.
    pub prices: Prices,
}

/// What happens on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayProfile {
    /// Its name, from 1.
    pub name: u8,
    /// In the order of the day.
    pub schedule: Vec<Switch>,
}

/// A rate that runs from a time of day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Minutes after midnight (UTC).
    pub minute: u16,
    /// The rate, from 1.
    pub rate: u8,
}

/// A week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekProfile {
    /// Its name, from 1.
    pub name: u8,
    /// The names of its days, Monday first.
    pub days: [u8; 7],
}

/// A season.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// Its name; empty where it has none.
    pub name: String,
    /// When it begins.
    pub start: CalendarDate,
    /// The name of its week.
    pub week: u8,
}

/// A day that is not as others are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialDay {
    /// When.
    pub date: CalendarDate,
    /// The name of the day that runs.
    pub day: u8,
}

/// A date in which each part may be left open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDate {
    /// For example 2021.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31; 0xFE is the last day of the month, 0xFD the last but one.
    pub day: Option<u8>,
    /// 1, Monday, to 7.
    pub weekday: Option<u8>,
}

/// In which money prices are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Pounds.
    #[default]
    Gbp,
    /// Euros.
    Ecb,
}

/// An amount times a power of ten: pounds (or euros) a kilowatt-hour, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The amount.
    pub amount: i64,
    /// The power of ten.
    pub scale: i8,
}

/// What everything costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// In which money.
    pub currency: Currency,
    /// A day.
    pub standing_charge: Price,
    /// A kilowatt-hour, by rate, the first rate first.
    pub rates: Vec<Price>,
}

/// What meters cannot keep, in words for a User.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unkept(pub String);

impl std::fmt::Display for Unkept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unkept {}

impl Prices {
    /// Whether there are several rates.
    #[must_use]
    pub fn has_two_rates(&self) -> bool {
        self.rates.len() > 1
    }

    /// Whether there are several rates, and they do not all cost the same.
    #[must_use]
    pub fn differ(&self) -> bool {
        self.rates.windows(2).any(|pair| !pair[0].is_worth(pair[1]))
    }

    /// Whether meters can keep these prices.
    ///
    /// # Errors
    /// [`Unkept`].
    pub fn check(&self) -> Result<(), Unkept> {
        match self.rates.len() {
            0 => Err(Unkept("a tariff without a price".to_owned())),
            n if n > usize::from(RATES_MAX) => Err(Unkept(format!("{n} rates; the meter has {RATES_MAX}"))),
            _ => Ok(()),
        }
    }
}

impl Price {
    /// Whether two prices are the same money, however they are written.
    #[must_use]
    pub fn is_worth(self, other: Price) -> bool {
        let (small, large) = if self.scale <= other.scale { (self, other) } else { (other, self) };
        let steps = u32::from(large.scale.abs_diff(small.scale));
        let scaled = 10_i128.checked_pow(steps).and_then(|power| power.checked_mul(large.amount.into()));
        // What no number holds is worth the other only where both are nothing.
        scaled.map_or(small.amount == 0 && large.amount == 0, |scaled| scaled == i128::from(small.amount))
    }
}

impl Tariff {
    /// Whether meters can keep this tariff: what it names is there, and is no more than they have room for.
    ///
    /// # Errors
    /// [`Unkept`].
    pub fn check(&self) -> Result<(), Unkept> {
        self.prices.check()?;
        let unkept = |words: String| Err(Unkept(words));
        if self.days.is_empty() || self.weeks.is_empty() || self.seasons.is_empty() {
            return unkept("a switching table without a day, a week or a season".to_owned());
        }
        if self.special_days.len() > SPECIAL_DAYS_MAX {
            return unkept(format!("{} special days; the meter has {SPECIAL_DAYS_MAX}", self.special_days.len()));
        }
        for day in &self.days {
            if day.schedule.first().is_none_or(|first| first.minute != 0) {
                return unkept(format!("day {} does not say which rate runs from midnight on", day.name));
            }
            if day.schedule.windows(2).any(|pair| pair[0].minute >= pair[1].minute) {
                return unkept(format!("the times of day {} do not rise", day.name));
            }
            let priced = |rate: u8| (1..=self.prices.rates.len()).contains(&usize::from(rate));
            if let Some(other) = day.schedule.iter().find(|switch| !priced(switch.rate)) {
                return unkept(format!("day {} uses rate {}, which has no price", day.name, other.rate));
            }
        }
        let named = |name: u8| self.days.iter().any(|day| day.name == name);
        let special = self.special_days.iter().map(|special| special.day);
        if let Some(name) = self.weeks.iter().flat_map(|week| week.days).chain(special).find(|name| !named(*name)) {
            return unkept(format!("day {name} is named, and is not there"));
        }
        match self.seasons.iter().find(|season| !self.weeks.iter().any(|week| week.name == season.week)) {
            Some(season) => unkept(format!("week {} is named, and is not there", season.week)),
            None => Ok(()),
        }
    }
}
