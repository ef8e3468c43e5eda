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
    let [by_all, by_dsp @ ..] = corpus::ALL;
    // Two halves of the work, for two cores.
    let (dsp, others) = std::thread::scope(|scope| {
        let dsp = scope.spawn(|| by_dsp.map(corpus::Corpus::judged));
        let others = (by_all.judged(), sets::judged(), migrated::judged());
        (dsp.join().expect("the DSP's part"), others)
    });
    let (by_all, sets, migrated) = others;
    let mut tally = Tally::default();
    tally.add("corpus", by_all);
    dsp.into_iter().for_each(|part| tally.add("corpus", part));
    tally.add("sets", sets);
    tally.add("migrated", migrated);
    tally.check();
}
