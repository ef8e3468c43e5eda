//! Selective access: which part of an attribute a request is about.

use crate::codec::{Codec, Reader};
use crate::cosem::Shape;
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;
use crate::error::DecodeError;
use crate::logical_name::LogicalName;

/// Selective-Access-Descriptor: an access selector and its parameters, whose meaning depends on the attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectiveAccess {
    /// The access selector.
    pub selector: u8,
    /// The access parameters.
    pub parameters: Data,
}

/// A column of a profile: an attribute of an object, or one element of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaptureObject {
    /// Interface class of the object.
    pub class: ClassId,
    /// Logical name of the object.
    pub instance: LogicalName,
    /// Number of the attribute.
    pub attribute: i8,
    /// Which element of the attribute, from 1; 0 stands for all of it.
    pub data_index: u16,
}

/// Selective access to the buffer of a profile generic (class 7, attribute 2).
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// range_descriptor, selector 1: the entries in which the value of one column lies between two values, both
    /// included.
    Range {
        /// The column that restricts.
        restricting: CaptureObject,
        /// Its least value.
        from: Data,
        /// Its greatest value.
        to: Data,
        /// The columns to answer with; none stands for all.
        columns: Vec<CaptureObject>,
    },
    /// entry_descriptor, selector 2: entries and columns by number, from 1.
    Entry {
        /// The first entry.
        from_entry: u32,
        /// The last entry; 0 stands for the last that there is.
        to_entry: u32,
        /// The first column.
        from_column: u16,
        /// The last column; 0 stands for the last that there is.
        to_column: u16,
    },
}

impl Selection {
    /// The access selector of a range_descriptor.
    pub const RANGE: u8 = 1;
    /// The access selector of an entry_descriptor.
    pub const ENTRY: u8 = 2;

    /// The access selector and parameters that say this.
    #[must_use]
    pub fn to_access(&self) -> SelectiveAccess {
        match self {
            Selection::Range { restricting, from, to, columns } => {
                let parameters = vec![restricting.to_data(), from.clone(), to.clone(), columns.to_data()];
                let parameters = Data::Structure(parameters);
                SelectiveAccess { selector: Self::RANGE, parameters }
            }
            Selection::Entry { from_entry, to_entry, from_column, to_column } => {
                let entries = [*from_entry, *to_entry].map(Data::DoubleLongUnsigned);
                let columns = [*from_column, *to_column].map(Data::LongUnsigned);
                let parameters = Data::Structure(entries.into_iter().chain(columns).collect());
                SelectiveAccess { selector: Self::ENTRY, parameters }
            }
        }
    }

    /// What a selector and its parameters say of a profile's buffer; nothing where the class knows no such selector.
    ///
    /// # Errors
    /// The parameters are not those of the selector.
    pub fn of_access(access: &SelectiveAccess) -> Result<Option<Self>, DataError> {
        match access.selector {
            Self::RANGE => {
                let [restricting, from, to, columns] = access.parameters.as_structure()?;
                Ok(Some(Selection::Range {
                    restricting: CaptureObject::of_data(restricting)?,
                    from: from.clone(),
                    to: to.clone(),
                    columns: Shape::of_data(columns)?,
                }))
            }
            Self::ENTRY => {
                let [from_entry, to_entry, from_column, to_column] = access.parameters.as_structure()?;
                Ok(Some(Selection::Entry {
                    from_entry: from_entry.as_double_long_unsigned()?,
                    to_entry: to_entry.as_double_long_unsigned()?,
                    from_column: from_column.as_long_unsigned()?,
                    to_column: to_column.as_long_unsigned()?,
                }))
            }
            _ => Ok(None),
        }
    }
}

impl CaptureObject {
    /// The whole of an attribute as a column.
    #[must_use]
    pub const fn new(class: ClassId, instance: LogicalName, attribute: i8) -> Self {
        CaptureObject { class, instance, attribute, data_index: 0 }
    }
}

impl Codec for SelectiveAccess {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.selector);
        self.parameters.encode(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(SelectiveAccess { selector: reader.u8()?, parameters: Data::read(reader)? })
    }
}
