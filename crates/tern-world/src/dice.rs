//! Chance from a seed: the same seed and stream always fall the same way.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chance.
pub(crate) struct Dice(ChaCha20Rng);

impl Dice {
    /// The stream of one purpose: installations have the stream of their index, so that one more die in an installation
    /// changes no other.
    pub(crate) fn new(seed: u64, stream: u64) -> Dice {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The bias of the remainder is below bound / 2^64.
        self.0.next_u64() % bound.max(1)
    }

    /// A number from the least to the most, which is not below it.
    pub(crate) fn between(&mut self, [least, most]: [u64; 2]) -> u64 {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// Whether something of so many percent happens.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub(crate) fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        // A number below the length is an index.
        &of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }

    /// Bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Puts a list into chance order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = usize::try_from(self.below(at as u64 + 1)).unwrap_or(at);
            list.swap(at, other);
        }
    }
}
