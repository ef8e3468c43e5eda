//! Unique Transaction Reference Numbers: credit that a device takes once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::Malformed;

use super::Millipence;

/// Pence that a UTRN may hold at the most.
const PENCE_MAX: u32 = 999_999;
/// The first number that a UTRN has no room for.
const NUMBERS: u64 = 10_000_000_000_000;

/// Twenty digits (P): six of pence, thirteen that tell it from every other, and a check digit by Luhn's rule. Debug output shows
/// none of them: who has a UTRN has its credit.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Utrn(String);

impl Utrn {
    /// A UTRN of so many pence; `number` tells it from every other, of which its last thirteen digits count. None where the
    /// pence are nothing, or more than a UTRN holds.
    #[must_use]
    pub fn made(pence: u32, number: u64) -> Option<Utrn> {
        if !(1..=PENCE_MAX).contains(&pence) {
            return None;
        }
        let digits = format!("{pence:06}{:013}", number % NUMBERS);
        let check = check_digit(&digits);
        Some(Utrn(format!("{digits}{check}")))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is worth.
    #[must_use]
    pub fn credit(&self) -> Millipence {
        Millipence(self.0[..6].parse::<i64>().unwrap_or(0) * 1000)
    }

    /// Whether its check digit is right and it is worth anything: else every device refuses it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let (digits, check) = self.0.split_at(19);
        check.as_bytes() == [b'0' + check_digit(digits)] && self.credit() > Millipence(0)
    }
}

/// Luhn's check digit: every second digit from the right counts twice.
fn check_digit(digits: &str) -> u8 {
    let worth = |(at, digit): (usize, u8)| {
        let digit = digit - b'0';
        if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
    };
    let sum: u8 = digits.bytes().rev().enumerate().map(worth).sum();
    (10 - sum % 10) % 10
}

impl fmt::Debug for Utrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Utrn(not shown)")
    }
}

impl FromStr for Utrn {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Utrn, Malformed> {
        Utrn::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Utrn {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Utrn, Malformed> {
        let fits = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Utrn(text)) } else { Err(Malformed { expected: "a UTRN of 20 digits" }) }
    }
}

impl From<Utrn> for String {
    fn from(utrn: Utrn) -> String {
        utrn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_sound_and_no_digit_of_it_can_be_another() {
        let utrn = Utrn::made(2000, 1_234_567_890_123_456).expect("pence");
        assert_eq!(utrn.as_str().len(), 20);
        assert_eq!(&utrn.as_str()[..19], "0020004567890123456");
        assert_eq!(utrn.credit(), Millipence(2_000_000));
        assert!(utrn.is_sound());
        for at in 0..20 {
            let mut other = utrn.as_str().to_owned().into_bytes();
            other[at] = b'0' + (other[at] - b'0' + 1) % 10;
            let other: Utrn = String::from_utf8(other).expect("digits").parse().expect("20 digits");
            assert!(!other.is_sound(), "digit {at}");
        }
        assert!(Utrn::made(0, 1).is_none() && Utrn::made(1_000_000, 1).is_none());
        assert!("0020004567890123456".parse::<Utrn>().is_err());
        assert!("0020004567890123456x".parse::<Utrn>().is_err());
        assert!(!format!("{utrn:?}").contains("4567"));
    }
}
