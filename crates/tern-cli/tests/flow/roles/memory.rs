//! Which process holds a master key, or a critical key, in the clear: by the processes' own memory, and by their disks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tern_world::devices::read_installations;
use tern_world::dlms::critical_keys;
use tern_world::smso::Records;

use super::{Roles, signal};
use crate::support::{Order, Place};

/// How long the DCO runs between two scans while none of them has found a key in use.
const SLICE: Duration = Duration::from_millis(30);
/// So many master keys are planted, one in each installation's records. The DCO makes as many, and from each of these two
/// more are derived: a thousand in all.
const PLANTED: usize = 250;

#[test]
fn no_process_keeps_a_master_key_in_the_clear_but_the_dco_while_it_uses_it() {
    let place = Place::new(Order { installations: PLANTED, defects: 0, faults: 0, size: PLANTED });
    let mut sought = Sought::planted(&place);
    // The DCO opens every key of the set before it judges the first, so that the control has time to look.
    let mut roles = Roles::configured(&place, &format!("[intake]\ninstallations_at_once = {PLANTED}\n"));
    let mut run = place.start(&["migrate", "sets", "--roles", "--json"]);
    // The control: the scan finds keys where they are, and they are with the DCO while it uses them.
    let (mut in_use, mut scans, mut effects) = (0, 0, PLANTED);
    while !run.has_ended() {
        if in_use == 0 {
            scans += 1;
            in_use = sought.found_in(roles.id("dco")).len();
        }
        let more = place.log().len();
        if in_use > 0 && more >= effects {
            effects = more + 5 * PLANTED;
            for role in ["s1sp", "dsp"] {
                assert_eq!(sought.found_in(roles.id(role)), BTreeSet::new(), "{role} holds master keys");
            }
        }
        // The DCO goes on for so long between two scans, and stands still during each.
        std::thread::park_timeout(if in_use == 0 { SLICE } else { Duration::from_millis(1) });
    }
    let ran = run.ended();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    println!("{PLANTED} planted; {in_use} of them in the DCO's memory while it used them, at scan {scans}");
    assert!(in_use > 0, "the scan never found a key in use");
    // What the DCO made since, as the devices know it.
    sought.add_those_of_the_devices(&place);
    for role in ["dsp", "s1sp", "dco", "commissioning-party"] {
        let left = sought.found_in(roles.id(role)).len();
        println!("{role}: {left} of {} after use", sought.count);
        assert_eq!(left, 0, "{role} keeps master keys");
    }
    // Nor on anybody's disk: with all that the S1SP has, nobody can make what a meter obeys on its critical association.
    let mut files = Vec::new();
    files_below(&place.path("stores"), &mut files);
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let mut found = BTreeSet::new();
        sought.scan(&std::fs::read(&file).expect("reads"), &mut found);
        assert_eq!(found, BTreeSet::new(), "{} holds master keys", file.display());
    }
    roles.kill("dco");
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

/// Keys by their first three bytes, in each form in which they may stand: raw, and as hexadecimal digits.
struct Sought {
    begins: Vec<bool>,
    forms: BTreeMap<[u8; 16], usize>,
    count: usize,
}

impl Sought {
    /// The master keys of the SMSOs' records.
    fn planted(place: &Place) -> Sought {
        let mut sought = Sought { begins: vec![false; 1 << 24], forms: BTreeMap::new(), count: 0 };
        for smso in place.list("smso") {
            let records = Records::read(&place.path(&format!("smso/{smso}"))).expect("records");
            for record in &records.keys {
                let text = record.master.master_key.expose();
                let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
                sought.add(&std::array::from_fn(byte));
            }
        }
        assert_eq!(sought.count, PLANTED);
        sought
    }

    /// The master keys that the devices hold now, none of which is one of the records, and what is derived from them.
    fn add_those_of_the_devices(&mut self, place: &Place) {
        for installation in read_installations(&place.path("world")).expect("the devices") {
            let esme = &installation.esme;
            assert!(!self.forms.contains_key(esme.master.expose()), "{} has its old master key", esme.device);
            self.add(esme.master.expose());
            let critical = critical_keys(&esme.master, esme.device);
            self.add(critical.authentication.expose());
            self.add(critical.encryption.expose());
        }
        assert_eq!(self.count, 4 * PLANTED);
    }

    fn add(&mut self, key: &[u8; 16]) {
        let digits = |upper: bool| {
            let text: String =
                key.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect();
            // Half of the digits are key enough.
            std::array::from_fn(|at| text.as_bytes()[at])
        };
        for form in [*key, digits(false), digits(true)] {
            self.begins[begin(&form)] = true;
            self.forms.insert(form, self.count);
        }
        self.count += 1;
    }

    /// The keys that stand in a process's memory as it is at one moment. It stands still until all was looked through, so
    /// that whoever looks again and again misses nothing that lasts.
    fn found_in(&self, process: u32) -> BTreeSet<usize> {
        signal("STOP", process);
        let mut found = BTreeSet::new();
        memory_of(process).iter().for_each(|piece| self.scan(piece, &mut found));
        signal("CONT", process);
        found
    }

    fn scan(&self, piece: &[u8], found: &mut BTreeSet<usize>) {
        let mut at = 0;
        while at + 16 <= piece.len() {
            if self.begins[begin(&piece[at..at + 3])]
                && let Ok(key) = <&[u8; 16]>::try_from(&piece[at..at + 16])
                && let Some(number) = self.forms.get(key)
            {
                found.insert(*number);
            }
            at += 1;
        }
    }
}

/// A number of the first three bytes.
fn begin(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

/// A page of memory.
const PAGE_BYTES: u64 = 4096;

/// What a process has written to: the pages that are there, in runs.
fn memory_of(process: u32) -> Vec<Vec<u8>> {
    let open = |name: &str| File::open(format!("/proc/{process}/{name}")).expect("a process");
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("its maps");
    let (memory, pages) = (open("mem"), open("pagemap"));
    let mut runs = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|access| access.starts_with("rw"))) {
        let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let page = |text: &str| u64::from_str_radix(text, 16).expect("an address") / PAGE_BYTES;
        let (first, last) = (page(from), page(to));
        let mut entries = vec![0; usize::try_from(last - first).expect("fits") * 8];
        pages.read_exact_at(&mut entries, first * 8).expect("its pages");
        // The highest bit of an entry: the page is in memory; the one below: it is swapped out.
        let there: Vec<bool> = entries.chunks_exact(8).map(|entry| entry[7] & 0xC0 != 0).collect();
        let mut number = first;
        for run in there.chunk_by(|a, b| a == b) {
            let mut bytes = vec![0; if run[0] { run.len() * 4096 } else { 0 }];
            if run[0] && memory.read_exact_at(&mut bytes, number * PAGE_BYTES).is_ok() {
                runs.push(bytes);
            }
            number += run.len() as u64;
        }
    }
    let read: usize = runs.iter().map(Vec::len).sum();
    assert!(read > 1 << 20, "only {read} bytes of {process} were read");
    runs
}
