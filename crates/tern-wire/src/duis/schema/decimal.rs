//! Decimal numbers of any length, compared exactly.

use std::cmp::Ordering;

/// A number as `xs:decimal` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal<'a> {
    is_negative: bool,
    /// Before the point, without leading zeros.
    whole: &'a str,
    /// Behind it, without trailing zeros.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// The number of a text; none where it is none.
    pub(super) fn read(text: &'a str) -> Option<Decimal<'a>> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fits = are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let is_negative = text.starts_with('-') && !(whole.is_empty() && fraction.is_empty());
        fits.then_some(Decimal { is_negative, whole, fraction })
    }

    /// The same, of a text without a point.
    pub(super) fn read_integer(text: &'a str) -> Option<Decimal<'a>> {
        Decimal::read(text).filter(|_| !text.contains('.'))
    }

    /// How many digits it needs.
    pub(super) fn digits(self) -> usize {
        self.whole.len() + self.fraction.len()
    }

    /// How many digits it needs behind the point.
    pub(super) fn fraction_digits(self) -> usize {
        self.fraction.len()
    }

    fn magnitude(self, other: Decimal) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
        whole.then_with(|| self.fraction.cmp(other.fraction))
    }

    pub(super) fn compare(self, other: Decimal) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_as_numbers() {
        let ascending =
            ["-100000000000000000000", "-1.5", "-1.25", "-.5", "-0.0", "0.04999", ".05", "1", "1.01", "9", "10"];
        for (at, text) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let [text, other] = [text, other].map(|text| Decimal::read(text).unwrap_or_else(|| panic!("{text}")));
                assert_eq!(text.compare(other), at.cmp(&other_at), "{text:?} {other:?}");
            }
        }
        assert_eq!(Decimal::read("+007.50"), Decimal::read("7.5"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "+", "-", ".", "1e3", "1,5", "0x1", " 1", "--1", "INF"] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
        assert_eq!(Decimal::read_integer("1."), None);
    }
}
