//! Text against a [`SimpleType`]: white space, lexical rules of the base, facets.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Base, Facet, SimpleType, pattern};

/// Why a text is not of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexicalFault {
    /// It is not what the base allows at all.
    Base(Base),
    /// It breaks this facet.
    Facet(Facet),
}

/// The four characters that XML calls white space.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether a text between elements is white space alone.
pub(super) fn is_white(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The text as its type reads it: white space collapsed, or left in [`Base::Text`].
#[must_use]
pub fn collapse(base: Base, text: &str) -> Cow<'_, str> {
    if base == Base::Text {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim_matches(WHITE_SPACE);
    if !trimmed.contains(['\t', '\n', '\r']) && !trimmed.contains("  ") {
        return Cow::Borrowed(trimmed);
    }
    let words: Vec<&str> = trimmed.split(WHITE_SPACE).filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}

/// Checks a collapsed text. Patterns come first, so that a fault names the form before the length.
///
/// # Errors
/// The first rule that the text breaks.
pub fn check_lexical(simple: &SimpleType, text: &str) -> Result<(), LexicalFault> {
    let length = match simple.base {
        Base::Text | Base::Token => text.chars().count(),
        Base::Base64Binary => decode_base64(text).ok_or(LexicalFault::Base(simple.base))?.len(),
        Base::Integer => parse_integer(text).map(|_| 0).ok_or(LexicalFault::Base(simple.base))?,
        Base::DateTime => text.parse::<jiff::Timestamp>().map(|_| 0).map_err(|_| LexicalFault::Base(simple.base))?,
    };
    let holds = |facet: &Facet| match *facet {
        Facet::Pattern(expression) => pattern::matches(expression, text),
        Facet::MinLength(least) => length >= least as usize,
        Facet::MaxLength(most) => length <= most as usize,
        Facet::MinInclusive(least) => parse_integer(text).is_some_and(|n| n >= i128::from(least)),
        Facet::MaxInclusive(most) => parse_integer(text).is_some_and(|n| n <= i128::from(most)),
        Facet::Enumeration(words) => words.contains(&text),
    };
    simple.facets.iter().find(|facet| !holds(facet)).map_or(Ok(()), |facet| Err(LexicalFault::Facet(*facet)))
}

/// The bytes of collapsed `xs:base64Binary`: single blanks may stand between characters.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let compact: Cow<'_, str> =
        if text.contains(' ') { Cow::Owned(text.replace(' ', "")) } else { Cow::Borrowed(text) };
    STANDARD.decode(compact.as_bytes()).ok()
}

fn parse_integer(text: &str) -> Option<i128> {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'+').then(|| text.parse().ok())?
}
