//! Block transfers under way: one at a time, and only for the caller who began it.

use super::Caller;
use crate::apdu::{AttributeWithSelection, DataBlockSa, InvokeIdAndPriority};
use crate::assembly::Assembly;
use crate::descriptor::MethodDescriptor;

/// What the length of a block's bytes takes more than the one byte of an empty block.
const LENGTH_MORE_BYTES: usize = 2;

/// What is under way.
#[derive(Debug, Default)]
pub(super) enum Transfer {
    #[default]
    None,
    /// The rest of a get's answer.
    GetAnswer(Ours, Outgoing),
    /// The rest of an action's answer.
    ActionAnswer(Ours, Outgoing),
    /// The values of a set, so far.
    SetValues(Ours, Count, Vec<AttributeWithSelection>, Assembly),
    /// The parameters of an action, so far.
    ActionParameters(Ours, Count, Vec<MethodDescriptor>, Assembly),
}

/// Whether a request names one thing or a list: the encodings differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    One,
    List,
}

/// Whose transfer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ours {
    caller: Caller,
    invoke_id: u8,
}

impl Ours {
    pub(super) fn new(caller: Caller, invoke: InvokeIdAndPriority) -> Ours {
        Ours { caller, invoke_id: invoke.invoke_id() }
    }
}

/// An answer that leaves in blocks.
#[derive(Debug)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    /// The number of the last block that left.
    pub(super) number: u32,
}

impl Outgoing {
    pub(super) fn new(bytes: Vec<u8>) -> Outgoing {
        Outgoing { bytes, sent: 0, number: 0 }
    }

    /// The next block, as long as fits into `limit` beside an empty block's `around` bytes; one byte at least.
    pub(super) fn next(&mut self, limit: usize, around: usize) -> DataBlockSa {
        let room = limit.saturating_sub(around + LENGTH_MORE_BYTES).max(1);
        let end = self.bytes.len().min(self.sent + room);
        let raw_data = self.bytes[self.sent..end].to_vec();
        self.sent = end;
        self.number += 1;
        DataBlockSa { last: end == self.bytes.len(), number: self.number, raw_data }
    }
}
