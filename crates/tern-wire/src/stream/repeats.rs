//! Ids that a file uses more than once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tern_model::{ChfIdentifier, DeviceKind, Eui64};

use super::Entry;

/// One use of an id that its file uses more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    /// The CHFIdentifier or Device ID.
    pub id: Eui64,
    /// The entry, from 0.
    pub entry: usize,
    /// What the device is in that entry.
    pub kind: DeviceKind,
}

/// Every use of an id by an entry, in the order in which it names them.
pub(super) fn uses<E: Entry>(at: usize, entry: &E, mut each: impl FnMut(Repeat)) {
    let ChfIdentifier(id) = entry.chf();
    each(Repeat { id, entry: at, kind: DeviceKind::Chf });
    entry.devices(&mut |kind, device| each(Repeat { id: device.0, entry: at, kind }));
}

/// The ids of a whole file: 8 bytes each, in blocks, so that nothing is copied while it grows.
#[derive(Default)]
pub(super) struct Ids {
    blocks: Vec<Vec<Eui64>>,
}

impl Ids {
    const BLOCK: usize = 32 << 10;

    pub(super) fn push(&mut self, id: Eui64) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < Self::BLOCK => block.push(id),
            _ => {
                // Small files do with one small block.
                let mut block = if self.blocks.is_empty() { Vec::new() } else { Vec::with_capacity(Self::BLOCK) };
                block.push(id);
                self.blocks.push(block);
            }
        }
    }

    /// Those that were pushed more than once, each once, rising.
    pub(super) fn repeated(mut self) -> Vec<Eui64> {
        self.blocks.iter_mut().for_each(|block| block.sort_unstable());
        let mut blocks: Vec<_> = self.blocks.iter().map(|block| block.iter().copied()).collect();
        let firsts = blocks.iter_mut().enumerate().filter_map(|(at, ids)| Some(Reverse((ids.next()?, at))));
        let mut next: BinaryHeap<_> = firsts.collect();
        let (mut before, mut repeated) = (None, Vec::new());
        while let Some(Reverse((id, block))) = next.pop() {
            if before == Some(id) && repeated.last() != Some(&id) {
                repeated.push(id);
            }
            before = Some(id);
            if let Some(id) = blocks[block].next() {
                next.push(Reverse((id, block)));
            }
        }
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_found_across_blocks() {
        let mut ids = Ids::default();
        let count = 3 * Ids::BLOCK as u64;
        (0..count).chain([5, 5, count - 1, 70_000]).for_each(|id| ids.push(Eui64(id)));
        assert_eq!(ids.repeated(), [5, 70_000, count - 1].map(Eui64));
        assert!(Ids::default().repeated().is_empty());
    }
}
