//! Text against its type.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::decimal::Decimal;
use super::facets::{Base, TextType};
use super::moment;
use crate::duis::RequestId;
use crate::schema::{decode_base64, pattern};

/// Why a text is not of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is nothing that the base allows.
    Base,
    /// It is none of the words.
    Words,
    /// It does not match the expression.
    Pattern,
    /// It is too short or too long.
    Length,
    /// It is too small or too large a number.
    Range,
    /// It has too many digits.
    Digits,
}

/// The text as its type reads it: white space collapsed, or left in a string.
pub(super) fn collapse(base: Base, text: &str) -> Cow<'_, str> {
    let like = if base == Base::String { crate::schema::Base::Text } else { crate::schema::Base::Token };
    crate::schema::collapse(like, text)
}

/// Checks a text that was collapsed.
pub(super) fn check(text: &str, of: &TextType) -> Result<(), Misfit> {
    let holds = |holds: bool, misfit| if holds { Ok(()) } else { Err(misfit) };
    let length = length_of(text, of)?;
    holds(of.words.is_empty() || of.words.iter().any(|word| same(word, text, of.base)), Misfit::Words)?;
    holds((of.length.0..=of.length.1).contains(&length), Misfit::Length)?;
    holds(of.pattern.is_none_or(|expression| pattern::matches(expression, text)), Misfit::Pattern)?;
    match of.base {
        Base::Decimal => number(Decimal::read(text), of),
        Base::Integer { .. } => number(Decimal::read_integer(text), of),
        _ => Ok(()),
    }
}

/// Its length where its base allows it at all; 0 of what has none.
fn length_of(text: &str, of: &TextType) -> Result<usize, Misfit> {
    let is = |fits: bool| if fits { Ok(0) } else { Err(Misfit::Base) };
    match of.base {
        Base::String | Base::Token if of.length == (0, usize::MAX) => Ok(0),
        Base::String | Base::Token => Ok(text.chars().count()),
        Base::Boolean => is(matches!(text, "true" | "false" | "1" | "0")),
        Base::Decimal => is(Decimal::read(text).is_some()),
        Base::Integer { least, most, .. } => {
            let value = Decimal::read_integer(text).ok_or(Misfit::Base)?;
            is(within(value, least, most))
        }
        Base::DateTime => is(moment::is_date_time(text)),
        Base::Date => is(moment::is_date(text)),
        Base::Time => is(moment::is_time(text)),
        Base::HexBinary if text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Ok(text.len() / 2)
        }
        Base::HexBinary => Err(Misfit::Base),
        Base::Base64Binary => decode_base64(text).map(|bytes| bytes.len()).ok_or(Misfit::Base),
        Base::RequestId => is(text.parse::<RequestId>().is_ok()),
    }
}

/// Whether a text is the value of a word: numbers and binary values have more than one spelling.
fn same(word: &str, text: &str, base: Base) -> bool {
    match base {
        Base::Integer { .. } => Decimal::read(word) == Decimal::read(text),
        Base::HexBinary => word.eq_ignore_ascii_case(text),
        _ => word == text,
    }
}

fn within(value: Decimal, least: Option<&str>, most: Option<&str>) -> bool {
    let compared = |bound: Option<&str>| bound.and_then(Decimal::read).map(|bound| value.compare(bound));
    compared(least) != Some(Ordering::Less) && compared(most) != Some(Ordering::Greater)
}

fn number(value: Option<Decimal>, of: &TextType) -> Result<(), Misfit> {
    let Some(value) = value else { return Err(Misfit::Base) };
    let range = of.range;
    let compared = |bound: Option<&str>| bound.and_then(Decimal::read).map(|bound| value.compare(bound));
    let is_inside =
        compared(range.above).is_none_or(Ordering::is_gt) && compared(range.below).is_none_or(Ordering::is_lt);
    if !is_inside || !within(value, range.least, range.most) {
        return Err(Misfit::Range);
    }
    let digits = of.digits_max.is_none_or(|most| value.digits() <= most);
    let fraction = of.fraction_digits_max.is_none_or(|most| value.fraction_digits() <= most);
    if digits && fraction { Ok(()) } else { Err(Misfit::Digits) }
}
