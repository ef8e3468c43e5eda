//! MPAN and MPRN: the metering points that Registration Data speaks about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// Which supply a meter measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fuel {
    /// Measured by an ESME, at an MPAN.
    Electricity,
    /// Measured by a GSME, at an MPRN.
    Gas,
}

impl fmt::Display for Fuel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fuel::Electricity => "electricity",
            Fuel::Gas => "gas",
        })
    }
}

impl FromStr for Fuel {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "electricity" => Ok(Fuel::Electricity),
            "gas" => Ok(Fuel::Gas),
            _ => Err(Malformed { expected: "`electricity` or `gas`" }),
        }
    }
}

/// The longest text that is read as either.
const MOST_DIGITS: usize = 13;

/// An MPAN core or an MPRN as it stands in a file: 1 to 13 decimal digits.
///
/// Whether the check digits are right is for a rule to say, not for the type: a wrong one is a finding about one
/// installation and must not make the whole file unreadable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mpxn(String);

impl Mpxn {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether length and check digits are right for the fuel.
    ///
    /// MPAN: 13 digits, the last is the weighted sum of the first twelve modulo 11 modulo 10.
    /// MPRN: 6 to 10 digits, the last two are the sum of digit times position from the right, modulo 11 (P-26, P-28).
    #[must_use]
    pub fn check_digits_ok(&self, fuel: Fuel) -> bool {
        let digits: Vec<u32> = self.0.bytes().map(|b| u32::from(b - b'0')).collect();
        match fuel {
            Fuel::Electricity => digits.len() == 13 && mpan_check_digit(&digits[..12]) == digits[12],
            Fuel::Gas => {
                (6..=10).contains(&digits.len()) && {
                    let (body, check) = digits.split_at(digits.len() - 2);
                    mprn_check_digits(body) == check[0] * 10 + check[1]
                }
            }
        }
    }

    /// Every text that says the same number, the shortest first; of zeros alone that text itself.
    pub fn spellings(&self) -> impl Iterator<Item = Mpxn> + use<> {
        let significant = self.0.trim_start_matches('0').to_owned();
        let lengths =
            if significant.is_empty() { self.0.len()..=self.0.len() } else { significant.len()..=MOST_DIGITS };
        lengths.map(move |length| Mpxn(format!("{significant:0>length$}")))
    }

    /// The number as an MPRN of ten digits, whatever zeros lead here; none where it is 0, or has more digits.
    #[must_use]
    pub fn in_ten_digits(&self) -> Option<Mpxn> {
        let significant = self.0.trim_start_matches('0');
        (1..=10).contains(&significant.len()).then(|| Mpxn(format!("{significant:0>10}")))
    }

    /// An MPAN made of twelve digits and their check digit; `body` is taken modulo 10^12.
    #[must_use]
    pub fn mpan_from_body(body: u64) -> Mpxn {
        let text = format!("{:012}", body % 1_000_000_000_000);
        let digits: Vec<u32> = text.bytes().map(|b| u32::from(b - b'0')).collect();
        Mpxn(format!("{text}{}", mpan_check_digit(&digits)))
    }

    /// An MPRN made of eight digits and their two check digits; `body` is taken modulo 10^8.
    #[must_use]
    pub fn mprn_from_body(body: u64) -> Mpxn {
        let text = format!("{:08}", body % 100_000_000);
        let digits: Vec<u32> = text.bytes().map(|b| u32::from(b - b'0')).collect();
        Mpxn(format!("{text}{:02}", mprn_check_digits(&digits)))
    }
}

fn mpan_check_digit(first_twelve: &[u32]) -> u32 {
    const PRIMES: [u32; 12] = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43];
    first_twelve.iter().zip(PRIMES).map(|(d, p)| d * p).sum::<u32>() % 11 % 10
}

fn mprn_check_digits(body: &[u32]) -> u32 {
    body.iter().rev().zip(1..).map(|(d, weight)| d * weight).sum::<u32>() % 11
}

impl fmt::Display for Mpxn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Mpxn {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Mpxn(text.to_owned()))
        } else {
            Err(Malformed { expected: "an MPAN or MPRN: 1 to 13 decimal digits" })
        }
    }
}

impl From<Mpxn> for String {
    fn from(mpxn: Mpxn) -> String {
        mpxn.0
    }
}

impl TryFrom<String> for Mpxn {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, fuel: Fuel, expect: bool) {
        let mpxn: Mpxn = text.parse().expect("digits");
        assert_eq!(mpxn.check_digits_ok(fuel), expect, "{text}");
    }

    #[test]
    fn check_digits_follow_the_public_examples() {
        check("3938424403", Fuel::Gas, true);
        check("3938424404", Fuel::Gas, false);
        check("2000012345678", Fuel::Electricity, false);
        check(Mpxn::mpan_from_body(200_001_234_567).as_str(), Fuel::Electricity, true);
        check("123", Fuel::Gas, false);
    }

    #[test]
    fn a_number_is_told_whatever_zeros_lead() {
        let ten = |text: &str| text.parse::<Mpxn>().expect("digits").in_ten_digits().map(|mpxn| mpxn.0);
        assert_eq!(ten("3938424403").as_deref(), Some("3938424403"));
        assert_eq!(ten("0003938424403").as_deref(), Some("3938424403"));
        assert_eq!(ten("7").as_deref(), Some("0000000007"));
        assert_eq!([ten("0"), ten("0000000000000"), ten("13938424403")], [None, None, None]);
        let spelled = |text: &str| -> Vec<String> {
            text.parse::<Mpxn>().expect("digits").spellings().map(|mpxn| mpxn.0).collect()
        };
        assert_eq!(spelled("0012345678901"), ["12345678901", "012345678901", "0012345678901"]);
        assert_eq!(spelled("0012"), spelled("12"));
        assert_eq!(spelled("12").len(), 12);
        assert_eq!(spelled("000"), ["000"]);
    }

    #[test]
    fn made_numbers_pass_their_own_check() {
        for body in (0..100_000_000u64).step_by(1_234_567) {
            assert!(Mpxn::mprn_from_body(body).check_digits_ok(Fuel::Gas));
            assert!(Mpxn::mpan_from_body(body * 9_973).check_digits_ok(Fuel::Electricity));
        }
    }
}
