//! Invocation counters: each number once, whatever happens between.

use std::collections::HashSet;
use std::fs;
use std::io;

use tern_dlms::invocation::{Block, FileReserve, InvocationError, Invocations, Reserve};

/// A reserve in memory, whose disk may fail.
struct Memory {
    next: u64,
    works: usize,
}

impl Reserve for Memory {
    fn reserve(&mut self, count: u32) -> Result<Block, InvocationError> {
        self.works = self.works.checked_sub(1).ok_or_else(|| io::Error::other("disk full"))?;
        let block = Block::from(self.next, count)?;
        self.next = block.end();
        Ok(block)
    }
}

#[test]
fn numbers_rise_by_one_within_and_across_blocks() {
    let mut invocations = Invocations::reserving(Memory { next: 5, works: 3 }, 4);
    let numbers: Vec<u32> = (0..12).map(|_| invocations.take().expect("a number")).collect();
    assert_eq!(numbers, (5..17).collect::<Vec<_>>());
    assert!(matches!(invocations.take(), Err(InvocationError::Reserve(_))), "nothing is handed out unreserved");
}

#[test]
fn the_last_number_is_the_end() {
    let mut invocations = Invocations::reserving(Memory { next: u64::from(u32::MAX) - 1, works: 9 }, 64);
    assert_eq!(invocations.take().expect("a number"), u32::MAX - 1);
    assert_eq!(invocations.take().expect("a number"), u32::MAX);
    for _ in 0..3 {
        assert!(matches!(invocations.take(), Err(InvocationError::Exhausted)));
    }
}

#[test]
fn a_block_ends_without_a_further_one() {
    let mut invocations = Invocations::within(Block::from(7, 2).expect("numbers"));
    assert_eq!((invocations.take().expect("7"), invocations.take().expect("8")), (7, 8));
    assert!(matches!(invocations.take(), Err(InvocationError::BlockUsed)));
    assert!(matches!(Block::from(1 << 32, 1), Err(InvocationError::Exhausted)));
}

#[test]
fn a_reserve_that_goes_back_hands_out_nothing_twice() {
    struct Forgetful;
    impl Reserve for Forgetful {
        fn reserve(&mut self, count: u32) -> Result<Block, InvocationError> {
            Block::from(1, count)
        }
    }
    let mut invocations = Invocations::reserving(Forgetful, 3);
    let numbers: Vec<u32> = std::iter::from_fn(|| invocations.take().ok()).take(10).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn no_number_comes_twice_out_of_a_file_however_often_the_process_dies() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("counter");
    let mut seen = HashSet::new();
    let mut highest = 0;
    for life in 0..30_usize {
        let reserve = FileReserve::open(&path, 100).expect("opens");
        let mut invocations = Invocations::reserving(reserve, 8);
        for _ in 0..life % 11 {
            let number = invocations.take().expect("a number");
            assert!(seen.insert(number), "{number} twice");
            assert!(number > highest && number >= 100);
            highest = number;
        }
        // What a process leaves that died before the rename.
        fs::write(folder.path().join("counter.new"), "1\n").expect("written");
    }
    assert!(seen.len() > 100);
}

#[test]
fn a_file_is_held_by_one_and_never_guessed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("counter");
    let mut first = FileReserve::open(&path, 1).expect("opens");
    assert!(matches!(FileReserve::open(&path, 1), Err(InvocationError::Reserve(_))), "held by another");
    assert_eq!(first.reserve(10).expect("numbers"), Block::from(1, 10).expect("numbers"));
    drop(first);
    for broken in ["", "12", "x\n", "-1\n", "1\n2\n"] {
        fs::write(&path, broken).expect("written");
        assert!(matches!(FileReserve::open(&path, 1), Err(InvocationError::Reserve(_))), "{broken:?}");
    }
    fs::write(&path, "4294967296\n").expect("written");
    let used_up = FileReserve::open(&path, 1).expect("opens").reserve(1);
    assert!(matches!(used_up, Err(InvocationError::Exhausted)));
}
