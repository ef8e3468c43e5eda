//! Date, time, and both together with the clock's deviation and status; each part may be left unspecified.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::codec::{Codec, Reader};
use crate::error::{DecodeError, DecodeErrorKind};

/// Not specified, in a part of one byte.
const ANY: u8 = 0xFF;
/// Not specified, in the year.
const ANY_YEAR: u16 = 0xFFFF;
/// Not specified, in the deviation.
const ANY_DEVIATION: i16 = i16::MIN;
/// What the deviation may be, in minutes.
const DEVIATIONS_MINUTES: std::ops::RangeInclusive<i16> = -720..=840;

/// The month of a [`CosemDate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Month {
    /// Any month.
    Unspecified,
    /// 1 to 12.
    Number(u8),
    /// The month in which daylight saving begins.
    DaylightSavingsBegin,
    /// The month in which daylight saving ends.
    DaylightSavingsEnd,
}

/// The day of the month of a [`CosemDate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// Any day.
    Unspecified,
    /// 1 to 31.
    Number(u8),
    /// The last day of the month.
    Last,
    /// The last day of the month but one.
    SecondLast,
}

/// A date: five bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CosemDate {
    /// The year; none stands for any.
    pub year: Option<u16>,
    /// The month.
    pub month: Month,
    /// The day of the month.
    pub day: Day,
    /// The day of the week, 1 for Monday to 7; none stands for any.
    pub day_of_week: Option<u8>,
}

/// A time: four bytes. None stands for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CosemTime {
    /// 0 to 23.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: Option<u8>,
    /// 0 to 59.
    pub second: Option<u8>,
    /// 0 to 99.
    pub hundredths: Option<u8>,
}

/// The clock's status: a byte of flags, of which 0xFF stands for a status that is not specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClockStatus(pub u8);

impl ClockStatus {
    /// Nothing to remark.
    pub const CLEAR: ClockStatus = ClockStatus(0);
    /// The time could not be recovered after an incident.
    pub const INVALID_VALUE: u8 = 0x01;
    /// The time could be recovered, with an error that cannot be told.
    pub const DOUBTFUL_VALUE: u8 = 0x02;
    /// The clock runs on another base than its own.
    pub const DIFFERENT_CLOCK_BASE: u8 = 0x04;
    /// The status is invalid.
    pub const INVALID_CLOCK_STATUS: u8 = 0x08;
    /// Daylight saving is in force.
    pub const DAYLIGHT_SAVING: u8 = 0x80;
    /// Not specified.
    pub const UNSPECIFIED: ClockStatus = ClockStatus(0xFF);
}

/// Date and time: twelve bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CosemDateTime {
    /// The date.
    pub date: CosemDate,
    /// The time of the day.
    pub time: CosemTime,
    /// Minutes to add to this local time for UTC, -720 to 840; none where that is not specified.
    pub deviation_minutes: Option<i16>,
    /// The clock's status.
    pub status: ClockStatus,
}

impl CosemDateTime {
    /// Every part unspecified.
    pub const UNSPECIFIED: CosemDateTime = CosemDateTime {
        date: CosemDate { year: None, month: Month::Unspecified, day: Day::Unspecified, day_of_week: None },
        time: CosemTime { hour: None, minute: None, second: None, hundredths: None },
        deviation_minutes: None,
        status: ClockStatus::UNSPECIFIED,
    };

    /// A moment in UTC, to the hundredth of a second, with deviation 0 and a clear status. Years before 0 are not
    /// representable and give the year 0.
    #[must_use]
    pub fn from_timestamp(moment: Timestamp) -> Self {
        let civil = jiff::tz::Offset::UTC.to_datetime(moment);
        let part = |value: i8| value.unsigned_abs();
        CosemDateTime {
            date: CosemDate {
                year: Some(u16::try_from(civil.year()).unwrap_or(0)),
                month: Month::Number(part(civil.month())),
                day: Day::Number(part(civil.day())),
                day_of_week: Some(part(civil.weekday().to_monday_one_offset())),
            },
            time: CosemTime {
                hour: Some(part(civil.hour())),
                minute: Some(part(civil.minute())),
                second: Some(part(civil.second())),
                hundredths: Some(u8::try_from(civil.millisecond() / 10).unwrap_or(0)),
            },
            deviation_minutes: Some(0),
            status: ClockStatus::CLEAR,
        }
    }

    /// The moment that is meant. A deviation that is not specified counts as none, an unspecified time of the day's
    /// parts as 0; nothing where year, month or day are unspecified or no such day exists.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        let (Month::Number(month), Day::Number(day)) = (self.date.month, self.date.day) else { return None };
        let part = |value: Option<u8>| i8::try_from(value.unwrap_or(0)).ok();
        let nanoseconds = i32::from(self.time.hundredths.unwrap_or(0)) * 10_000_000;
        let local = DateTime::new(
            i16::try_from(self.date.year?).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            part(self.time.hour)?,
            part(self.time.minute)?,
            part(self.time.second)?,
            nanoseconds,
        );
        let moment = jiff::tz::Offset::UTC.to_timestamp(local.ok()?).ok()?;
        let deviation = jiff::SignedDuration::from_mins(self.deviation_minutes.unwrap_or(0).into());
        moment.checked_add(deviation).ok()
    }
}

impl Codec for CosemDate {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.year.unwrap_or(ANY_YEAR).to_be_bytes());
        out.push(match self.month {
            Month::Unspecified => ANY,
            Month::Number(number) => number,
            Month::DaylightSavingsBegin => 0xFE,
            Month::DaylightSavingsEnd => 0xFD,
        });
        out.push(match self.day {
            Day::Unspecified => ANY,
            Day::Number(number) => number,
            Day::Last => 0xFE,
            Day::SecondLast => 0xFD,
        });
        out.push(self.day_of_week.unwrap_or(ANY));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let year = Some(reader.u16()?).filter(|year| *year != ANY_YEAR);
        let at = reader.position();
        let month = match reader.u8()? {
            ANY => Month::Unspecified,
            0xFE => Month::DaylightSavingsBegin,
            0xFD => Month::DaylightSavingsEnd,
            number @ 1..=12 => Month::Number(number),
            _ => return Err(DecodeError::new(at, DecodeErrorKind::Form { what: "a month of 1 to 12" })),
        };
        let at = reader.position();
        let day = match reader.u8()? {
            ANY => Day::Unspecified,
            0xFE => Day::Last,
            0xFD => Day::SecondLast,
            number @ 1..=31 => Day::Number(number),
            _ => return Err(DecodeError::new(at, DecodeErrorKind::Form { what: "a day of 1 to 31" })),
        };
        let day_of_week = part(reader, 1..=7, "a day of the week of 1 to 7")?;
        Ok(CosemDate { year, month, day, day_of_week })
    }
}

impl Codec for CosemTime {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([self.hour, self.minute, self.second, self.hundredths].map(|part| part.unwrap_or(ANY)));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(CosemTime {
            hour: part(reader, 0..=23, "an hour of 0 to 23")?,
            minute: part(reader, 0..=59, "a minute of 0 to 59")?,
            second: part(reader, 0..=59, "a second of 0 to 59")?,
            hundredths: part(reader, 0..=99, "hundredths of 0 to 99")?,
        })
    }
}

impl Codec for CosemDateTime {
    fn encode(&self, out: &mut Vec<u8>) {
        self.date.encode(out);
        self.time.encode(out);
        out.extend_from_slice(&self.deviation_minutes.unwrap_or(ANY_DEVIATION).to_be_bytes());
        out.push(self.status.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (date, time) = (CosemDate::read(reader)?, CosemTime::read(reader)?);
        let at = reader.position();
        let deviation_minutes = match i16::from_be_bytes(reader.array()?) {
            ANY_DEVIATION => None,
            minutes if DEVIATIONS_MINUTES.contains(&minutes) => Some(minutes),
            _ => {
                return Err(DecodeError::new(at, DecodeErrorKind::Form { what: "a deviation of -720 to 840 minutes" }));
            }
        };
        Ok(CosemDateTime { date, time, deviation_minutes, status: ClockStatus(reader.u8()?) })
    }
}

/// Takes a part of one byte.
fn part(
    reader: &mut Reader<'_>,
    range: std::ops::RangeInclusive<u8>,
    what: &'static str,
) -> Result<Option<u8>, DecodeError> {
    let at = reader.position();
    match reader.u8()? {
        ANY => Ok(None),
        number if range.contains(&number) => Ok(Some(number)),
        _ => Err(DecodeError::new(at, DecodeErrorKind::Form { what })),
    }
}
