//! As much BER as ACSE takes: tag, length and content, fields in ascending order of their tags.

use crate::codec::{Codec, Reader, put_octets};
use crate::error::{DecodeError, DecodeErrorKind};

/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// OBJECT IDENTIFIER.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// The number of a context-specific tag, without class and form.
const NUMBER: u8 = 0x1F;

/// A part of a [`Reader`]'s bytes, and where it stands in them.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) position: usize,
}

/// Takes an APDU by its tag, and hands each of its fields to `field`. Fields stand in ascending order, each at most
/// once.
pub(super) fn read_apdu<'a>(
    reader: &mut Reader<'a>,
    tag: u8,
    what: &'static str,
    mut field: impl FnMut(u8, Content<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let start = reader.position();
    if reader.u8()? != tag {
        return Err(DecodeError::new(start, DecodeErrorKind::Form { what }));
    }
    let mut content = content(reader)?;
    let mut last = None;
    while !content.bytes.is_empty() {
        let at = content.position;
        let (tag, value) = content.split_field()?;
        let number = Some(tag & NUMBER);
        if number <= last {
            return Err(DecodeError::new(at, DecodeErrorKind::Form { what: "fields in ascending order, each once" }));
        }
        last = number;
        field(tag, value)?;
    }
    Ok(())
}

/// Takes a length and the content that it announces.
fn content<'a>(reader: &mut Reader<'a>) -> Result<Content<'a>, DecodeError> {
    let length = reader.length()?;
    let position = reader.position();
    Ok(Content { bytes: reader.take(length)?, position })
}

impl<'a> Content<'a> {
    /// A reader of this content, whose errors are placed within it.
    fn split_field(&mut self) -> Result<(u8, Content<'a>), DecodeError> {
        let mut reader = Reader::new(self.bytes, crate::codec::Limits::default());
        let placed = |error: DecodeError| DecodeError::new(self.position + error.position, error.kind);
        let tag = reader.u8().map_err(placed)?;
        let mut value = content(&mut reader).map_err(placed)?;
        value.position += self.position;
        self.position += reader.position();
        self.bytes = reader.rest();
        Ok((tag, value))
    }

    /// The content of the one field within, which must have this tag.
    pub(super) fn only(mut self, expected: u8, what: &'static str) -> Result<Content<'a>, DecodeError> {
        let at = self.position;
        let (tag, value) = self.split_field()?;
        if tag != expected || !self.bytes.is_empty() {
            return Err(DecodeError::new(at, DecodeErrorKind::Form { what }));
        }
        Ok(value)
    }

    /// The content as one value.
    pub(super) fn decode<T: Codec>(self) -> Result<T, DecodeError> {
        T::decode(self.bytes).map_err(|error| DecodeError::new(self.position + error.position, error.kind))
    }

    /// An error where the content stands.
    pub(super) fn error(self, what: &'static str) -> DecodeError {
        DecodeError::new(self.position, DecodeErrorKind::Form { what })
    }
}

/// Appends a field.
pub(super) fn put_field(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    put_octets(content, out);
}

/// Appends a field within a field.
pub(super) fn put_nested(outer: u8, inner: u8, content: &[u8], out: &mut Vec<u8>) {
    let mut field = Vec::with_capacity(content.len() + 5);
    put_field(inner, content, &mut field);
    put_field(outer, &field, out);
}
