//! Activity calendar (class 20): which tariff script runs when, by season, week and day; one calendar in force and
//! one prepared.

use crate::codec::Codec;
use crate::cosem::Shape;
use crate::data::{Data, DataError};
use crate::date_time::{CosemDateTime, CosemTime};
use crate::descriptor::ClassId;
use crate::logical_name::LogicalName;

/// The class.
pub const CLASS: ClassId = ClassId(20);

/// Attribute: name of the calendar in force, octet-string.
pub const CALENDAR_NAME_ACTIVE: i8 = 2;
/// Attribute: its seasons, an array of [`Season`].
pub const SEASON_PROFILE_ACTIVE: i8 = 3;
/// Attribute: its weeks, an array of [`Week`].
pub const WEEK_PROFILE_TABLE_ACTIVE: i8 = 4;
/// Attribute: its days, an array of [`DayProfile`].
pub const DAY_PROFILE_TABLE_ACTIVE: i8 = 5;
/// Attribute: name of the calendar that is prepared, octet-string.
pub const CALENDAR_NAME_PASSIVE: i8 = 6;
/// Attribute: its seasons, an array of [`Season`].
pub const SEASON_PROFILE_PASSIVE: i8 = 7;
/// Attribute: its weeks, an array of [`Week`].
pub const WEEK_PROFILE_TABLE_PASSIVE: i8 = 8;
/// Attribute: its days, an array of [`DayProfile`].
pub const DAY_PROFILE_TABLE_PASSIVE: i8 = 9;
/// Attribute: when the prepared calendar comes into force, date and time in an octet-string.
pub const ACTIVATE_PASSIVE_CALENDAR_TIME: i8 = 10;

/// Method: puts the prepared calendar in force.
pub const ACTIVATE_PASSIVE_CALENDAR: i8 = 1;

/// season: from when a week applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Season {
    /// season_profile_name.
    pub name: Vec<u8>,
    /// season_start.
    pub start: CosemDateTime,
    /// week_name: the [`Week`] that applies.
    pub week: Vec<u8>,
}

/// week_profile: which day applies on which day of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// week_profile_name.
    pub name: Vec<u8>,
    /// The [`DayProfile`]s of Monday to Sunday.
    pub days: [u8; 7],
}

/// day_profile: what runs when on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayProfile {
    /// day_id.
    pub id: u8,
    /// day_schedule.
    pub schedule: Vec<DayAction>,
}

/// day_profile_action: one script of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayAction {
    /// start_time.
    pub start: CosemTime,
    /// script_logical_name: the script table.
    pub script: LogicalName,
    /// script_selector: the script in it.
    pub selector: u16,
}

impl Shape for Season {
    fn to_data(&self) -> Data {
        let week = Data::octets(self.week.clone());
        Data::Structure(vec![Data::octets(self.name.clone()), Data::date_time(&self.start), week])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [name, start, week] = data.as_structure()?;
        let (name, week) = (name.as_octets()?.to_vec(), week.as_octets()?.to_vec());
        Ok(Season { name, start: start.as_date_time()?, week })
    }
}

impl Shape for Week {
    fn to_data(&self) -> Data {
        let days = self.days.iter().map(|day| Data::Unsigned(*day));
        Data::Structure(std::iter::once(Data::octets(self.name.clone())).chain(days).collect())
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [name, monday, tuesday, wednesday, thursday, friday, saturday, sunday] = data.as_structure()?;
        let mut days = [0; 7];
        for (day, value) in days.iter_mut().zip([monday, tuesday, wednesday, thursday, friday, saturday, sunday]) {
            *day = value.as_unsigned()?;
        }
        Ok(Week { name: name.as_octets()?.to_vec(), days })
    }
}

impl Shape for DayProfile {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::Unsigned(self.id), self.schedule.to_data()])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [id, schedule] = data.as_structure()?;
        Ok(DayProfile { id: id.as_unsigned()?, schedule: Shape::of_data(schedule)? })
    }
}

impl Shape for DayAction {
    fn to_data(&self) -> Data {
        let start = Data::octets(self.start.to_bytes());
        Data::Structure(vec![start, Data::logical_name(self.script), Data::LongUnsigned(self.selector)])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [start, script, selector] = data.as_structure()?;
        let not_a_time = |_| DataError { expected: "time in an octet-string of 4", found: start.data_type() };
        Ok(DayAction {
            start: CosemTime::decode(start.as_octets()?).map_err(not_a_time)?,
            script: script.as_logical_name()?,
            selector: selector.as_long_unsigned()?,
        })
    }
}
