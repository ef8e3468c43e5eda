//! The Data type: every value that an attribute or a method's parameter may have, in A-XDR.
//!
//! Decoding is bounded by the reader's limits in depth and number of elements; a compact array, which can stand for
//! many more elements than it has bytes, is refused.

mod bits;
mod codec;
mod views;

pub use bits::BitString;
pub use views::DataError;

use crate::codec::enumeration;
use crate::date_time::{CosemDate, CosemDateTime, CosemTime};

/// One value, by the standard's types.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// Elements of one type.
    Array(Vec<Data>),
    /// Elements of types of their own.
    Structure(Vec<Data>),
    /// Boolean.
    Boolean(bool),
    /// Bits, the first of them leftmost.
    BitString(BitString),
    /// Integer32.
    DoubleLong(i32),
    /// Unsigned32.
    DoubleLongUnsigned(u32),
    /// Octets.
    OctetString(Vec<u8>),
    /// ASCII characters.
    VisibleString(String),
    /// UTF-8 characters.
    Utf8String(String),
    /// Two digits in one byte.
    Bcd(u8),
    /// Integer8.
    Integer(i8),
    /// Integer16.
    Long(i16),
    /// Unsigned8.
    Unsigned(u8),
    /// Unsigned16.
    LongUnsigned(u16),
    /// Integer64.
    Long64(i64),
    /// Unsigned64.
    Long64Unsigned(u64),
    /// A value of an enumeration.
    Enum(u8),
    /// A number of IEEE 754 in four bytes.
    Float32(f32),
    /// A number of IEEE 754 in eight bytes.
    Float64(f64),
    /// Date and time under a tag of their own; most attributes have them as an octet-string instead.
    DateTime(CosemDateTime),
    /// A date under a tag of its own.
    Date(CosemDate),
    /// A time under a tag of its own.
    Time(CosemTime),
    /// A difference, Integer8.
    DeltaInteger(i8),
    /// A difference, Integer16.
    DeltaLong(i16),
    /// A difference, Integer32.
    DeltaDoubleLong(i32),
    /// A difference, Unsigned8.
    DeltaUnsigned(u8),
    /// A difference, Unsigned16.
    DeltaLongUnsigned(u16),
    /// A difference, Unsigned32.
    DeltaDoubleLongUnsigned(u32),
    /// A value that does not matter.
    DontCare,
}

enumeration! {
    /// The tags of [`Data`].
    Type is "data type" {
        /// Nothing.
        Null = 0 "null-data",
        /// Elements of one type.
        Array = 1 "array",
        /// Elements of types of their own.
        Structure = 2 "structure",
        /// Boolean.
        Boolean = 3 "boolean",
        /// Bits.
        BitString = 4 "bit-string",
        /// Integer32.
        DoubleLong = 5 "double-long",
        /// Unsigned32.
        DoubleLongUnsigned = 6 "double-long-unsigned",
        /// Octets.
        OctetString = 9 "octet-string",
        /// ASCII characters.
        VisibleString = 10 "visible-string",
        /// UTF-8 characters.
        Utf8String = 12 "utf8-string",
        /// Two digits.
        Bcd = 13 "bcd",
        /// Integer8.
        Integer = 15 "integer",
        /// Integer16.
        Long = 16 "long",
        /// Unsigned8.
        Unsigned = 17 "unsigned",
        /// Unsigned16.
        LongUnsigned = 18 "long-unsigned",
        /// Elements of one type, whose tag is written once; this crate refuses it.
        CompactArray = 19 "compact-array",
        /// Integer64.
        Long64 = 20 "long64",
        /// Unsigned64.
        Long64Unsigned = 21 "long64-unsigned",
        /// A value of an enumeration.
        Enum = 22 "enum",
        /// IEEE 754, four bytes.
        Float32 = 23 "float32",
        /// IEEE 754, eight bytes.
        Float64 = 24 "float64",
        /// Date and time.
        DateTime = 25 "date-time",
        /// Date.
        Date = 26 "date",
        /// Time.
        Time = 27 "time",
        /// A difference, Integer8.
        DeltaInteger = 28 "delta-integer",
        /// A difference, Integer16.
        DeltaLong = 29 "delta-long",
        /// A difference, Integer32.
        DeltaDoubleLong = 30 "delta-double-long",
        /// A difference, Unsigned8.
        DeltaUnsigned = 31 "delta-unsigned",
        /// A difference, Unsigned16.
        DeltaLongUnsigned = 32 "delta-long-unsigned",
        /// A difference, Unsigned32.
        DeltaDoubleLongUnsigned = 33 "delta-double-long-unsigned",
        /// A value that does not matter.
        DontCare = 255 "dont-care",
    }
}
