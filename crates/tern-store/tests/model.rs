//! The store against a model in memory: random batches, conflicts, groups and reopenings must leave both the same.
//!
//! Seeded: `TERN_SEED=<n> cargo test -p tern-store --test model` runs another sequence.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{audit, inbox, journal, outbox, put};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tern_model::Role;
use tern_store::{
    Batch, Expect, InboxEntry, JournalEntry, OutboxEntry, Remove, SqliteStore, Store, StoreFault, StoreView,
};

const DEFAULT_SEED: u64 = 20_210_302;
const CASES: u32 = 64;
const KINDS: [&str; 2] = ["installation", "set"];

/// What the store should hold, in the plainest form.
#[derive(Clone, Default)]
struct Model {
    records: BTreeMap<(&'static str, String), (u64, Vec<u8>)>,
    journal: Vec<JournalEntry>,
    inbox: BTreeMap<(String, String), InboxEntry>,
    outbox: Vec<(OutboxEntry, Sent)>,
    audit: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Sent {
    No,
    Yes,
}

impl Model {
    /// Does a batch or nothing, and says whether.
    fn commit(&mut self, batch: &Batch) -> Result<(), ()> {
        let mut next = self.clone();
        for Remove { kind, key, generation } in &batch.removes {
            let found = next.records.remove(&(*kind, key.clone()));
            if generation.is_some() && found.map(|(at, _)| at) != *generation {
                return Err(());
            }
        }
        for put in &batch.puts {
            let at = next.records.get(&(put.kind, put.key.clone())).map(|(at, _)| *at);
            match put.expect {
                Expect::Absent if at.is_some() => return Err(()),
                Expect::Generation(expected) if at != Some(expected) => return Err(()),
                _ => next.records.insert((put.kind, put.key.clone()), (at.unwrap_or(0) + 1, put.body.clone())),
            };
        }
        next.journal.extend(batch.journal.iter().cloned());
        for entry in &batch.inbox {
            if next.inbox.insert((entry.link.clone(), entry.message.clone()), entry.clone()).is_some() {
                return Err(());
            }
        }
        for entry in &batch.outbox {
            if next.outbox.iter().any(|(there, _)| (&there.to, &there.message) == (&entry.to, &entry.message)) {
                return Err(());
            }
            next.outbox.push((entry.clone(), Sent::No));
        }
        for number in &batch.sent {
            let at = usize::try_from(*number).expect("a small number");
            next.outbox.get_mut(at.wrapping_sub(1)).ok_or(())?.1 = Sent::Yes;
        }
        next.audit.extend(batch.audit.iter().map(|entry| entry.action.clone()));
        *self = next;
        Ok(())
    }

    /// Checks everything that can be asked of the store.
    fn check(&self, store: &SqliteStore) -> Result<(), TestCaseError> {
        for kind in KINDS {
            let expected: Vec<_> = self
                .records
                .iter()
                .filter(|((of, _), _)| *of == kind)
                .map(|((_, key), at)| (key.clone(), at.clone()))
                .collect();
            let found = store.scan(kind, None, 100).expect("a readable store");
            let found: Vec<_> =
                found.into_iter().map(|(key, record)| (key, (record.generation, record.body))).collect();
            prop_assert_eq!(store.count(kind), Ok(expected.len() as u64));
            prop_assert_eq!(found, expected);
        }
        for subject in ["a", "b"] {
            let expected: Vec<_> = self.journal.iter().filter(|entry| entry.subject == subject).cloned().collect();
            let (numbers, found): (Vec<_>, Vec<_>) = store.journal(subject).expect("readable").into_iter().unzip();
            prop_assert!(numbers.is_sorted_by(|a, b| a < b), "{:?}", numbers);
            prop_assert_eq!(found, expected);
        }
        for (link, message) in [("x", "1"), ("x", "2"), ("y", "1"), ("y", "2")] {
            let expected = self.inbox.get(&(link.to_owned(), message.to_owned())).cloned();
            prop_assert_eq!(store.received(link, message), Ok(expected));
        }
        let unsent: Vec<_> =
            self.outbox.iter().filter(|(_, sent)| *sent == Sent::No).map(|(entry, _)| entry.clone()).collect();
        let found = store.unsent(100).expect("readable").into_iter().map(|(_, entry)| entry).collect::<Vec<_>>();
        prop_assert_eq!(found, unsent);
        let actions: Vec<_> =
            store.audit(0, 1_000).expect("readable").into_iter().map(|row| row.entry.action).collect();
        prop_assert_eq!(&actions, &self.audit);
        prop_assert_eq!(store.verify_audit().map(|head| head.entries), Ok(self.audit.len() as u64));
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Commit(Batch),
    Group(Vec<Batch>),
    Reopen,
}

fn batches() -> impl Strategy<Value = Batch> {
    let kind = || prop::sample::select(KINDS.to_vec());
    let key = || prop::sample::select(vec!["", "k", "K", "ü"]);
    let expect = prop_oneof![
        2 => Just(Expect::Any),
        2 => Just(Expect::Absent),
        1 => (0..4_u64).prop_map(Expect::Generation),
    ];
    let puts = (kind(), key(), expect, "[a-z]{0,3}")
        .prop_map(|(kind, key, expect, body)| tern_store::Put { kind, ..put(key, expect, &body) });
    let removes = (kind(), key(), prop::option::weighted(0.3, 0..3_u64)).prop_map(|(kind, key, generation)| Remove {
        kind,
        key: key.to_owned(),
        generation,
    });
    (
        prop::collection::vec(puts, 0..3),
        prop::collection::vec(removes, 0..2),
        prop::collection::vec(("[ab]", "[a-z]{0,3}").prop_map(|(subject, body)| journal(&subject, &body)), 0..3),
        prop::option::weighted(0.2, ("[xy]", "[12]").prop_map(|(link, message)| inbox(&link, &message))),
        prop::option::weighted(0.4, ("[xy]", "[1-9]").prop_map(|(to, message)| outbox(&to, &message))),
        prop::option::weighted(0.2, 0..4_u64),
        prop::collection::vec("[a-z]{1,4}".prop_map(|action| audit(&action)), 0..3),
    )
        .prop_map(|(puts, removes, journal, inbox, outbox, sent, audit)| Batch {
            puts,
            removes,
            journal,
            inbox: Vec::from_iter(inbox),
            outbox: Vec::from_iter(outbox),
            sent: Vec::from_iter(sent),
            audit,
        })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => batches().prop_map(Step::Commit),
        2 => prop::collection::vec(batches(), 0..5).prop_map(Step::Group),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..12)
}

/// Where the store and the model answer differently, this says so; conflicts must name themselves.
fn same(answer: Result<(), StoreFault>, expected: Result<(), ()>) -> Result<(), TestCaseError> {
    let conflict = matches!(answer, Err(StoreFault::Conflict { .. }));
    prop_assert!(answer.is_ok() || conflict, "{:?}", answer);
    prop_assert_eq!(answer.is_ok(), expected.is_ok(), "{:?}", answer);
    Ok(())
}

fn run(path: &Path, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let open = || SqliteStore::open(path, Role::Dsp).expect("the store");
    let (mut store, mut model) = (open(), Model::default());
    for step in steps {
        match step {
            Step::Commit(batch) => same(store.commit(&batch), model.commit(&batch))?,
            Step::Group(batches) => {
                let answers = store.commit_group(&batches).expect("a healthy store");
                prop_assert_eq!(answers.len(), batches.len());
                for (answer, batch) in answers.into_iter().zip(&batches) {
                    same(answer, model.commit(batch))?;
                }
            }
            Step::Reopen => {
                drop(store);
                store = open();
            }
        }
        model.check(&store)?;
    }
    drop(store);
    model.check(&open())
}

#[test]
fn the_store_does_what_the_model_does() {
    let seed = std::env::var("TERN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SEED);
    let config =
        Config { cases: CASES, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let case = std::cell::Cell::new(0);
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        case.set(case.get() + 1);
        run(&folder.path().join(format!("{}.sqlite", case.get())), steps)
    });
    if let Err(e) = outcome {
        panic!("{e}\nagain: TERN_SEED={seed} cargo test -p tern-store --test model");
    }
}
