//! What a look-up in an inventory costs, by how many devices it holds: entries as the DSP keeps them, in a store of their own.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tern_model::{DeviceId, Eui64, Role};
use tern_service::parties::inventory;
use tern_store::{Batch, Expect, Put, SqliteStore, SqliteView, Store};
use tern_testkit::Dice;

/// The kind under which the DSP keeps its inventory.
const KIND: &str = "inventory";
/// Entries that are written with one wait for the disk.
const AT_ONCE: u64 = 50_000;
/// Look-ups of each inventory in a turn.
const LOOKS: u64 = 10_000;
/// Turns: each looks in one inventory and then in the other, because a machine's speed changes.
const TURNS: usize = 7;

/// An inventory, and how long look-ups in it took.
struct Inventory {
    path: PathBuf,
    view: SqliteView,
    devices: u64,
    dice: Dice,
}

fn device(number: u64) -> DeviceId {
    DeviceId(Eui64(0x00DB_1253_8000_0000 + number))
}

impl Inventory {
    fn filled(folder: &Path, devices: u64, entry: &[u8]) -> Inventory {
        let path = folder.join(format!("inventory-{devices}"));
        let mut store = SqliteStore::open(&path, Role::Dsp).expect("a store");
        let mut written = 0;
        while written < devices {
            let puts = (written..devices.min(written + AT_ONCE)).map(|number| {
                let (key, body) = (device(number).to_string(), entry.to_vec());
                Put { kind: KIND, key, expect: Expect::Any, version: 3, body }
            });
            store.commit(&Batch { puts: puts.collect(), ..Batch::default() }).expect("written");
            written += AT_ONCE;
        }
        drop(store);
        let view = SqliteView::open_read_only(&path, Role::Dsp).expect("the store");
        Inventory { path, view, devices, dice: Dice::new(5, devices) }
    }

    /// Looks devices up at random, as the DSP does for each request. Gives the time in the middle, and the one that 99 in 100 keep.
    fn looks(&mut self) -> (Duration, Duration) {
        let mut look = |_| {
            let device = device(self.dice.number() % self.devices);
            let since = Instant::now();
            black_box(inventory::entry(&self.view, device)).expect("readable").expect("an entry");
            since.elapsed()
        };
        let mut times: Vec<Duration> = (0..LOOKS).map(&mut look).collect();
        times.sort_unstable();
        let at = |percent: usize| times[times.len() * percent / 100];
        (at(50), at(99))
    }

    fn remove(self) {
        drop(self.view);
        for ending in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            let _ = std::fs::remove_file(path);
        }
    }
}

/// What a look-up costs in an inventory of few and in one of many: the middle of all turns, with what 99 in 100 keep.
pub fn compare(folder: &Path, (few, many): (u64, u64), entry: &[u8]) -> [(Duration, Duration); 2] {
    let mut inventories = [few, many].map(|devices| Inventory::filled(folder, devices, entry));
    // What was never looked at is not in memory yet, of a store of any size.
    for turn in 0..6 {
        inventories[turn % 2].looks();
    }
    let mut turns = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (inventory, turns) in inventories.iter_mut().zip(&mut turns) {
            turns.push(inventory.looks());
        }
    }
    inventories.into_iter().for_each(Inventory::remove);
    turns.map(|mut turns| {
        turns.sort_unstable();
        turns[TURNS / 2]
    })
}
