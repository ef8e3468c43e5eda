//! The ratchet: every rule in force is planted by `tern_world` at least ten times, each planted defect is found under its
//! clauses and under no other, and nothing is found where nothing was planted.
//!
//! How many findings each clause has is kept in `expected.csv`; `cargo xtask ratchet --accept` writes it anew.

mod bench;
mod corpus;
mod door;
mod migrated;
mod sets;
mod tally;

use tally::Tally;

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    // Two parts of the work, for two cores.
    let (corpus, sets, migrated) = std::thread::scope(|scope| {
        let corpus = scope.spawn(corpus::judged);
        let (sets, migrated) = (sets::judged(), migrated::judged());
        (corpus.join().expect("the corpus"), sets, migrated)
    });
    let mut tally = Tally::default();
    tally.add("corpus", corpus);
    tally.add("sets", sets);
    tally.add("migrated", migrated);
    tally.check();
}
