//! A string of bits.

use crate::codec::{Codec, Reader, put_length};
use crate::error::DecodeError;

/// A bit-string. Bit 0 is the leftmost: the most significant of the first byte. What pads the last byte is zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct BitString {
    bytes: Vec<u8>,
    length: usize,
}

impl BitString {
    /// The first `length` bits of `bytes`; bits beyond the bytes are zero.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>, length: usize) -> Self {
        bytes.resize(length.div_ceil(8), 0);
        if let Some(last) = bytes.last_mut().filter(|_| !length.is_multiple_of(8)) {
            *last &= 0xFF << (8 - length % 8);
        }
        BitString { bytes, length }
    }

    /// The bits, packed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether bit `index`, from 0 at the left, is there and set.
    #[must_use]
    pub fn is_set(&self, index: usize) -> bool {
        self.bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
    }
}

impl FromIterator<bool> for BitString {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut string = BitString::default();
        for bit in bits {
            if string.length.is_multiple_of(8) {
                string.bytes.push(0);
            }
            if let Some(last) = string.bytes.last_mut() {
                *last |= u8::from(bit) << (7 - string.length % 8);
            }
            string.length += 1;
        }
        string
    }
}

impl Codec for BitString {
    fn encode(&self, out: &mut Vec<u8>) {
        put_length(self.length, out);
        out.extend_from_slice(&self.bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = reader.length()?;
        let bytes = reader.take(length.div_ceil(8))?.to_vec();
        Ok(BitString::new(bytes, length))
    }
}
