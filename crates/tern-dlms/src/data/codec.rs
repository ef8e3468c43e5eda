//! A-XDR of [`Data`]: a tag, then the content.

use super::{BitString, Data, Type};
use crate::codec::{Codec, Reader, put_octets, put_sequence};
use crate::date_time::{CosemDate, CosemDateTime, CosemTime};
use crate::error::{DecodeError, DecodeErrorKind};

impl Data {
    /// The type, which is the tag on the wire.
    #[must_use]
    pub fn data_type(&self) -> Type {
        match self {
            Data::Null => Type::Null,
            Data::Array(_) => Type::Array,
            Data::Structure(_) => Type::Structure,
            Data::Boolean(_) => Type::Boolean,
            Data::BitString(_) => Type::BitString,
            Data::DoubleLong(_) => Type::DoubleLong,
            Data::DoubleLongUnsigned(_) => Type::DoubleLongUnsigned,
            Data::OctetString(_) => Type::OctetString,
            Data::VisibleString(_) => Type::VisibleString,
            Data::Utf8String(_) => Type::Utf8String,
            Data::Bcd(_) => Type::Bcd,
            Data::Integer(_) => Type::Integer,
            Data::Long(_) => Type::Long,
            Data::Unsigned(_) => Type::Unsigned,
            Data::LongUnsigned(_) => Type::LongUnsigned,
            Data::Long64(_) => Type::Long64,
            Data::Long64Unsigned(_) => Type::Long64Unsigned,
            Data::Enum(_) => Type::Enum,
            Data::Float32(_) => Type::Float32,
            Data::Float64(_) => Type::Float64,
            Data::DateTime(_) => Type::DateTime,
            Data::Date(_) => Type::Date,
            Data::Time(_) => Type::Time,
            Data::DeltaInteger(_) => Type::DeltaInteger,
            Data::DeltaLong(_) => Type::DeltaLong,
            Data::DeltaDoubleLong(_) => Type::DeltaDoubleLong,
            Data::DeltaUnsigned(_) => Type::DeltaUnsigned,
            Data::DeltaLongUnsigned(_) => Type::DeltaLongUnsigned,
            Data::DeltaDoubleLongUnsigned(_) => Type::DeltaDoubleLongUnsigned,
            Data::DontCare => Type::DontCare,
        }
    }
}

impl Codec for Data {
    fn encode(&self, out: &mut Vec<u8>) {
        self.data_type().encode(out);
        match self {
            Data::Null | Data::DontCare => {}
            Data::Array(elements) | Data::Structure(elements) => put_sequence(elements, out),
            Data::Boolean(value) => out.push(u8::from(*value)),
            Data::BitString(bits) => bits.encode(out),
            Data::OctetString(octets) => put_octets(octets, out),
            Data::VisibleString(text) | Data::Utf8String(text) => put_octets(text.as_bytes(), out),
            Data::Integer(value) | Data::DeltaInteger(value) => out.push(value.cast_unsigned()),
            Data::Bcd(value) | Data::Unsigned(value) | Data::Enum(value) | Data::DeltaUnsigned(value) => {
                out.push(*value);
            }
            Data::Long(value) | Data::DeltaLong(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::LongUnsigned(value) | Data::DeltaLongUnsigned(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::DoubleLong(value) | Data::DeltaDoubleLong(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::DoubleLongUnsigned(value) | Data::DeltaDoubleLongUnsigned(value) => {
                out.extend_from_slice(&value.to_be_bytes());
            }
            Data::Long64(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::Long64Unsigned(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::Float32(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::Float64(value) => out.extend_from_slice(&value.to_be_bytes()),
            Data::DateTime(value) => value.encode(out),
            Data::Date(value) => value.encode(out),
            Data::Time(value) => value.encode(out),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let data = match Type::read(reader)? {
            Type::Null => Data::Null,
            Type::Array => Data::Array(reader.nested()?),
            Type::Structure => Data::Structure(reader.nested()?),
            Type::Boolean => Data::Boolean(reader.boolean()?),
            Type::BitString => Data::BitString(BitString::read(reader)?),
            Type::DoubleLong => Data::DoubleLong(reader.array().map(i32::from_be_bytes)?),
            Type::DoubleLongUnsigned => Data::DoubleLongUnsigned(reader.u32()?),
            Type::OctetString => Data::OctetString(reader.octets()?.to_vec()),
            Type::VisibleString => Data::VisibleString(text(reader, "ASCII characters", <[u8]>::is_ascii)?),
            Type::Utf8String => Data::Utf8String(text(reader, "UTF-8 characters", |_| true)?),
            Type::Bcd => Data::Bcd(reader.u8()?),
            Type::Integer => Data::Integer(reader.array().map(i8::from_be_bytes)?),
            Type::Long => Data::Long(reader.array().map(i16::from_be_bytes)?),
            Type::Unsigned => Data::Unsigned(reader.u8()?),
            Type::LongUnsigned => Data::LongUnsigned(reader.u16()?),
            Type::CompactArray => {
                return Err(DecodeError::new(at, DecodeErrorKind::NotSupported { what: "compact-array" }));
            }
            Type::Long64 => Data::Long64(reader.array().map(i64::from_be_bytes)?),
            Type::Long64Unsigned => Data::Long64Unsigned(reader.array().map(u64::from_be_bytes)?),
            Type::Enum => Data::Enum(reader.u8()?),
            Type::Float32 => Data::Float32(reader.array().map(f32::from_be_bytes)?),
            Type::Float64 => Data::Float64(reader.array().map(f64::from_be_bytes)?),
            Type::DateTime => Data::DateTime(CosemDateTime::read(reader)?),
            Type::Date => Data::Date(CosemDate::read(reader)?),
            Type::Time => Data::Time(CosemTime::read(reader)?),
            Type::DeltaInteger => Data::DeltaInteger(reader.array().map(i8::from_be_bytes)?),
            Type::DeltaLong => Data::DeltaLong(reader.array().map(i16::from_be_bytes)?),
            Type::DeltaDoubleLong => Data::DeltaDoubleLong(reader.array().map(i32::from_be_bytes)?),
            Type::DeltaUnsigned => Data::DeltaUnsigned(reader.u8()?),
            Type::DeltaLongUnsigned => Data::DeltaLongUnsigned(reader.u16()?),
            Type::DeltaDoubleLongUnsigned => Data::DeltaDoubleLongUnsigned(reader.u32()?),
            Type::DontCare => Data::DontCare,
        };
        Ok(data)
    }
}

/// Takes a string of characters that are UTF-8 and what `fits` asks besides.
fn text(reader: &mut Reader<'_>, what: &'static str, fits: fn(&[u8]) -> bool) -> Result<String, DecodeError> {
    let at = reader.position();
    let octets = reader.octets()?;
    let text = std::str::from_utf8(octets).ok().filter(|_| fits(octets));
    text.map(str::to_owned).ok_or_else(|| DecodeError::new(at, DecodeErrorKind::Form { what }))
}
