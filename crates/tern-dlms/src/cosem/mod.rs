//! The interface classes that this crate names: their numbers, the numbers of their attributes and methods, and the
//! shapes of values that are more than one number or text.
//!
//! One module a class. What an object holds and does is for whoever serves it or asks it.

pub mod activity_calendar;
pub mod association_ln;
pub mod clock;
pub mod data;
pub mod disconnect_control;
pub mod gprs_modem_setup;
pub mod image_transfer;
pub mod profile_generic;
pub mod register;
pub mod security_setup;
pub mod special_days_table;

use crate::data::{Data, DataError};

/// Attribute 1 of every class: the object's logical name, an octet-string of six.
pub const LOGICAL_NAME: i8 = 1;

/// The parameter of methods that need none: integer 0.
pub const NO_PARAMETER: Data = Data::Integer(0);

/// A value that an attribute or a method's parameter gives a shape of its own.
pub trait Shape: Sized {
    /// The value as a Data.
    fn to_data(&self) -> Data;

    /// Reads the value.
    ///
    /// # Errors
    /// The Data is of another shape.
    fn of_data(data: &Data) -> Result<Self, DataError>;
}

/// An array of one shape: what attributes are that list things.
impl<T: Shape> Shape for Vec<T> {
    fn to_data(&self) -> Data {
        Data::Array(self.iter().map(Shape::to_data).collect())
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        data.as_array()?.iter().map(T::of_data).collect()
    }
}

/// Defines an enumeration of the standard that stands in an attribute or a parameter as an enum.
macro_rules! enum_shape {
    ($name:ident, $what:literal) => {
        impl $crate::cosem::Shape for $name {
            fn to_data(&self) -> $crate::data::Data {
                $crate::data::Data::Enum(self.number())
            }

            fn of_data(data: &$crate::data::Data) -> Result<Self, $crate::data::DataError> {
                let expected = || $crate::data::DataError { expected: $what, found: data.data_type() };
                $name::from_number(data.as_enum()?).ok_or_else(expected)
            }
        }
    };
}
use enum_shape;
