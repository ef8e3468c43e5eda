//! Profile generic (class 7): a table of captured values.
//!
//! Its buffer takes selective access by [`crate::Selection`]; its columns are [`crate::CaptureObject`]s.

use crate::codec::enumeration;
use crate::cosem::{Shape, enum_shape};
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;
use crate::selection::CaptureObject;

/// The class.
pub const CLASS: ClassId = ClassId(7);

/// Attribute: the entries, an array of structures with one element for each column.
pub const BUFFER: i8 = 2;
/// Attribute: the columns, an array of [`CaptureObject`].
pub const CAPTURE_OBJECTS: i8 = 3;
/// Attribute: seconds between two entries, double-long-unsigned; 0 where they are captured otherwise.
pub const CAPTURE_PERIOD: i8 = 4;
/// Attribute: [`SortMethod`].
pub const SORT_METHOD: i8 = 5;
/// Attribute: the column that sorts, a [`CaptureObject`].
pub const SORT_OBJECT: i8 = 6;
/// Attribute: how many entries there are, double-long-unsigned.
pub const ENTRIES_IN_USE: i8 = 7;
/// Attribute: how many entries there may be, double-long-unsigned.
pub const PROFILE_ENTRIES: i8 = 8;

/// Method: empties the buffer.
pub const RESET: i8 = 1;
/// Method: captures an entry.
pub const CAPTURE: i8 = 2;

enumeration! {
    /// sort_method: the order of the buffer.
    SortMethod is "sort method" {
        /// First in, first out.
        Fifo = 1 "fifo",
        /// Last in, first out.
        Lifo = 2 "lifo",
        /// The largest first.
        Largest = 3 "largest",
        /// The smallest first.
        Smallest = 4 "smallest",
        /// The nearest to zero first.
        NearestToZero = 5 "nearest to zero",
        /// The farthest from zero first.
        FarthestFromZero = 6 "farthest from zero",
    }
}

enum_shape!(SortMethod, "sort method");

impl Shape for CaptureObject {
    fn to_data(&self) -> Data {
        Data::Structure(vec![
            Data::LongUnsigned(self.class.0),
            Data::logical_name(self.instance),
            Data::Integer(self.attribute),
            Data::LongUnsigned(self.data_index),
        ])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [class, instance, attribute, data_index] = data.as_structure()?;
        Ok(CaptureObject {
            class: ClassId(class.as_long_unsigned()?),
            instance: instance.as_logical_name()?,
            attribute: attribute.as_integer()?,
            data_index: data_index.as_long_unsigned()?,
        })
    }
}
