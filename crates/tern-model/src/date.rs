//! Days. A day of the rules is a calendar day in Europe/London; moments on the wire are UTC.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Malformed;

/// The Europe/London calendar day on which a moment falls.
///
/// The rule since 1996 is computed here instead of read from a time zone database: summer time runs from 01:00 UTC on the
/// last Sunday of March to 01:00 UTC on the last Sunday of October, one hour ahead of UTC.
#[must_use]
pub fn london_day(at: Timestamp) -> Date {
    let utc = at.to_zoned(TimeZone::UTC).datetime();
    let change = |month| {
        let last = jiff::civil::date(utc.year(), month, 31);
        let back = i32::from(last.weekday().to_sunday_zero_offset());
        last.saturating_sub(jiff::Span::new().days(back)).at(1, 0, 0, 0)
    };
    if utc >= change(3) && utc < change(10) {
        utc.saturating_add(jiff::Span::new().hours(1)).date()
    } else {
        utc.date()
    }
}

/// The moment at which a day begins in Europe/London.
#[must_use]
pub fn london_midnight(day: Date) -> Timestamp {
    let utc = day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    let hour_before = utc.saturating_sub(jiff::SignedDuration::from_hours(1)).unwrap_or(utc);
    if london_day(hour_before) == day { hour_before } else { utc }
}

/// Reads a day as `YYYY-MM-DD`.
///
/// # Errors
/// The text is no day of the calendar.
pub fn parse_day(text: &str) -> Result<Date, Malformed> {
    const EXPECTED: Malformed = Malformed { expected: "a day as YYYY-MM-DD" };
    if text.len() != 10 {
        return Err(EXPECTED);
    }
    text.parse().map_err(|_| EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(moment: &str, day: &str) {
        let at: Timestamp = moment.parse().expect("a moment");
        assert_eq!(london_day(at), day.parse().expect("a day"), "{moment}");
    }

    #[test]
    fn a_day_begins_an_hour_earlier_in_summer() {
        for (day, begins) in [
            ("2021-03-02", "2021-03-02T00:00:00Z"),
            ("2020-03-29", "2020-03-29T00:00:00Z"),
            ("2020-03-30", "2020-03-29T23:00:00Z"),
            ("2020-10-25", "2020-10-24T23:00:00Z"),
            ("2020-10-26", "2020-10-26T00:00:00Z"),
        ] {
            let day: Date = day.parse().expect("a day");
            assert_eq!(london_midnight(day), begins.parse().expect("a moment"), "{day}");
        }
    }

    #[test]
    fn a_late_summer_evening_belongs_to_the_next_day() {
        check("2020-06-30T23:30:00Z", "2020-07-01");
        check("2020-12-31T23:30:00Z", "2020-12-31");
        check("2020-03-29T00:30:00Z", "2020-03-29");
        check("2020-10-24T23:30:00Z", "2020-10-25");
        check("2020-10-25T23:30:00Z", "2020-10-25");
    }
}
