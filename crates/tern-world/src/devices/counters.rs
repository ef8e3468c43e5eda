//! The invocation counters of every ESME, exactly as they stand: a file of fixed places, written before an answer leaves.
//!
//! A counter that is in the file was handed to the operating system, so that the end of this process, however sudden, lets
//! no client's counter in twice and repeats none of the device's own. This module must never hand a number out, or take one
//! for new, before it is written.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::WorldError;
use crate::files::Readers;

/// The association whose keys a counter belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protected {
    /// The keys of the high-level association.
    Management,
    /// The keys that are derived from the master key.
    Critical,
}

/// The counters of one key set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pair {
    heard: u32,
    own: u32,
}

/// The counters of one ESME.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    management: Pair,
    critical: Pair,
}

impl Counters {
    /// The highest counter that a client used.
    #[must_use]
    pub fn heard(&self, keys: Protected) -> u32 {
        self.pair(keys).heard
    }

    /// The last counter that the device used itself.
    #[must_use]
    pub fn own(&self, keys: Protected) -> u32 {
        self.pair(keys).own
    }

    fn pair(&self, keys: Protected) -> &Pair {
        match keys {
            Protected::Management => &self.management,
            Protected::Critical => &self.critical,
        }
    }

    fn pair_mut(&mut self, keys: Protected) -> &mut Pair {
        match keys {
            Protected::Management => &mut self.management,
            Protected::Critical => &mut self.critical,
        }
    }

    fn to_bytes(self) -> [u8; SLOT_BYTES] {
        let mut bytes = [0; SLOT_BYTES];
        let numbers = [self.management.heard, self.management.own, self.critical.heard, self.critical.own];
        for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Counters {
        let number = |at: usize| bytes.get(at..at + 4).map_or(0, |b| b.iter().fold(0, |n, b| n << 8 | u32::from(*b)));
        Counters {
            management: Pair { heard: number(0), own: number(4) },
            critical: Pair { heard: number(8), own: number(12) },
        }
    }
}

/// Four numbers of 32 bits: management heard and own, critical heard and own.
const SLOT_BYTES: usize = 16;

/// The file.
#[derive(Debug)]
pub(crate) struct CounterFile {
    path: PathBuf,
    file: File,
}

impl CounterFile {
    /// Opens the file, and gives the counters of so many installations; what was never written is zero.
    pub(crate) fn open(path: &Path, installations: usize) -> Result<(CounterFile, Vec<Counters>), WorldError> {
        let bytes = crate::files::read_optional(path)?.unwrap_or_default();
        let counters = (0..installations)
            .map(|at| {
                bytes.get(at * SLOT_BYTES..(at + 1) * SLOT_BYTES).map_or_else(Counters::default, Counters::from_bytes)
            })
            .collect();
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(Readers::Owner.mode());
        let file = options.open(path).map_err(WorldError::io(path))?;
        Ok((CounterFile { path: path.to_owned(), file }, counters))
    }

    /// Takes a client's counter where it is higher than every one before it, and says whether it did.
    pub(crate) fn hear(
        &self,
        installation: usize,
        counters: &mut Counters,
        keys: Protected,
        counter: u32,
    ) -> Result<bool, WorldError> {
        if counter <= counters.heard(keys) {
            return Ok(false);
        }
        let mut next = *counters;
        next.pair_mut(keys).heard = counter;
        self.write(installation, next)?;
        *counters = next;
        Ok(true)
    }

    /// The device's own next counter; `None` where its keys are used up.
    pub(crate) fn next(
        &self,
        installation: usize,
        counters: &mut Counters,
        keys: Protected,
    ) -> Result<Option<u32>, WorldError> {
        let Some(counter) = counters.own(keys).checked_add(1) else { return Ok(None) };
        let mut next = *counters;
        next.pair_mut(keys).own = counter;
        self.write(installation, next)?;
        *counters = next;
        Ok(Some(counter))
    }

    fn write(&self, installation: usize, counters: Counters) -> Result<(), WorldError> {
        let at = (installation * SLOT_BYTES) as u64;
        self.file.write_all_at(&counters.to_bytes(), at).map_err(WorldError::io(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_rise_and_are_there_after_an_end_without_notice() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("counters");
        let (file, all) = CounterFile::open(&path, 3).expect("opens");
        let mut counters = all[2];
        assert!(file.hear(2, &mut counters, Protected::Management, 7).expect("writes"));
        assert!(!file.hear(2, &mut counters, Protected::Management, 7).expect("compares"), "the same again");
        assert!(!file.hear(2, &mut counters, Protected::Management, 6).expect("compares"), "an earlier one");
        assert!(file.hear(2, &mut counters, Protected::Critical, 1).expect("writes"), "other keys count alone");
        assert_eq!(file.next(2, &mut counters, Protected::Critical).expect("writes"), Some(1));
        let (_, after) = CounterFile::open(&path, 3).expect("opens again");
        assert_eq!(after[2], counters);
        assert_eq!((after[0], after[1]), (Counters::default(), Counters::default()));
    }

    #[test]
    fn the_last_counter_is_used_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let (file, _) = CounterFile::open(&dir.path().join("counters"), 1).expect("opens");
        let mut counters = Counters { management: Pair { heard: 0, own: u32::MAX - 1 }, ..Counters::default() };
        assert_eq!(file.next(0, &mut counters, Protected::Management).expect("writes"), Some(u32::MAX));
        assert_eq!(file.next(0, &mut counters, Protected::Management).expect("says so"), None);
    }
}
