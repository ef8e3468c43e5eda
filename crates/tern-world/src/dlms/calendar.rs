//! The activity calendar: names, seasons, weeks and days, in force and to come.

use tern_dlms::{Codec, CosemDateTime, Data};

use super::reading::encoded;
use super::request::{Refusal, Request};

/// The longest part of a calendar that a meter holds, encoded.
const CALENDAR_MAX_BYTES: usize = 4096;

impl Request<'_> {
    /// An attribute of the calendar: what was written, or what the maker left.
    pub(super) fn calendar(&self, attribute: i8) -> Result<Data, Refusal> {
        let calendar = &self.meter().calendar;
        let written = calendar.active.iter().chain(&calendar.passive).find(|(known, _)| *known == attribute);
        match written {
            Some((_, value)) => Data::decode(value).map_err(|_| Refusal::Temporary),
            None => Ok(unwritten(attribute)),
        }
    }
}

/// The value of an attribute that nobody wrote: a day with a night rate from midnight to seven, and nothing to come.
fn unwritten(attribute: i8) -> Data {
    let action = |hour: u8, script: u16| {
        Data::Structure(vec![
            Data::octets([hour, 0, 0, 0]),
            Data::octets([0, 0, 10, 0, 100, 255]),
            Data::LongUnsigned(script),
        ])
    };
    match attribute {
        2 => Data::octets(*b"MAKER"),
        3 => {
            let season = [Data::octets([1]), Data::date_time(&CosemDateTime::UNSPECIFIED), Data::octets([1])];
            Data::Array(vec![Data::Structure(season.to_vec())])
        }
        4 => {
            let days = std::iter::repeat_n(Data::Unsigned(1), 7);
            Data::Array(vec![Data::Structure(std::iter::once(Data::octets([1])).chain(days).collect())])
        }
        5 => {
            let schedule = Data::Array(vec![action(0, 2), action(7, 1)]);
            Data::Array(vec![Data::Structure(vec![Data::Unsigned(1), schedule])])
        }
        6 => Data::octets([]),
        10 => Data::date_time(&CosemDateTime::UNSPECIFIED),
        _ => Data::Array(Vec::new()),
    }
}

/// The encoding of a value of the right type for an attribute that may be written.
pub(super) fn checked(attribute: i8, data: &Data) -> Result<Vec<u8>, Refusal> {
    let fits = match attribute {
        6 => data.as_octets().is_ok(),
        10 => data.as_date_time().is_ok(),
        9 => crate::devices::second_rate(&encoded(data)).is_some(),
        _ => data.as_array().is_ok(),
    };
    let value = encoded(data);
    match fits {
        true if value.len() <= CALENDAR_MAX_BYTES => Ok(value),
        true => Err(Refusal::Other),
        false => Err(Refusal::Type),
    }
}
