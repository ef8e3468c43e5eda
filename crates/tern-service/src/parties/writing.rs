//! What a party writes of a set while it judges it: the file with which it answers, and small records of installations.
//!
//! The file grows beside the store, records go there in chunks. None of it counts before the set's own record is there, which is
//! written last, after every file of the set was read to its end and found unaltered. What an attempt that never came so far left
//! under the set's name is dropped when the next one begins; its notes of exports and its packages of keys, which have other names,
//! stay: they are written over, and count no more than the set does.

use std::collections::HashSet;
use std::sync::Arc;

use tern_model::{ChfIdentifier, Digest, SetId};
use tern_store::{Batch, Body, Draft, Put, Store};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::Signer;
use tern_wire::stream::{Entries, Repeats, SignedWriter, WriteFault};

use super::history::REFUSED;
use super::{Shared, of_set};
use crate::fault::ServiceFault;

/// What is being written of a set; `T` is the party's answer.
pub(super) struct Writing<T: Entries> {
    set: SetId,
    draft: Draft,
    answer: SignedWriter<T>,
    /// Device IDs that the set uses more than once: an installation that stands in several entries is counted once.
    repeats: Arc<Repeats>,
    refused_again: HashSet<ChfIdentifier>,
    refused: usize,
    chunk: Batch,
}

impl<T: Entries> Writing<T> {
    /// Begins with everything in the answer that stands before its entries. Records of these kinds, and of refusals, that an
    /// unfinished attempt left of the set are dropped.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn begin(
        store: &mut dyn Store,
        set: SetId,
        (version, head): (SchemaVersion, &T),
        kinds: &[&'static str],
        repeats: Arc<Repeats>,
    ) -> Result<Writing<T>, ServiceFault> {
        for kind in kinds.iter().chain(&[REFUSED]) {
            loop {
                let removes = of_set::leftovers(store, kind, set)?;
                if removes.is_empty() {
                    break;
                }
                store.commit(&Batch { removes, ..Batch::default() })?;
            }
        }
        let draft = store.draft()?;
        let answer = SignedWriter::begin_in(version, draft.path(), head).map_err(|fault| unwritten(&draft, fault))?;
        let (refused_again, refused, chunk) = (HashSet::new(), 0, Batch::default());
        Ok(Writing { set, draft, answer, repeats, refused_again, refused, chunk })
    }

    /// The next run of installations begins: what was written of those before it goes to the store. What is written of the
    /// last run goes there with the set's own record.
    ///
    /// # Errors
    /// The store fails.
    pub(super) fn next_run(&mut self, store: &mut dyn Store) -> Result<(), ServiceFault> {
        if !self.chunk.is_empty() {
            store.commit(&std::mem::take(&mut self.chunk))?;
        }
        Ok(())
    }

    /// Writes an entry of the answer.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn answer(&mut self, entry: &T::Entry) -> Result<(), ServiceFault> {
        self.answer.push(entry).map_err(|fault| unwritten(&self.draft, fault))
    }

    /// Notes that the party refuses an installation, with the clauses.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(super) fn refuse(&mut self, chf: ChfIdentifier, clauses: &[String]) -> Result<(), ServiceFault> {
        self.chunk.puts.push(of_set::put(REFUSED, self.set, chf, &clauses)?);
        if !self.repeats.has(chf.0) || self.refused_again.insert(chf) {
            self.refused += 1;
        }
        Ok(())
    }

    /// Keeps records of an installation.
    pub(super) fn keep(&mut self, puts: Vec<Put>) {
        self.chunk.puts.extend(puts);
    }

    /// How many installations were refused so far.
    pub(super) fn refused(&self) -> usize {
        self.refused
    }

    /// Signs the answer and makes it durable; gives it with its digest, and the changes that are left for the transaction
    /// that writes the set's own record.
    ///
    /// # Errors
    /// The file cannot be signed or kept.
    pub(super) fn finish(self, store: &mut dyn Store, signer: &Signer) -> Result<(Body, Digest, Batch), ServiceFault> {
        let Writing { draft, answer, chunk, .. } = self;
        let digest = answer.finish(signer).map_err(|fault| unwritten(&draft, fault))?;
        Ok((store.keep(draft, digest)?, digest, chunk))
    }
}

fn unwritten(draft: &Draft, fault: WriteFault) -> ServiceFault {
    match fault {
        WriteFault::Io(error) => ServiceFault::file("write", draft.path(), error),
        WriteFault::Sign(fault) => ServiceFault::Crypto { what: "a signature", reason: fault.to_string() },
    }
}

impl Shared {
    /// Nobody believes a certificate that may not be used, so none signs under it: this is asked before anything is written.
    pub(super) fn may_sign(&self, signer: &Signer) -> Result<(), ServiceFault> {
        let checked = self.trust.check(signer.certificate().id(), self.clock.now(), tern_wire::smki::Usage::Sign);
        checked.map(drop).map_err(|problem| ServiceFault::Crypto { what: "a signature", reason: problem.to_string() })
    }
}
