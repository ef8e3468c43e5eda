//! Keys are in the DCO's memory while they are used and not after: a process of its own is searched from outside for each of
//! a thousand master keys, for those that the DCO made, and for the critical keys of both.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use tern_dco::Package;
use tern_dco::custody::{Custody, CustodyFault, KekId, Wrapped};
use tern_model::{ChfIdentifier, DeviceId, Eui64, Role, SecretBytes};
use tern_store::{Batch, Expect, SqliteStore, Store};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf};

use crate::desk::{self, GET, Meter, moment, opened, replace, sealed, set, transfer};
use crate::support::{hex, secret};

const TEST: &str = "memory::no_key_is_in_memory_after_its_use_and_every_one_is_findable_during_it";
const INSIDE: &str = "TERN_DCO_TEST_MEMORY";
const KEYS: u64 = 1_000;
/// In this use of a key the process stands still: the first of a meter's five, which is of the SMSO's master key.
const STANDS_AT: usize = 17 * 5;

#[test]
fn no_key_is_in_memory_after_its_use_and_every_one_is_findable_during_it() {
    if let Some(store) = std::env::var_os(INSIDE) {
        return uses_every_key(Path::new(&store));
    }
    let dir = tempfile::tempdir().expect("a folder");
    let store = dir.path().join("dco.sqlite");
    let masters = planted(&store);
    let mut searched = Searched::start(&store);
    // Every key that is in use is a key that the search finds.
    searched.until("DURING");
    let Some(during) = searched.memory() else {
        tern_outside::skip(TEST, "/proc/PID/mem");
        return;
    };
    let smsos: HashSet<[u8; 16]> = masters.iter().copied().collect();
    assert!(!found(&during, &smsos).is_empty(), "the search finds nothing, so that it proves nothing");
    drop(during);
    searched.go_on();
    let transfers = searched.until("AFTER");
    assert_eq!(transfers.len(), masters.len());
    let mut all = smsos;
    for (n, (master, forward)) in (0_u64..).zip(masters.iter().zip(&transfers)) {
        let next = opened(master, &Meter::of(device(n), master).takes(&bytes_of(forward)).1);
        for key in [master, &next] {
            let critical = Meter::of(device(n), key).ciphering.keys;
            all.extend([*key, *critical.encryption.expose(), *critical.authentication.expose()]);
        }
    }
    assert_eq!(all.len(), 6 * masters.len());
    let after = searched.memory().expect("as before");
    let left = found(&after, &all);
    assert!(left.is_empty(), "{} keys are left in memory, one of them {:?}", left.len(), kind_of(&left, &masters));
    searched.go_on();
    assert!(searched.child.wait().expect("its end").success());
}

fn device(n: u64) -> DeviceId {
    DeviceId(Eui64(0x1001 + n * 16))
}

fn chf(n: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x1000 + n * 16))
}

/// A store with a package for each of a thousand master keys; the keys.
fn planted(path: &Path) -> Vec<[u8; 16]> {
    let mut store = SqliteStore::open(path, Role::Dco).expect("a store");
    let custody = desk::custody();
    let mut batch = Batch::default();
    let masters = (0..KEYS).map(|n| {
        let mut master = [0; 16];
        aws_lc_rs::rand::fill(&mut master).expect("random");
        let package = Package::of_file(set(), chf(n), device(n), &secret(&master), &*custody).expect("wraps");
        batch.puts.push(package.put(Expect::Absent).expect("a body"));
        master
    });
    let masters = masters.collect();
    store.commit(&batch).expect("durable");
    masters
}

/// What the searched process does: every kind of order for every key, in batches.
fn uses_every_key(path: &Path) {
    let mut store = SqliteStore::open(path, Role::Dco).expect("a store");
    let dco = desk::dco(Box::new(Standing { custody: desk::custody(), uses: AtomicUsize::new(0) }));
    let keys = sealed(&[0xA7; 64]);
    let mut transfers = Vec::new();
    let mut obey = |orders: &[DcoOrder]| {
        let now = moment("2021-03-02T12:00:00Z");
        let told = dco.obey(&mut store, orders, &|_, _| Ok(true), now).expect("the world does not fail");
        told.into_iter().map(|told| told.expect("obeyed")).collect::<Vec<_>>()
    };
    for n in 0..KEYS {
        let order = |what| DcoOrder { set: set(), chf: chf(n), device: device(n), what };
        let critical = |under| order(DcoRequest::MakeCritical { instruction: GET.to_vec(), under, not_below: 0 });
        let mut orders =
            vec![critical(MasterKeyOf::Smso), order(DcoRequest::PrepareMasterKey), critical(MasterKeyOf::Dco)];
        // One in fifty takes the time of an RSA key.
        if n % 50 == 0 {
            orders[2] = order(DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed: keys.clone() });
            let prepare = orders.remove(1);
            obey(&[prepare]);
        }
        obey(&orders);
        transfers.extend(obey(&[order(replace(MasterKeyOf::Smso))]));
    }
    for told in transfers {
        let DcoReply::Critical { apdu } = told else { panic!("{told:?}") };
        println!("TRANSFER {}", hex(&apdu));
    }
    stand("AFTER");
    drop(dco);
}

/// A custody that stands still once, with the key that it just unwrapped in hand.
#[derive(Debug)]
struct Standing {
    custody: Box<dyn Custody>,
    uses: AtomicUsize,
}

impl Custody for Standing {
    fn current(&self) -> KekId {
        self.custody.current()
    }

    fn keks(&self) -> Vec<KekId> {
        self.custody.keks()
    }

    fn wrap(&self, context: &str, key: &SecretBytes) -> Result<Wrapped, CustodyFault> {
        self.custody.wrap(context, key)
    }

    fn unwrap(&self, context: &str, wrapped: &Wrapped) -> Result<SecretBytes, CustodyFault> {
        let key = self.custody.unwrap(context, wrapped);
        if self.uses.fetch_add(1, Ordering::Relaxed) == STANDS_AT {
            stand("DURING");
        }
        key
    }
}

/// Says where it stands, and goes on when it is told to.
fn stand(at: &str) {
    println!("\n{at}");
    std::io::stdout().flush().expect("writes");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("reads");
}

/// The process that is searched.
struct Searched {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Searched {
    fn start(store: &Path) -> Searched {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", TEST, "--nocapture"])
            .env(INSIDE, store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let to = child.stdin.take().expect("its input");
        let from = BufReader::new(child.stdout.take().expect("its output"));
        Searched { child, to, from }
    }

    /// Reads until it stands there; the transfers that it told on the way.
    fn until(&mut self, at: &str) -> Vec<String> {
        let mut transfers = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("reads") > 0, "it ended before {at}");
            match line.trim() {
                said if said == at => return transfers,
                said => transfers.extend(said.strip_prefix("TRANSFER ").map(str::to_owned)),
            }
        }
    }

    fn go_on(&mut self) {
        self.to.write_all(b"go on\n").expect("writes");
    }

    /// All that it may write to: heap, stacks, data. None where the system does not let anybody look.
    fn memory(&self) -> Option<Vec<u8>> {
        let proc = Path::new("/proc").join(self.child.id().to_string());
        let maps = std::fs::read_to_string(proc.join("maps")).ok()?;
        let memory = File::open(proc.join("mem")).ok()?;
        let mut all = Vec::new();
        for line in
            maps.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|mode| mode.starts_with("rw")))
        {
            let (range, _) = line.split_once(' ')?;
            let (from, to) = range.split_once('-')?;
            let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
            let mut part = vec![0; usize::try_from(to - from).ok()?];
            // Some special mappings cannot be read by anybody.
            if memory.read_exact_at(&mut part, from).is_ok() {
                all.append(&mut part);
            }
        }
        (!all.is_empty()).then_some(all)
    }
}

/// The keys that stand anywhere in memory.
fn found(memory: &[u8], keys: &HashSet<[u8; 16]>) -> HashSet<[u8; 16]> {
    let mut begins = vec![false; 1 << 16];
    keys.iter().for_each(|key| begins[usize::from(u16::from_be_bytes([key[0], key[1]]))] = true);
    let windows = memory.windows(16).filter(|w| begins[usize::from(u16::from_be_bytes([w[0], w[1]]))]);
    windows.filter_map(|w| <&[u8; 16]>::try_from(w).ok().and_then(|w| keys.get(w)).copied()).collect()
}

/// Which kind a key is that should not be there.
fn kind_of(left: &HashSet<[u8; 16]>, masters: &[[u8; 16]]) -> Option<&'static str> {
    let first = left.iter().next()?;
    Some(if masters.contains(first) { "the SMSO's master key" } else { "a key that the DCO made or derived" })
}

fn bytes_of(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}
