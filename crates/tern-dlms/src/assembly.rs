//! Values in blocks, at a client or at a server: how much fits into one, and how they are put together.

use crate::codec::{Codec, Limits, Reader};
use crate::error::DecodeError;

/// The longest value that is put together from blocks, in bytes.
const ASSEMBLED_MAX_BYTES: usize = 4 << 20;

/// What the length of a block's bytes takes more than the one byte of an empty block.
const LENGTH_MORE_BYTES: usize = 2;

/// How many bytes of a value a block has room for, where an APDU has `limit` bytes and takes `around` with an empty block.
pub(crate) fn room(limit: usize, around: usize) -> usize {
    limit.saturating_sub(around + LENGTH_MORE_BYTES)
}

/// What blocks were put together to, where that is a list.
pub(crate) fn list_of<T: Codec>(bytes: &[u8]) -> Result<Vec<T>, DecodeError> {
    let mut reader = Reader::new(bytes, Limits::default());
    let elements = reader.sequence()?;
    reader.end()?;
    Ok(elements)
}

/// Why a block was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssemblyError {
    /// Not the block after the last one.
    OutOfOrder,
    /// Empty, and not the last.
    Empty,
    /// Longer altogether than any value needs.
    TooLong,
}

impl AssemblyError {
    /// In words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            AssemblyError::OutOfOrder => "a block out of order",
            AssemblyError::Empty => "an empty block before the last",
            AssemblyError::TooLong => "more blocks than any value needs",
        }
    }
}

/// The blocks so far.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    /// What arrived.
    pub(crate) bytes: Vec<u8>,
    /// The number of the last block that arrived, 0 before the first.
    pub(crate) arrived: u32,
}

impl Assembly {
    /// Takes a block.
    pub(crate) fn take(&mut self, number: u32, is_last: bool, bytes: &[u8]) -> Result<(), AssemblyError> {
        if number.checked_sub(1) != Some(self.arrived) {
            return Err(AssemblyError::OutOfOrder);
        }
        if bytes.is_empty() && !is_last {
            return Err(AssemblyError::Empty);
        }
        if self.bytes.len() + bytes.len() > ASSEMBLED_MAX_BYTES {
            return Err(AssemblyError::TooLong);
        }
        self.arrived = number;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}
