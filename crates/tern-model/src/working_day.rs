//! Working Days of England and Wales: neither Saturday nor Sunday, nor a bank holiday (the SEC's definition is not among the
//! sources; P).
//!
//! The bank holidays of 2019 to 2029 are data. Beyond them nothing is known: a day there is never a Working Day and never a
//! holiday, it is [`BeyondTable`], which whoever judges reports as FACTS MISSING.

use std::fmt;

use jiff::civil::{Date, Weekday, date};

/// The first and the last year of which the bank holidays are known.
pub const YEARS: (i16, i16) = (2019, 2029);

/// A day on which nobody can say whether it is a Working Day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeyondTable {
    /// The day.
    pub day: Date,
}

impl fmt::Display for BeyondTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = YEARS;
        write!(f, "the bank holidays of {} are not known: the table has {first} to {last}", self.day.year())
    }
}

impl std::error::Error for BeyondTable {}

/// Whether a day is a Working Day.
///
/// # Errors
/// The table does not reach to it.
pub fn is_working_day(day: Date) -> Result<bool, BeyondTable> {
    Ok(!holidays(day)?.contains(&(day.month(), day.day())) && !is_weekend(day))
}

/// The first Working Day that does not lie before a day.
///
/// # Errors
/// The table ends before.
pub fn on_or_after(mut day: Date) -> Result<Date, BeyondTable> {
    while !is_working_day(day)? {
        day = next(day)?;
    }
    Ok(day)
}

/// The `count`th Working Day after a day, which itself is not counted; of 0 the day itself.
///
/// This is the earliest day for which steps may be scheduled that are announced on `day` at least `count` Working Days
/// before (4.29, 4.30): announced on Monday 1 March 2021, 2 before, that is Wednesday 3 March; announced on the Saturday
/// before, Tuesday 2 March.
///
/// # Errors
/// The table ends before.
pub fn after(day: Date, count: u32) -> Result<Date, BeyondTable> {
    let mut at = day;
    for _ in 0..count {
        at = on_or_after(next(at)?)?;
    }
    Ok(at)
}

/// The last day on which steps of `day` can be announced at least `count` Working Days before: the latest of which
/// [`after`] gives no later day.
///
/// # Errors
/// The table begins after it.
pub fn latest_before(day: Date, count: u32) -> Result<Date, BeyondTable> {
    let (mut at, mut left) = (day, count);
    while left > 0 {
        left -= u32::from(is_working_day(at)?);
        at = at.yesterday().map_err(|_| BeyondTable { day: at })?;
    }
    Ok(at)
}

/// How many Working Days lie after `from`, up to `until` and with it; 0 where `until` does not come after.
///
/// # Errors
/// The table does not reach from one to the other.
pub fn between(from: Date, until: Date) -> Result<u32, BeyondTable> {
    let (mut at, mut count) = (from, 0);
    while at < until {
        at = next(at)?;
        count += u32::from(is_working_day(at)?);
    }
    Ok(count)
}

fn next(day: Date) -> Result<Date, BeyondTable> {
    day.tomorrow().map_err(|_| BeyondTable { day })
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The bank holidays of a day's year that do not fall on a weekend: month and day.
fn holidays(day: Date) -> Result<&'static [(i8, i8)], BeyondTable> {
    let at = usize::try_from(day.year() - YEARS.0).ok();
    at.and_then(|at| HOLIDAYS.get(at)).copied().ok_or(BeyondTable { day })
}

/// Every bank holiday as a date, in order.
pub fn bank_holidays() -> impl Iterator<Item = Date> {
    (YEARS.0..).zip(HOLIDAYS).flat_map(|(year, days)| days.iter().map(move |(month, day)| date(year, *month, *day)))
}

/// Bank holidays on which, but for them, one would work: a year a line. Substitute days stand in place of those that fall on
/// a weekend.
static HOLIDAYS: [&[(i8, i8)]; 11] = [
    &[(1, 1), (4, 19), (4, 22), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)],
    // The early May holiday moved to 8 May for the 75th anniversary of VE Day.
    &[(1, 1), (4, 10), (4, 13), (5, 8), (5, 25), (8, 31), (12, 25), (12, 28)],
    &[(1, 1), (4, 2), (4, 5), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)],
    // The Platinum Jubilee (spring holiday moved to 2 June, and 3 June), and the State Funeral of Queen Elizabeth II.
    &[(1, 3), (4, 15), (4, 18), (5, 2), (6, 2), (6, 3), (8, 29), (9, 19), (12, 26), (12, 27)],
    // The coronation of King Charles III on 8 May.
    &[(1, 2), (4, 7), (4, 10), (5, 1), (5, 8), (5, 29), (8, 28), (12, 25), (12, 26)],
    &[(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)],
    &[(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)],
    &[(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)],
    &[(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)],
    &[(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)],
    &[(1, 1), (3, 30), (4, 2), (5, 7), (5, 28), (8, 27), (12, 25), (12, 26)],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(notice: Date, count: u32, earliest: Date) {
        assert_eq!(after(notice, count), Ok(earliest), "{count} after {notice}");
        let latest = latest_before(earliest, count).expect("is in the table");
        assert_eq!(after(latest, count), Ok(earliest), "{latest} is too late or too early");
        let later = latest.tomorrow().expect("is a day");
        assert!(after(later, count).expect("is in the table") > earliest, "{later} would do too");
    }

    #[test]
    fn the_day_of_notice_is_not_counted() {
        check(date(2021, 3, 1), 2, date(2021, 3, 3));
        check(date(2021, 2, 27), 2, date(2021, 3, 2));
        check(date(2021, 2, 26), 2, date(2021, 3, 2));
        check(date(2020, 12, 24), 2, date(2020, 12, 30));
        check(date(2020, 12, 1), 15, date(2020, 12, 22));
        check(date(2022, 9, 16), 1, date(2022, 9, 20));
        assert_eq!(after(date(2021, 2, 27), 0), Ok(date(2021, 2, 27)));
    }

    #[test]
    fn what_lies_between_is_what_after_counts() {
        for start in [date(2019, 12, 20), date(2020, 4, 9), date(2022, 5, 30)] {
            for count in 0..40 {
                assert_eq!(between(start, after(start, count).expect("is in the table")), Ok(count), "{start}");
            }
        }
        assert_eq!(between(date(2021, 3, 3), date(2021, 3, 1)), Ok(0));
    }

    #[test]
    fn beyond_the_table_nothing_is_known() {
        for day in [date(2018, 12, 31), date(2030, 1, 1), date(2030, 1, 5), date(1, 1, 1)] {
            assert_eq!(is_working_day(day), Err(BeyondTable { day }));
            assert_eq!(on_or_after(day), Err(BeyondTable { day }));
        }
        assert_eq!(after(date(2029, 12, 28), 2), Err(BeyondTable { day: date(2030, 1, 1) }));
        assert_eq!(latest_before(date(2019, 1, 2), 2), Err(BeyondTable { day: date(2018, 12, 31) }));
        assert_eq!(between(date(2029, 12, 30), date(2030, 2, 1)), Err(BeyondTable { day: date(2030, 1, 1) }));
        assert!(is_working_day(Date::MAX).is_err() && after(Date::MAX, 1).is_err());
    }

    #[test]
    fn no_holiday_of_the_table_is_a_weekend_and_each_year_has_eight_at_least() {
        assert!(bank_holidays().all(|day| !is_weekend(day)));
        assert!(HOLIDAYS.iter().all(|days| days.len() >= 8 && days.is_sorted()));
        assert_eq!(bank_holidays().map(Date::year).max(), Some(YEARS.1));
    }
}
