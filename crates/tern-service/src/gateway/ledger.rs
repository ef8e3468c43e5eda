//! The DSP's store under many hands: what they write at the same time becomes durable with one wait for the disk.
//!
//! Whoever comes while nobody writes, writes for all who wait, and one of those who came meanwhile writes next. Nothing is said to be
//! durable before it is.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tern_store::{Batch, Store, StoreFault};

use crate::roles::shared_store::SharedStore;

/// Batches that become durable with one wait, at most.
const AT_ONCE: usize = 256;

/// A batch that waits, and how its writer hears of it.
type Waiting = (Batch, Sender<Heard>);

/// What whoever waits hears.
enum Heard {
    /// What became of the batch.
    Done(Result<(), StoreFault>),
    /// It is for this one to write what waits.
    Turn,
}

/// A store whose writers wait for the disk together. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Ledger {
    store: SharedStore,
    line: Arc<Mutex<Line>>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    somebody_writes: bool,
}

impl Ledger {
    /// Over one hand on a store; others may have theirs.
    pub(crate) fn new(store: SharedStore) -> Ledger {
        Ledger { store, line: Arc::default() }
    }

    /// For reading.
    pub(crate) fn view(&self) -> &SharedStore {
        &self.store
    }

    /// Makes a batch durable, all of it or nothing.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub(crate) fn commit(&self, batch: Batch) -> Result<(), StoreFault> {
        self.written([batch]).pop().unwrap_or_else(|| Err(gone()))
    }

    /// Makes batches durable that stand or fall each for itself, with one wait for the disk. Gives what they are of, in its order:
    /// what is durable, and that of which somebody else had changed something, so that nothing was.
    ///
    /// # Errors
    /// As [`Store::commit`], but for a conflict.
    pub(crate) fn commit_each<T>(
        &self,
        batches: impl IntoIterator<Item = (T, Batch)>,
    ) -> Result<(Vec<T>, Vec<T>), StoreFault> {
        let (of, batches): (Vec<T>, Vec<Batch>) = batches.into_iter().unzip();
        let (mut durable, mut overtaken) = (Vec::new(), Vec::new());
        for (of, done) in of.into_iter().zip(self.written(batches)) {
            match done {
                Ok(()) => durable.push(of),
                Err(StoreFault::Conflict { .. }) => overtaken.push(of),
                Err(fault) => return Err(fault),
            }
        }
        Ok((durable, overtaken))
    }

    /// What became of each batch, in their order.
    fn written(&self, batches: impl IntoIterator<Item = Batch>) -> Vec<Result<(), StoreFault>> {
        let mut line = self.held();
        let hears = |batch| {
            let (done, heard) = channel();
            line.waiting.push((batch, done));
            heard
        };
        let heard: Vec<_> = batches.into_iter().map(hears).collect();
        if heard.is_empty() {
            return Vec::new();
        }
        let is_ours = !std::mem::replace(&mut line.somebody_writes, true);
        drop(line);
        if is_ours {
            self.write();
        }
        heard.into_iter().map(|heard| self.outcome(&heard)).collect()
    }

    /// Waits for what became of a batch, and writes what waits when its turn comes.
    fn outcome(&self, heard: &Receiver<Heard>) -> Result<(), StoreFault> {
        loop {
            match heard.recv() {
                Ok(Heard::Done(result)) => return result,
                Ok(Heard::Turn) => self.write(),
                Err(_) => return Err(gone()),
            }
        }
    }

    /// Writes what waits, with one wait for the disk, and gives the turn to the next who waits: nobody writes for others for long
    /// while an answer of its own is ready.
    fn write(&self) {
        // Were it to panic, the next who comes writes.
        let _writing = Writing(self);
        let mut store = self.store.clone();
        loop {
            let group: Vec<Waiting> = {
                let mut line = self.held();
                let many = line.waiting.len().min(AT_ONCE);
                line.waiting.drain(..many).collect()
            };
            let (batches, writers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
            let tell = |writer: &Sender<Heard>, result| drop(writer.send(Heard::Done(result)));
            match store.commit_group(&batches) {
                Ok(results) => writers.iter().zip(results).for_each(|(writer, result)| tell(writer, result)),
                // Whoever hears nothing knows that it may or may not be durable.
                Err(fault) => writers.iter().for_each(|writer| tell(writer, Err(fault.clone()))),
            }
            let mut line = self.held();
            if line.waiting.is_empty() {
                line.somebody_writes = false;
                return;
            }
            if line.waiting.iter().any(|(_, writer)| writer.send(Heard::Turn).is_ok()) {
                return;
            }
            // Nobody is left of those who wait.
        }
    }

    fn held(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody knows whether it is durable: whoever wrote it ended in the midst of it.
fn gone() -> StoreFault {
    StoreFault::Unfinished { path: "the DSP's store".into(), reason: "its writer ended".to_owned() }
}

/// Ends a writer's turn however it ends.
struct Writing<'a>(&'a Ledger);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut line = self.0.held();
            line.somebody_writes = false;
            line.waiting.clear();
        }
    }
}
