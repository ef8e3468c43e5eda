//! The check digits of 100,000 MPANs and MPRNs against the rule written a second time, in Python.

use std::fmt::Write as _;

use tern_model::{Fuel, Mpxn};
use tern_outside::{python_with, run};

/// How many numbers of each fuel.
const NUMBERS: u64 = 50_000;

/// Prints for each line `fuel number` whether the number's check digits are right.
const SCRIPT: &str = "
import sys
PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
def mpan(n):
    return len(n) == 13 and sum(int(n[i]) * PRIMES[i] for i in range(12)) % 11 % 10 == int(n[12])
def mprn(n):
    if not 6 <= len(n) <= 10: return False
    total = 0
    for index in range(len(n) - 2):
        total += int(n[index]) * (len(n) - 2 - index)
    return '%02d' % (total % 11) == n[-2:]
for line in open(sys.argv[1]):
    fuel, number = line.split()
    print('yes' if (mpan if fuel == 'electricity' else mprn)(number) else 'no')
";

#[test]
fn the_check_digits_of_100_000_numbers_are_those_that_python_computes() {
    let test = "the_check_digits_of_100_000_numbers_are_those_that_python_computes";
    let Some(python) = python_with("sys", test) else { return };
    let numbers = numbers();
    let mut lines = String::new();
    for (fuel, number) in &numbers {
        writeln!(lines, "{fuel} {number}").expect("a String takes it");
    }
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("numbers"), lines).expect("writes");
    let (succeeded, theirs) = run(dir.path(), python, &["-c", SCRIPT, "numbers"]);
    assert!(succeeded, "{theirs}");
    let theirs: Vec<bool> = theirs.lines().map(|line| line == "yes").collect();
    assert_eq!(theirs.len(), numbers.len());
    let right = theirs.iter().filter(|right| **right).count();
    assert!(right > numbers.len() / 3 && right < numbers.len(), "{right} are right: the numbers test nothing");
    for ((fuel, number), theirs) in numbers.iter().zip(theirs) {
        assert_eq!(number.check_digits_ok(*fuel), theirs, "{fuel} {number}");
    }
}

/// Numbers from a seed: made with their check digits, then of every second one some digit altered.
fn numbers() -> Vec<(Fuel, Mpxn)> {
    let mut state = 0x5EED_0007_u64;
    let mut chance = || {
        // Marsaglia's xorshift: three lines do for numbers that need only be unlike one another.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut numbers = Vec::new();
    for index in 0..NUMBERS {
        for fuel in [Fuel::Electricity, Fuel::Gas] {
            let body = chance();
            let made = if fuel == Fuel::Gas { Mpxn::mprn_from_body(body) } else { Mpxn::mpan_from_body(body) };
            let mut digits = made.as_str().to_owned();
            if index % 2 == 1 {
                let at = usize::try_from(chance() % digits.len() as u64).expect("is small");
                digits.replace_range(at..=at, &(chance() % 10).to_string());
            }
            if index % 8 == 7 {
                digits.truncate(6 + usize::try_from(chance() % 6).expect("is small"));
            }
            numbers.push((fuel, digits.parse().expect("is digits")));
        }
    }
    numbers
}
