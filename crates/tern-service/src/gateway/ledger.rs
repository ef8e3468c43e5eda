//! The DSP's store under many hands: what they write at the same time becomes durable with one wait for the disk.
//!
//! Whoever comes while nobody writes, writes for all who come meanwhile. Nothing is said to be durable before it is.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tern_store::{Batch, Store, StoreFault};

use crate::roles::shared_store::SharedStore;

/// Batches that become durable with one wait, at most.
const AT_ONCE: usize = 256;

type Waiting = (Batch, Sender<Result<(), StoreFault>>);

/// A store whose writers wait for the disk together.
pub(crate) struct Ledger {
    store: SharedStore,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    somebody_writes: bool,
}

impl Ledger {
    /// Over one hand on a store; others may have theirs.
    pub(crate) fn new(store: SharedStore) -> Ledger {
        Ledger { store, line: Mutex::default() }
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
        self.commit_each([batch]).pop().unwrap_or_else(|| Err(gone()))
    }

    /// Makes batches durable that stand or fall each for itself, with one wait for the disk; the answers are in their order.
    ///
    /// # Errors
    /// Of each, as [`Store::commit`].
    pub(crate) fn commit_each(&self, batches: impl IntoIterator<Item = Batch>) -> Vec<Result<(), StoreFault>> {
        let mut line = self.held();
        let hears = |batch| {
            let (done, heard) = channel();
            line.waiting.push((batch, done));
            heard
        };
        let heard: Vec<_> = batches.into_iter().map(hears).collect();
        let is_ours = !std::mem::replace(&mut line.somebody_writes, true);
        drop(line);
        if is_ours {
            self.write();
        }
        heard.into_iter().map(|heard| heard.recv().unwrap_or_else(|_| Err(gone()))).collect()
    }

    /// Writes until nobody waits.
    fn write(&self) {
        // Were it to panic, the next who comes writes.
        let _turn = Turn(self);
        let mut store = self.store.clone();
        loop {
            let group: Vec<Waiting> = {
                let mut line = self.held();
                if line.waiting.is_empty() {
                    line.somebody_writes = false;
                    return;
                }
                let many = line.waiting.len().min(AT_ONCE);
                line.waiting.drain(..many).collect()
            };
            let (batches, writers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
            match store.commit_group(&batches) {
                Ok(results) => writers.iter().zip(results).for_each(|(writer, result)| drop(writer.send(result))),
                // Whoever hears nothing knows that it may or may not be durable.
                Err(fault) => writers.iter().for_each(|writer| drop(writer.send(Err(fault.clone())))),
            }
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
struct Turn<'a>(&'a Ledger);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut line = self.0.held();
            line.somebody_writes = false;
            line.waiting.clear();
        }
    }
}
