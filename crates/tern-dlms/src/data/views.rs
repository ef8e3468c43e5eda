//! Looking at a [`Data`] as the type that an attribute's description gives it.

use thiserror::Error;

use super::{Data, Type};
use crate::codec::Codec;
use crate::date_time::CosemDateTime;
use crate::logical_name::LogicalName;

/// A value that is not of the type, or not of the shape, that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{expected} expected, {found} found")]
pub struct DataError {
    /// What should be there.
    pub expected: &'static str,
    /// The type that is there.
    pub found: Type,
}

impl Data {
    /// An octet-string.
    #[must_use]
    pub fn octets(octets: impl Into<Vec<u8>>) -> Self {
        Data::OctetString(octets.into())
    }

    /// A logical name, which is an octet-string of six.
    #[must_use]
    pub fn logical_name(name: LogicalName) -> Self {
        Data::octets(name.0)
    }

    /// Date and time as most attributes have them: an octet-string of twelve.
    #[must_use]
    pub fn date_time(value: &CosemDateTime) -> Self {
        Data::OctetString(value.to_bytes())
    }

    /// The elements of an array.
    ///
    /// # Errors
    /// It is no array.
    pub fn as_array(&self) -> Result<&[Data], DataError> {
        match self {
            Data::Array(elements) => Ok(elements),
            _ => Err(self.unlike("array")),
        }
    }

    /// The elements of a structure of `N`.
    ///
    /// # Errors
    /// It is no structure, or one of another number of elements.
    pub fn as_structure<const N: usize>(&self) -> Result<&[Data; N], DataError> {
        match self {
            Data::Structure(elements) => {
                elements.as_slice().try_into().map_err(|_| self.unlike("structure of another number of elements"))
            }
            _ => Err(self.unlike("structure")),
        }
    }

    /// The octets of an octet-string.
    ///
    /// # Errors
    /// It is no octet-string.
    pub fn as_octets(&self) -> Result<&[u8], DataError> {
        match self {
            Data::OctetString(octets) => Ok(octets),
            _ => Err(self.unlike("octet-string")),
        }
    }

    /// The logical name in an octet-string of six.
    ///
    /// # Errors
    /// It is no octet-string of six.
    pub fn as_logical_name(&self) -> Result<LogicalName, DataError> {
        LogicalName::from_octets(self.as_octets()?).ok_or_else(|| self.unlike("octet-string of 6"))
    }

    /// Date and time, under their own tag or as an octet-string of twelve.
    ///
    /// # Errors
    /// It is neither, or its parts are out of range.
    pub fn as_date_time(&self) -> Result<CosemDateTime, DataError> {
        match self {
            Data::DateTime(value) => Ok(*value),
            Data::OctetString(octets) => {
                CosemDateTime::decode(octets).map_err(|_| self.unlike("date-time in an octet-string of 12"))
            }
            _ => Err(self.unlike("date-time")),
        }
    }

    /// The characters of a visible-string or a utf8-string.
    ///
    /// # Errors
    /// It is neither.
    pub fn as_text(&self) -> Result<&str, DataError> {
        match self {
            Data::VisibleString(text) | Data::Utf8String(text) => Ok(text),
            _ => Err(self.unlike("visible-string")),
        }
    }

    /// A boolean.
    ///
    /// # Errors
    /// It is none.
    pub fn as_boolean(&self) -> Result<bool, DataError> {
        match self {
            Data::Boolean(value) => Ok(*value),
            _ => Err(self.unlike("boolean")),
        }
    }

    /// The number of an enum.
    ///
    /// # Errors
    /// It is none.
    pub fn as_enum(&self) -> Result<u8, DataError> {
        match self {
            Data::Enum(value) => Ok(*value),
            _ => Err(self.unlike("enum")),
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// It is none.
    pub fn as_integer(&self) -> Result<i8, DataError> {
        match self {
            Data::Integer(value) => Ok(*value),
            _ => Err(self.unlike("integer")),
        }
    }

    /// An unsigned.
    ///
    /// # Errors
    /// It is none.
    pub fn as_unsigned(&self) -> Result<u8, DataError> {
        match self {
            Data::Unsigned(value) => Ok(*value),
            _ => Err(self.unlike("unsigned")),
        }
    }

    /// A long-unsigned.
    ///
    /// # Errors
    /// It is none.
    pub fn as_long_unsigned(&self) -> Result<u16, DataError> {
        match self {
            Data::LongUnsigned(value) => Ok(*value),
            _ => Err(self.unlike("long-unsigned")),
        }
    }

    /// A double-long-unsigned.
    ///
    /// # Errors
    /// It is none.
    pub fn as_double_long_unsigned(&self) -> Result<u32, DataError> {
        match self {
            Data::DoubleLongUnsigned(value) => Ok(*value),
            _ => Err(self.unlike("double-long-unsigned")),
        }
    }

    /// The value of any whole number, whatever its type: registers may be of each.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn as_whole_number(&self) -> Result<i128, DataError> {
        match self {
            Data::Integer(value) | Data::DeltaInteger(value) => Ok((*value).into()),
            Data::Long(value) | Data::DeltaLong(value) => Ok((*value).into()),
            Data::DoubleLong(value) | Data::DeltaDoubleLong(value) => Ok((*value).into()),
            Data::Long64(value) => Ok((*value).into()),
            Data::Unsigned(value) | Data::DeltaUnsigned(value) => Ok((*value).into()),
            Data::LongUnsigned(value) | Data::DeltaLongUnsigned(value) => Ok((*value).into()),
            Data::DoubleLongUnsigned(value) | Data::DeltaDoubleLongUnsigned(value) => Ok((*value).into()),
            Data::Long64Unsigned(value) => Ok((*value).into()),
            _ => Err(self.unlike("whole number")),
        }
    }

    fn unlike(&self, expected: &'static str) -> DataError {
        DataError { expected, found: self.data_type() }
    }
}
