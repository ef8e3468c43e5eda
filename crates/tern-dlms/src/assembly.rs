//! A value that arrives in blocks, at a client or at a server.

/// The longest value that is put together from blocks, in bytes.
const ASSEMBLED_MAX_BYTES: usize = 4 << 20;

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
