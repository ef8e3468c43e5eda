//! Ids that a file uses more than once.

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

/// Every use of an id by entries that count from `first`, in the order in which the entry names them.
pub(super) fn uses<E: Entry>(first: usize, entries: &[E], mut each: impl FnMut(Repeat)) {
    for (entry, at) in entries.iter().zip(first..) {
        let ChfIdentifier(id) = entry.chf();
        each(Repeat { id, entry: at, kind: DeviceKind::Chf });
        entry.devices(&mut |kind, device| each(Repeat { id: device.0, entry: at, kind }));
    }
}

/// Those whose id is used by another one too, by id; uses of one id stay in their order.
pub(super) fn repeated(mut uses: Vec<Repeat>) -> Vec<Repeat> {
    uses.sort_by_key(|use_| use_.id);
    let groups = uses.chunk_by(|a, b| a.id == b.id);
    groups.filter(|group| group.len() > 1).flatten().copied().collect()
}
