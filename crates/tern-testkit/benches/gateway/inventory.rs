//! What a look-up in an inventory costs, by how many devices it holds: entries as the DSP keeps them, in a store of their own.

use std::path::Path;
use std::time::{Duration, Instant};

use tern_model::Role;
use tern_store::{Batch, Expect, Put, SqliteStore, SqliteView, Store, StoreView};
use tern_testkit::Dice;

/// The kind under which the DSP keeps its inventory.
const KIND: &str = "inventory";
/// Entries that are written with one wait for the disk.
const AT_ONCE: u64 = 50_000;
const LOOKS: u64 = 20_000;

fn key(number: u64) -> String {
    let bytes = (0x00DB_1253_8000_0000_u64 + number).to_be_bytes();
    bytes.map(|byte| format!("{byte:02X}")).join("-")
}

/// The time of a look-up in the middle, and of one that 99 in 100 keep, by device at random.
pub fn look_up(folder: &Path, devices: u64, entry: &[u8]) -> (Duration, Duration) {
    let path = folder.join(format!("inventory-{devices}"));
    let mut store = SqliteStore::open(&path, Role::Dsp).expect("a store");
    let mut written = 0;
    while written < devices {
        let puts = (written..devices.min(written + AT_ONCE)).map(|number| {
            let (key, body) = (key(number), entry.to_vec());
            Put { kind: KIND, key, expect: Expect::Any, version: 3, body }
        });
        store.commit(&Batch { puts: puts.collect(), ..Batch::default() }).expect("written");
        written += AT_ONCE;
    }
    drop(store);
    let view = SqliteView::open_read_only(&path, Role::Dsp).expect("the store");
    let mut dice = Dice::new(5, devices);
    let mut look = || {
        let key = key(dice.number() % devices);
        let since = Instant::now();
        assert!(view.get(KIND, &key).expect("readable").is_some(), "{key}");
        since.elapsed()
    };
    // What was never looked at is not in memory yet, of a store of any size.
    (0..LOOKS).for_each(|_| {
        look();
    });
    let mut times: Vec<Duration> = (0..LOOKS).map(|_| look()).collect();
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100];
    drop(view);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("inventory-{devices}{ending}")));
    }
    (at(50), at(99))
}
