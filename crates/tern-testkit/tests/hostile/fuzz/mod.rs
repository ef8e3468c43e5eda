//! Seeded, structure-aware fuzzing of everything that reads bytes from outside: nothing panics, nothing takes memory beyond its bounds,
//! and what is accepted means the same when it is read again.

mod apdus;
mod conversations;
mod encodings;
mod records;
mod xml;

use crate::mutate;
use crate::run::{PEAK_MAX_MIB, Run, peak_mib};
use tern_testkit::Dice;

/// The longest input that is made, unless a seed is longer.
const INPUT_MAX_BYTES: usize = 64 << 10;

/// A reader and what it is given.
struct Target {
    /// The name of its test, by which a soak finds it.
    name: &'static str,
    /// How often the tests run it.
    executions: u64,
    /// Good inputs.
    seeds: Vec<Vec<u8>>,
    /// Words that mean something in its language.
    words: &'static [&'static str],
}

impl Target {
    /// Hands mutants of the seeds to a reader, which says whether it accepted and panics where that was wrong.
    fn run(&self, mut read: impl FnMut(&[u8]) -> bool) {
        for seed in &self.seeds {
            assert!(read(seed), "{}: a seed is refused: {}", self.name, String::from_utf8_lossy(seed));
        }
        let (mut run, mut accepted) = (Run::new(self.name, self.executions), 0);
        while let Some(mut dice) = run.next() {
            accepted += u64::from(read(&self.input(&mut dice)));
        }
        run.told(&format!("{accepted} accepted"));
        assert!(peak_mib() < PEAK_MAX_MIB, "{} MiB", peak_mib());
        if run.is_of_tests() {
            assert!(accepted > 0, "{}: no mutant is ever accepted, so they teach nothing", self.name);
        }
    }

    fn input(&self, dice: &mut Dice) -> Vec<u8> {
        let mut input = dice.pick_of(&self.seeds).clone();
        let most = input.len().max(INPUT_MAX_BYTES);
        for _ in 0..=dice.below(4) {
            match dice.below(6) {
                0 | 1 => mutate::scratch(dice, &mut input),
                2 => insert(dice, &mut input, self.words),
                3 => number(dice, &mut input),
                4 => splice(dice, &mut input, &self.seeds),
                _ => repeat(dice, &mut input),
            }
            input.truncate(most);
        }
        input
    }
}

/// A word of the language, in between or in the place of some bytes.
fn insert(dice: &mut Dice, input: &mut Vec<u8>, words: &[&str]) {
    let at = dice.below(input.len() + 1);
    let end = if dice.one_in(2) { at } else { (at + dice.below(12)).min(input.len()) };
    input.splice(at..end, dice.pick(words).bytes());
}

/// Another number in the place of one.
fn number(dice: &mut Dice, input: &mut Vec<u8>) {
    const NUMBERS: [&str; 16] = [
        "",
        "0",
        "-1",
        "-0",
        "00",
        "1",
        "255",
        "256",
        "65536",
        "4294967296",
        "9007199254740993",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        "1e999",
        "0.5",
        "99999999999999999999999999999999999999999999",
    ];
    let from = dice.below(input.len() + 1);
    let Some(start) = input[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let length = input[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    input.splice(start..start + length, dice.pick(&NUMBERS).bytes());
}

/// A piece of another seed.
fn splice(dice: &mut Dice, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let other = dice.pick_of(seeds);
    let from = dice.below(other.len() + 1);
    let to = (from + dice.below(200)).min(other.len());
    let at = dice.below(input.len() + 1);
    input.splice(at..at, other[from..to].iter().copied());
}

/// A piece of the input many times over.
fn repeat(dice: &mut Dice, input: &mut Vec<u8>) {
    let from = dice.below(input.len() + 1);
    let piece = input[from..(from + 1 + dice.below(30)).min(input.len())].to_vec();
    let most = if dice.one_in(8) { 2_000 } else { 8 };
    let times = 1 + dice.below(most);
    input.splice(from..from, piece.repeat(times));
}
