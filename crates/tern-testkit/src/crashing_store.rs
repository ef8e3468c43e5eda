//! A crash in process, before or after any durable write: stores that lose their power by plan.
//!
//! All stores of a process hang on one [`Power`]. It counts the durable writes of all of them; at the one that the test
//! chose it goes off, and from then on every call to every store answers [`StoreFault::Crashed`], as if the process had
//! ended there. The test drops what it ran, opens the stores again and goes on. This module must never write by itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tern_model::Digest;
use tern_store::{
    AuditBroken, AuditHead, AuditRow, Batch, Body, Draft, Durability, InboxEntry, JournalEntry, OutboxEntry, Record,
    Store, StoreFault, StoreView,
};

/// Where the power goes off. Durable writes are counted from 1 over all stores; a group commit is one, and so is a file that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Never: this run only counts.
    Never,
    /// Before the n-th durable write: its caller hears of a crash, and nothing of it is on the disk.
    Before(u64),
    /// After the n-th durable write: its caller hears of a crash, and all of it is on the disk.
    After(u64),
}

impl Cut {
    /// Every place where the power can go off in a run that makes so many durable writes.
    pub fn all(writes: u64) -> impl Iterator<Item = Cut> {
        (1..=writes).flat_map(|write| [Cut::Before(write), Cut::After(write)])
    }
}

/// What all stores of a process hang on. Clones are the same power.
#[derive(Debug, Clone)]
pub struct Power {
    cut: Cut,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    writes: u64,
    /// What the durable writes took.
    spent: Duration,
    /// The write at which the power went off.
    off_at: Option<u64>,
    is_full: bool,
}

impl State {
    fn on(&self) -> Result<(), StoreFault> {
        self.off_at.map_or(Ok(()), |write| Err(StoreFault::Crashed { write }))
    }

    fn takes(&self) -> Result<(), StoreFault> {
        if self.is_full { Err(StoreFault::Crashed { write: self.writes + 1 }) } else { Ok(()) }
    }

    fn off(&mut self, write: u64) -> StoreFault {
        self.off_at = Some(write);
        StoreFault::Crashed { write }
    }
}

impl Power {
    /// Power that goes off at `cut`.
    #[must_use]
    pub fn new(cut: Cut) -> Power {
        let state = State { writes: 0, spent: Duration::ZERO, off_at: None, is_full: false };
        Power { cut, state: Arc::new(Mutex::new(state)) }
    }

    /// How many durable writes there were.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// How long the durable writes took, the wait for the disk included: for benches.
    #[must_use]
    pub fn spent(&self) -> Duration {
        self.state().spent
    }

    /// Whether the power went off: a run that ends with it on never came to its cut.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.state().off_at.is_some()
    }

    /// Whether durable writes are taken from now on: those that are not are lost to their caller alone, as on a full disk.
    pub fn takes_writes(&self, takes: bool) {
        self.state().is_full = !takes;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store on a [`Power`].
#[derive(Debug)]
pub struct CrashingStore<S> {
    store: S,
    power: Power,
}

impl<S: Store> CrashingStore<S> {
    /// Hangs a store on a power.
    #[must_use]
    pub fn new(store: S, power: &Power) -> CrashingStore<S> {
        CrashingStore { store, power: power.clone() }
    }

    fn read(&self) -> Result<&S, StoreFault> {
        if self.power.cut != Cut::Never {
            self.power.state().on()?;
        }
        Ok(&self.store)
    }

    /// The power is held while a write reaches the disk, so that no other store writes after it went off. Where it never does, it is
    /// counted alone: no store waits for another one's disk.
    fn write<T>(&mut self, write: impl FnOnce(&mut S) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        self.power.state().takes()?;
        if self.power.cut == Cut::Never {
            return self.counted(write);
        }
        let mut power = self.power.state();
        power.on()?;
        let number = power.writes + 1;
        if self.power.cut == Cut::Before(number) {
            return Err(power.off(number));
        }
        let before = durable(&self.store);
        let since = Instant::now();
        let answer = write(&mut self.store);
        power.spent += since.elapsed();
        if durable(&self.store) == before {
            // Nothing became durable: the write was refused, or there was nothing to write.
            return answer;
        }
        power.writes = number;
        if self.power.cut == Cut::After(number) {
            return Err(power.off(number));
        }
        answer
    }

    fn counted<T>(&mut self, write: impl FnOnce(&mut S) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let (before, since) = (durable(&self.store), Instant::now());
        let answer = write(&mut self.store);
        let mut power = self.power.state();
        power.spent += since.elapsed();
        power.writes += u64::from(durable(&self.store) != before);
        answer
    }
}

impl<S: Store> Store for CrashingStore<S> {
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreFault> {
        if batch.is_empty() {
            return self.read().map(drop);
        }
        self.write(|store| store.commit(batch))
    }

    fn commit_group(&mut self, batches: &[Batch]) -> Result<Vec<Result<(), StoreFault>>, StoreFault> {
        if batches.iter().all(Batch::is_empty) {
            self.read()?;
            return self.store.commit_group(batches);
        }
        self.write(|store| store.commit_group(batches))
    }

    fn draft(&mut self) -> Result<Draft, StoreFault> {
        self.read()?;
        self.store.draft()
    }

    fn keep(&mut self, draft: Draft, digest: Digest) -> Result<Body, StoreFault> {
        self.write(|store| store.keep(draft, digest))
    }

    /// Where the power may go off, one pair of eyes sees that it did.
    fn beside(&self) -> Result<Option<Box<dyn StoreView>>, StoreFault> {
        if self.power.cut == Cut::Never { self.store.beside() } else { Ok(None) }
    }

    fn durability(&self) -> Durability {
        self.store.durability()
    }
}

impl<S: Store> StoreView for CrashingStore<S> {
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault> {
        self.read()?.get(kind, key)
    }

    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault> {
        self.read()?.scan(kind, after, limit)
    }

    fn count(&self, kind: &str) -> Result<u64, StoreFault> {
        self.read()?.count(kind)
    }

    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault> {
        self.read()?.journal(subject)
    }

    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault> {
        self.read()?.received(link, message)
    }

    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.read()?.unsent(limit)
    }

    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.read()?.unsent_to(to, after, limit)
    }

    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        self.read()?.file(digest)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault> {
        self.read()?.audit(after, limit)
    }

    fn verify_audit(&self) -> Result<AuditHead, AuditBroken> {
        self.read()?.verify_audit()
    }
}

/// How many commits and files a store has made durable.
fn durable(store: &impl Store) -> (u64, u64) {
    let durability = store.durability();
    (durability.commits, durability.files)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tern_model::Role;
    use tern_store::{Expect, Put, SqliteStore};

    use super::*;

    /// Two stores take turns at durable writes, three each, until all are done or the power goes off.
    fn run(folder: &Path, power: &Power) -> Result<(), StoreFault> {
        let mut stores = [Role::Dsp, Role::S1sp].map(|role| {
            let path = folder.join(format!("{role}.sqlite"));
            CrashingStore::new(SqliteStore::open(&path, role).expect("a store"), power)
        });
        for _ in 0..3 {
            let [dsp, s1sp] = &mut stores;
            dsp.commit(&batch(Expect::Any))?;
            dsp.commit(&Batch::default())?;
            let answers = s1sp.commit_group(&[batch(Expect::Any), batch(Expect::Absent)])?;
            assert!(matches!(answers[..], [Ok(()), Err(StoreFault::Conflict { .. })]));
            let refused = s1sp.commit(&batch(Expect::Absent));
            assert!(matches!(refused, Err(StoreFault::Conflict { .. } | StoreFault::Crashed { .. })));
        }
        Ok(())
    }

    fn batch(expect: Expect) -> Batch {
        let put = Put { kind: "step", key: "k".to_owned(), expect, version: 1, body: vec![] };
        Batch { puts: vec![put], ..Batch::default() }
    }

    /// How many writes each store has on the disk, by the generation of the one record that each write changes.
    fn durable(folder: &Path) -> u64 {
        [Role::Dsp, Role::S1sp]
            .map(|role| SqliteStore::open(&folder.join(format!("{role}.sqlite")), role).expect("the store again"))
            .map(|store| store.get("step", "k").expect("readable").map_or(0, |record| record.generation))
            .iter()
            .sum()
    }

    #[test]
    fn a_run_without_a_cut_counts_its_durable_writes_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let power = Power::new(Cut::Never);
        assert_eq!(run(folder.path(), &power), Ok(()));
        assert_eq!((power.writes(), power.is_off(), durable(folder.path())), (6, false, 6));
    }

    #[test]
    fn the_power_goes_off_before_or_after_each_durable_write_for_all_stores() {
        assert_eq!(Cut::all(6).count(), 12);
        for cut in Cut::all(6) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let power = Power::new(cut);
            let (at, left) = match cut {
                Cut::Before(write) => (write, write - 1),
                Cut::After(write) => (write, write),
                Cut::Never => unreachable!("not a cut"),
            };
            assert_eq!(run(folder.path(), &power), Err(StoreFault::Crashed { write: at }), "{cut:?}");
            assert_eq!((power.is_off(), durable(folder.path())), (true, left), "{cut:?}");
            assert_eq!(run(folder.path(), &power), Err(StoreFault::Crashed { write: at }), "the power stays off");
            assert_eq!(durable(folder.path()), left, "{cut:?}");
        }
    }

    #[test]
    fn a_store_without_power_answers_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let power = Power::new(Cut::Before(1));
        let open = |role: Role| SqliteStore::open(&folder.path().join(role.as_str()), role).expect("a store");
        let (mut dead, other) =
            (CrashingStore::new(open(Role::Dsp), &power), CrashingStore::new(open(Role::Dco), &power));
        assert_eq!(other.count("step"), Ok(0));
        let crashed = StoreFault::Crashed { write: 1 };
        assert_eq!(dead.commit(&batch(Expect::Any)), Err(crashed.clone()));
        assert_eq!(other.count("step"), Err(crashed.clone()));
        assert_eq!(other.unsent(1), Err(crashed.clone()));
        assert_eq!(other.verify_audit(), Err(AuditBroken::Unreadable(crashed.clone())));
        assert_eq!(dead.commit(&Batch::default()), Err(crashed));
    }
}
