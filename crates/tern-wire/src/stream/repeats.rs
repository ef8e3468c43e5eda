//! Ids that a file uses more than once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tern_model::{ChfIdentifier, DeviceKind, Eui64};

use super::Entry;

/// One use of an id by an entry of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    /// The CHFIdentifier or Device ID.
    pub id: Eui64,
    /// The entry, from 0.
    pub entry: usize,
    /// What the device is in that entry.
    pub kind: DeviceKind,
}

/// Ids that a file uses more than once: how often, and where first. Once made it takes at most 20 bytes for each use of such an id, and
/// no more than 112 for each id, however often it is used; nothing where no id is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Repeats {
    /// By id.
    ids: Vec<Repeated>,
    /// By id, then by entry.
    first: Vec<FirstUse>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Repeated {
    id: Eui64,
    all: u32,
    as_chf: u32,
}

/// A use that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FirstUse {
    /// Whose, among the repeated ids.
    of: u32,
    entry: u32,
    kind: DeviceKind,
}

/// The uses of one id: none of one that its file uses once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses<'a> {
    /// How often it is used.
    pub all: usize,
    /// How often it is used as a CHFIdentifier.
    pub as_chf: usize,
    first: &'a [FirstUse],
}

impl Uses<'_> {
    /// The first uses, [`Repeats::KEPT`] at least where there are so many, and of those as a CHFIdentifier as many: the entry, from
    /// 0, and what the device is in it.
    pub fn first(&self) -> impl Iterator<Item = (usize, DeviceKind)> {
        self.first.iter().map(|first| (first.entry as usize, first.kind))
    }
}

impl Repeats {
    /// So many uses of each id can be told; the others are counted.
    pub const KEPT: usize = 4;

    /// Of all uses of all ids, in the file's order.
    #[must_use]
    pub fn among(uses: &[Repeat]) -> Repeats {
        let mut ids = Ids::default();
        uses.iter().for_each(|used| ids.push(used.id));
        let mut repeats = Repeats::of(ids.repeated());
        uses.iter().for_each(|used| repeats.note(*used));
        repeats.noted()
    }

    /// The uses of an id; none where it is not used more than once.
    #[must_use]
    pub fn uses_of(&self, id: Eui64) -> Uses<'_> {
        let Some(at) = self.find(id) else { return Uses { all: 0, as_chf: 0, first: &[] } };
        let Repeated { all, as_chf, .. } = self.ids[at];
        let begin = self.first.partition_point(|first| (first.of as usize) < at);
        let end = self.first.partition_point(|first| first.of as usize <= at);
        Uses { all: all as usize, as_chf: as_chf as usize, first: &self.first[begin..end] }
    }

    /// Whether an id is used more than once.
    #[must_use]
    pub fn has(&self, id: Eui64) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: Eui64) -> Option<usize> {
        self.ids.binary_search_by_key(&id, |repeated| repeated.id).ok()
    }

    /// Of these ids, which are sorted and of which no use was noted yet.
    pub(super) fn of(ids: Vec<Eui64>) -> Repeats {
        let ids = ids.into_iter().map(|id| Repeated { id, all: 0, as_chf: 0 }).collect();
        Repeats { ids, first: Vec::new() }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Notes the next use in the file of whatever id.
    pub(super) fn note(&mut self, used: Repeat) {
        let Some(at) = self.find(used.id) else { return };
        let repeated = &mut self.ids[at];
        let is_chf = used.kind == DeviceKind::Chf;
        let is_first = repeated.all < Self::KEPT as u32 || is_chf && repeated.as_chf < Self::KEPT as u32;
        repeated.all = repeated.all.saturating_add(1);
        repeated.as_chf = repeated.as_chf.saturating_add(u32::from(is_chf));
        // A stream has fewer tags than a `u32` counts, and so fewer entries and ids.
        if let (true, Ok(of), Ok(entry)) = (is_first, u32::try_from(at), u32::try_from(used.entry)) {
            self.first.push(FirstUse { of, entry, kind: used.kind });
        }
    }

    /// Once every use was noted.
    pub(super) fn noted(mut self) -> Repeats {
        self.first.sort_unstable();
        self.first.shrink_to_fit();
        self
    }
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
    fn what_is_kept_of_an_id_does_not_grow_with_its_uses() {
        let used = |id, entry, kind| Repeat { id: Eui64(id), entry, kind };
        let uses: Vec<_> = (0..100_000)
            .flat_map(|entry| {
                [used(7, entry, DeviceKind::Ihd), used(7, entry, DeviceKind::Ihd), used(7, entry, DeviceKind::Chf)]
            })
            .chain([used(8, 5, DeviceKind::Gpf)])
            .collect();
        let repeats = Repeats::among(&uses);
        // What is asked for every entry is answered without going through every use.
        let of_seven =
            (0..100_000).map(|_| repeats.uses_of(Eui64(7))).max_by_key(|uses| uses.first().count()).expect("uses");
        assert_eq!((of_seven.all, of_seven.as_chf), (300_000, 100_000));
        let as_chf: Vec<_> =
            of_seven.first().filter(|(_, kind)| *kind == DeviceKind::Chf).map(|(entry, _)| entry).collect();
        assert_eq!(as_chf, [0, 1, 2, 3]);
        assert_eq!(repeats.first.len(), 7);
        let kept = size_of::<Repeated>() + 2 * Repeats::KEPT * size_of::<FirstUse>();
        assert_eq!((kept, size_of::<Repeated>() / 2 + size_of::<FirstUse>()), (112, 20));
        assert_eq!((repeats.uses_of(Eui64(8)).all, repeats.has(Eui64(8))), (0, false));
    }

    #[test]
    fn repeats_are_found_across_blocks() {
        let mut ids = Ids::default();
        let count = 3 * Ids::BLOCK as u64;
        (0..count).chain([5, 5, count - 1, 70_000]).for_each(|id| ids.push(Eui64(id)));
        assert_eq!(ids.repeated(), [5, 70_000, count - 1].map(Eui64));
        assert!(Ids::default().repeated().is_empty());
    }
}
