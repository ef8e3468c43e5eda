//! Special days table (class 11): days on which another day profile applies than the calendar's week says.

use crate::cosem::Shape;
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(11);

/// Attribute: the days, an array of [`SpecialDay`].
pub const ENTRIES: i8 = 2;

/// spec_day_entry: one special day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialDay {
    /// index: what tells it from the others.
    pub index: u16,
    /// specialday_date, in an octet-string of 5; parts may be open.
    pub date: [u8; 5],
    /// day_id: the day profile that applies.
    pub day: u8,
}

impl Shape for SpecialDay {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::LongUnsigned(self.index), Data::octets(self.date), Data::Unsigned(self.day)])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [index, date, day] = data.as_structure()?;
        let not_a_date = |_| DataError { expected: "date in an octet-string of 5", found: date.data_type() };
        Ok(SpecialDay {
            index: index.as_long_unsigned()?,
            date: date.as_octets()?.try_into().map_err(not_a_date)?,
            day: day.as_unsigned()?,
        })
    }
}
