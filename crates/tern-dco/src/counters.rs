//! The invocation counters of a device's critical keys, which the DCO owns: one that it counts up, one that it heard.
//!
//! They stand in the key package and are durable before what they number leaves. This module must never hand a number out
//! twice.

use serde::{Deserialize, Serialize};
use tern_model::Digest;

/// Counters of one version of a package's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counters {
    /// The last number used; 0: none.
    used: u32,
    /// The last answer that was believed: its number, and the digest of its bytes.
    heard: Option<(u32, Digest)>,
}

/// Whether an answer may be believed by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is above every one before.
    New,
    /// It is the very answer that was believed last.
    Again,
    /// It is neither: an old answer, or another under a used number.
    Stale,
}

impl Counters {
    /// The next number, at least `not_below`; none where there is none left.
    pub(crate) fn next(&mut self, not_below: u32) -> Option<u32> {
        self.used = self.used.checked_add(1)?.max(not_below);
        Some(self.used)
    }

    /// The last number used, and the last one heard; 0 for none.
    pub(crate) fn highest(&self) -> (u32, u32) {
        (self.used, self.heard.as_ref().map_or(0, |(number, _)| *number))
    }

    /// Whether anything was ever asked under these keys.
    pub(crate) fn asked(&self) -> bool {
        self.used > 0
    }

    /// Judges an answer's number.
    pub(crate) fn judge(&self, number: u32, answer: Digest) -> Heard {
        match self.heard {
            Some(last) if last == (number, answer) => Heard::Again,
            Some((last, _)) if number <= last => Heard::Stale,
            _ => Heard::New,
        }
    }

    /// An answer was believed.
    pub(crate) fn believed(&mut self, number: u32, answer: Digest) {
        self.heard = Some((number, answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_handed_out_once_and_never_below_what_was_asked() {
        let mut counters = Counters::default();
        assert!(!counters.asked());
        let numbers: Vec<_> = [0, 0, 10, 5, 11].map(|not_below| counters.next(not_below)).into();
        assert_eq!(numbers, [1, 2, 10, 11, 12].map(Some));
        assert_eq!(counters.next(u32::MAX), Some(u32::MAX));
        assert_eq!(counters.next(0), None);
        assert!(counters.asked());
    }

    #[test]
    fn an_answer_counts_once_and_again_and_no_other_of_its_number() {
        let (a, b) = (Digest([1; 32]), Digest([2; 32]));
        let mut counters = Counters::default();
        assert_eq!(counters.judge(0, a), Heard::New);
        counters.believed(7, a);
        for (number, answer, judged) in
            [(7, a, Heard::Again), (7, b, Heard::Stale), (6, a, Heard::Stale), (8, a, Heard::New)]
        {
            assert_eq!(counters.judge(number, answer), judged, "{number}");
        }
    }
}
