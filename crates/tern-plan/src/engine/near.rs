//! Memory: what a million installations hold is far from the processor, and who is looked at on a day lies anywhere in it.
//!
//! What one does next with an installation hangs on what memory answers, and so does where the next answer is: to look at one
//! installation after the other is to wait for each several times. Here a little is read of some of them together, for nothing
//! but that the answers come side by side. No result hangs on it.

use super::{At, Planner};

/// So many installations are brought near at once: what they hold stays there until the last of them is looked at.
pub(super) const AT_ONCE: usize = 32;

impl Planner<'_> {
    /// Brings some installations near.
    pub(super) fn fetch(&self, some: &[u32]) {
        let states = || some.iter().map(|at| &self.states[*at as At]);
        let described = some.iter().map(|at| self.input.estate.installation(self.installation(*at as At)));
        read(described.map(|of| (of.group, of.chf)));
        read(states().map(|state| (state.said.is_some(), state.prepared, state.course, state.combination.chf)));
        read(states().map(|state| (state.meters[0].supplier, state.waiting, state.awaited, state.way)));
        // Where one answer says where the next is held, all of a kind are asked before any of the next kind.
        let said = || states().filter_map(|state| state.said.as_deref());
        read(said().map(|said| (said.changes.len(), said.authorised.len(), said.exclusions.len())));
        read(said().map(|said| (said.changes.first().copied(), said.authorised.first().copied())));
    }
}

/// Has parts read, whatever they say.
fn read<P>(parts: impl Iterator<Item = P>) {
    parts.for_each(|part| {
        std::hint::black_box(part);
    });
}
