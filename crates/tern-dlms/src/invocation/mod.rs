//! Invocation counters: numbers of which each is used once with one key, also across crashes.
//!
//! A number that protected two messages gives the authentication key away, so the order is fixed: a block of numbers is made
//! durable by a [`Reserve`] before the first of it is handed out, and what a crash leaves of a block is never used. Nothing here
//! may ever hand out a number that was not reserved, and nothing starts again at the end.

mod file;

use std::fmt;
use std::ops::Range;

pub use file::FileReserve;

/// Where numbers end: they have 32 bits.
const END: u64 = 1 << 32;

/// Why there is no number to be had. Nothing was protected, so nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// All numbers of this key are used: it must be replaced.
    #[error("invocation counters of this key are used up")]
    Exhausted,
    /// The block that was handed over for this use is used up.
    #[error("the block of invocation counters is used up")]
    BlockUsed,
    /// The reservation could not be made durable.
    #[error("cannot reserve invocation counters: {0}")]
    Reserve(#[from] std::io::Error),
}

/// Numbers that were made durable as used: `first` up to, and without, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    first: u64,
    end: u64,
}

impl Block {
    /// At most `count` numbers from `first` on, fewer where numbers end.
    ///
    /// # Errors
    /// [`InvocationError::Exhausted`] where `first` lies behind the last number.
    pub fn from(first: u64, count: u32) -> Result<Block, InvocationError> {
        if first >= END {
            return Err(InvocationError::Exhausted);
        }
        Ok(Block { first, end: END.min(first + u64::from(count)) })
    }

    /// The first number.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number behind the last one; 2^32 where numbers end.
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// Reserves numbers of one key. An implementation is the only one who knows what was handed out before.
pub trait Reserve {
    /// Reserves the next `count` numbers (fewer where numbers end), durably before it returns: whatever happens afterwards, none
    /// of them is reserved again.
    ///
    /// # Errors
    /// [`InvocationError::Exhausted`] at the end of numbers, [`InvocationError::Reserve`] where it cannot be made durable.
    fn reserve(&mut self, count: u32) -> Result<Block, InvocationError>;
}

/// Hands out numbers, each once, out of blocks that are reserved beforehand.
pub struct Invocations {
    left: Range<u64>,
    more: Option<More>,
}

struct More {
    reserve: Box<dyn Reserve + Send>,
    block_len: u32,
}

impl Invocations {
    /// Reserves `block_len` numbers whenever those at hand are used up; at least one.
    pub fn reserving(reserve: impl Reserve + Send + 'static, block_len: u32) -> Invocations {
        Invocations { left: 0..0, more: Some(More { reserve: Box::new(reserve), block_len: block_len.max(1) }) }
    }

    /// Hands out one block that its owner reserved, and nothing after it.
    pub fn within(block: Block) -> Invocations {
        Invocations { left: block.first..block.end, more: None }
    }

    /// The next number. It counts as used from here on, whether or not anything is sent.
    ///
    /// # Errors
    /// [`InvocationError`]: no number is to be had, and nothing may be protected.
    pub fn take(&mut self) -> Result<u32, InvocationError> {
        if self.left.is_empty() {
            let more = self.more.as_mut().ok_or(InvocationError::BlockUsed)?;
            let block = more.reserve.reserve(more.block_len)?;
            // Numbers only rise, whatever a reserve says.
            self.left = block.first.max(self.left.end)..block.end;
        }
        let number = self.left.next().ok_or(InvocationError::Exhausted)?;
        u32::try_from(number).map_err(|_| InvocationError::Exhausted)
    }
}

impl fmt::Debug for Invocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocations").field("left", &self.left).finish_non_exhaustive()
    }
}
