//! The ground of every decoder and encoder: a bounded reader, lengths, octet strings, optional fields, sequences.
//!
//! A-XDR (IEC 61334-6) and BER write lengths alike, so both stand on this. Nothing here allocates by a length field
//! before the bytes behind it are known to be there.

use crate::error::{DecodeError, DecodeErrorKind};

/// Something that has one encoding in bytes.
pub trait Codec: Sized {
    /// Appends the encoding to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads one value where `reader` stands.
    ///
    /// # Errors
    /// The bytes are not of this value, or go beyond the reader's limits.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Decodes `bytes`, all of them, within the default [`Limits`].
    ///
    /// # Errors
    /// As [`Codec::read`]; also where bytes are left over.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_within(bytes, Limits::default())
    }

    /// Decodes `bytes`, all of them, within `limits`.
    ///
    /// # Errors
    /// As [`Codec::read`]; also where bytes are left over.
    fn decode_within(bytes: &[u8], limits: Limits) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, limits);
        let value = Self::read(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// The encoding as bytes of its own.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// How much one decoding may build. What a peer sends is also bounded by the frame or the reassembled blocks that it
/// came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep arrays and structures may stand in one another.
    pub depth: usize,
    /// How many values (elements of sequences, arrays and structures) there may be altogether.
    pub elements: usize,
}

impl Default for Limits {
    /// 16 deep; 131,072 elements, which is a load profile of half-hours over three years. So many elements take less than
    /// 8 MiB beside the bytes themselves.
    fn default() -> Self {
        Limits { depth: 16, elements: 131_072 }
    }
}

/// Capacity that is set aside for a sequence before its elements are seen.
const CAPACITY_MAX: usize = 64;

/// Reads bytes from front to back and knows where it stands.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    limits: Limits,
    depth: usize,
    elements: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8], limits: Limits) -> Self {
        Reader { bytes, position: 0, limits, depth: 0, elements: 0 }
    }

    /// Offset of the next byte.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.position == self.bytes.len()
    }

    /// Looks at the next byte without taking it.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// An error where the reader stands.
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.position, kind)
    }

    /// Fails where bytes are left.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Trailing`].
    pub fn end(&self) -> Result<(), DecodeError> {
        match self.rest().len() {
            0 => Ok(()),
            count => Err(self.error(DecodeErrorKind::Trailing { count })),
        }
    }

    /// Takes `count` bytes.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let rest = self.rest();
        let Some(taken) = rest.get(..count) else {
            return Err(self.error(DecodeErrorKind::Truncated { missing: count - rest.len() }));
        };
        self.position += count;
        Ok(taken)
    }

    /// Takes as many bytes as the array holds.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.position;
        let form = DecodeErrorKind::Form { what: "a value of fixed length" };
        self.take(N)?.try_into().map_err(|_| DecodeError::new(at, form))
    }

    /// Takes one byte.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    /// Takes an Unsigned16.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Takes an Unsigned32.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Takes a BOOLEAN: zero is false, all else true.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`].
    pub fn boolean(&mut self) -> Result<bool, DecodeError> {
        self.u8().map(|byte| byte != 0)
    }

    /// Takes a length or a count in the definite form of one to five bytes. That what it announces is there is for
    /// whoever takes it to find.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`], [`DecodeErrorKind::Length`].
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        let at = self.position;
        let first = self.u8()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        let count = usize::from(first & 0x7F);
        if !(1..=4).contains(&count) {
            return Err(DecodeError::new(at, DecodeErrorKind::Length));
        }
        Ok(self.take(count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    /// Takes an OCTET STRING with its length.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`], [`DecodeErrorKind::Length`].
    pub fn octets(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.take(length)
    }

    /// Takes an OPTIONAL field: its usage flag, and where that is set what `read` takes.
    ///
    /// # Errors
    /// The flag is neither 0 nor 1, or those of `read`.
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        let at = self.position;
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            number => {
                let kind = DecodeErrorKind::Unknown { what: "usage flag of an OPTIONAL field", number: number.into() };
                Err(DecodeError::new(at, kind))
            }
        }
    }

    /// Takes a SEQUENCE OF: its count, and as many elements.
    ///
    /// # Errors
    /// More elements than the limits permit, or those of the elements.
    pub fn sequence<T: Codec>(&mut self) -> Result<Vec<T>, DecodeError> {
        let count = self.length()?;
        let mut elements = Vec::with_capacity(count.min(CAPACITY_MAX));
        for _ in 0..count {
            self.count_element()?;
            elements.push(T::read(self)?);
        }
        Ok(elements)
    }

    /// Takes a sequence whose elements may themselves be such sequences.
    pub(crate) fn nested<T: Codec>(&mut self) -> Result<Vec<T>, DecodeError> {
        if self.depth == self.limits.depth {
            return Err(self.error(DecodeErrorKind::Limit { what: "nesting", limit: self.limits.depth }));
        }
        self.depth += 1;
        let elements = self.sequence();
        self.depth -= 1;
        elements
    }

    fn count_element(&mut self) -> Result<(), DecodeError> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(self.error(DecodeErrorKind::Limit { what: "elements", limit: self.limits.elements }));
        }
        Ok(())
    }
}

/// Appends a length or a count in the shortest form.
///
/// # Panics
/// Where `length` does not fit four bytes: nothing that is encoded here is as long.
pub fn put_length(length: usize, out: &mut Vec<u8>) {
    if length < 0x80 {
        out.push(u8::try_from(length).expect("it is below 128"));
        return;
    }
    let bytes = u32::try_from(length).expect("lengths fit four bytes").to_be_bytes();
    let skipped = bytes.iter().take_while(|byte| **byte == 0).count();
    out.push(0x80 | u8::try_from(bytes.len() - skipped).expect("it is at most 4"));
    out.extend_from_slice(&bytes[skipped..]);
}

/// Appends an OCTET STRING with its length.
pub fn put_octets(octets: &[u8], out: &mut Vec<u8>) {
    put_length(octets.len(), out);
    out.extend_from_slice(octets);
}

/// Appends an OPTIONAL field: its usage flag, and the value where there is one.
pub(crate) fn put_optional<T: Codec>(value: Option<&T>, out: &mut Vec<u8>) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        value.encode(out);
    }
}

/// Appends a SEQUENCE OF: its count, and its elements.
pub(crate) fn put_sequence<T: Codec>(elements: &[T], out: &mut Vec<u8>) {
    put_length(elements.len(), out);
    for element in elements {
        element.encode(out);
    }
}

/// Defines an enumeration of the standard: its numbers and words, and its encoding in one byte.
macro_rules! enumeration {
    (
        $(#[$meta:meta])*
        $name:ident is $what:literal {
            $($(#[$doc:meta])* $variant:ident = $number:literal $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$doc])* $variant = $number,)+
        }

        impl $name {
            /// Every value, by number.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The value of a number, where the standard defines one.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some($name::$variant),)+
                    _ => None,
                }
            }

            /// The standard's word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::codec::Codec for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.push(self.number());
            }

            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::error::DecodeError> {
                let at = reader.position();
                let number = reader.u8()?;
                $name::from_number(number).ok_or_else(|| {
                    let kind = $crate::error::DecodeErrorKind::Unknown { what: $what, number: number.into() };
                    $crate::error::DecodeError::new(at, kind)
                })
            }
        }
    };
}
pub(crate) use enumeration;
