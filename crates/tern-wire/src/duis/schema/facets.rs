//! Types of text: a base of XML Schema, and what restricts it.

use std::fmt;

use super::read::Token;
use crate::duis::SchemaVersion;

/// The built-in types that are restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    String,
    Token,
    Boolean,
    Decimal,
    /// A whole number from least to most; none where there is no end.
    Integer {
        name: &'static str,
        least: Option<&'static str>,
        most: Option<&'static str>,
    },
    DateTime,
    Date,
    Time,
    HexBinary,
    Base64Binary,
    /// Ours: a token of two EUI-64 and a counter of 64 bits, joined by colons.
    RequestId,
}

impl Base {
    pub(super) fn of(name: &str) -> Option<Base> {
        let integer = |name, least, most| Base::Integer { name, least, most };
        Some(match name {
            "string" => Base::String,
            "token" => Base::Token,
            "boolean" => Base::Boolean,
            "decimal" => Base::Decimal,
            "dateTime" => Base::DateTime,
            "date" => Base::Date,
            "time" => Base::Time,
            "hexBinary" => Base::HexBinary,
            "base64Binary" => Base::Base64Binary,
            "requestID" => Base::RequestId,
            "integer" => integer("integer", None, None),
            "nonNegativeInteger" => integer("nonNegativeInteger", Some("0"), None),
            "positiveInteger" => integer("positiveInteger", Some("1"), None),
            "nonPositiveInteger" => integer("nonPositiveInteger", None, Some("0")),
            "int" => integer("int", Some("-2147483648"), Some("2147483647")),
            "short" => integer("short", Some("-32768"), Some("32767")),
            "unsignedLong" => integer("unsignedLong", Some("0"), Some("18446744073709551615")),
            "unsignedInt" => integer("unsignedInt", Some("0"), Some("4294967295")),
            "unsignedShort" => integer("unsignedShort", Some("0"), Some("65535")),
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Base::String => "string",
            Base::Token => "token",
            Base::Boolean => "boolean",
            Base::Decimal => "decimal",
            Base::Integer { name, .. } => name,
            Base::DateTime => "dateTime",
            Base::Date => "date",
            Base::Time => "time",
            Base::HexBinary => "hexBinary",
            Base::Base64Binary => "base64Binary",
            Base::RequestId => "requestID",
        }
    }
}

/// A type of text. All restrictions hold.
#[derive(Debug, Clone)]
pub(super) struct TextType {
    pub(super) base: Base,
    /// One of these, where there are any.
    pub(super) words: Vec<&'static str>,
    pub(super) pattern: Option<&'static str>,
    /// Least and most characters, or bytes of binary values.
    pub(super) length: (usize, usize),
    pub(super) range: Range,
    pub(super) digits_max: Option<usize>,
    pub(super) fraction_digits_max: Option<usize>,
}

/// The numbers that a number may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    pub(super) least: Option<&'static str>,
    pub(super) most: Option<&'static str>,
    pub(super) above: Option<&'static str>,
    pub(super) below: Option<&'static str>,
}

impl TextType {
    /// Any text of a base.
    pub(super) fn of(base: Base) -> TextType {
        let (words, length, range) = (Vec::new(), (0, usize::MAX), Range::default());
        TextType { base, words, pattern: None, length, range, digits_max: None, fraction_digits_max: None }
    }

    /// Restricts it by the tokens behind its base; none where one of them is no restriction.
    pub(super) fn restricted(mut self, tokens: &[Token], version: SchemaVersion) -> Option<TextType> {
        let mut tokens = tokens.iter();
        while let Some(token) = tokens.next() {
            match *token {
                Token::Quoted(word, versions) => self.words.extend(versions.has(version).then_some(word)),
                Token::Pattern(pattern) => self.pattern = Some(pattern),
                Token::Word("length") => self.length = lengths(argument(tokens.next())?)?,
                Token::Word("digits") => self.digits_max = argument(tokens.next())?.parse().ok(),
                Token::Word("fraction") => self.fraction_digits_max = argument(tokens.next())?.parse().ok(),
                Token::Word(word) => self.range = self.range.with(word)?,
            }
        }
        Some(self)
    }
}

fn argument(token: Option<&Token>) -> Option<&'static str> {
    match token {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

/// `8`, `..8`, `1..` or `1..8`.
fn lengths(text: &str) -> Option<(usize, usize)> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let end = |text: &str, open: usize| if text.is_empty() { Some(open) } else { text.parse().ok() };
    Some((end(least, 0)?, end(most, usize::MAX)?))
}

impl Range {
    /// `>1`, `<1`, `..8`, `1..` or `1..8`.
    fn with(mut self, text: &'static str) -> Option<Range> {
        if let Some(bound) = text.strip_prefix('>') {
            self.above = Some(bound);
        } else if let Some(bound) = text.strip_prefix('<') {
            self.below = Some(bound);
        } else {
            let (least, most) = text.split_once("..")?;
            self.least = Some(least).filter(|bound| !bound.is_empty());
            self.most = Some(most).filter(|bound| !bound.is_empty());
        }
        Some(self)
    }
}

/// As a sender is told what was expected.
impl fmt::Display for TextType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS_SHOWN: usize = 12;
        if !self.words.is_empty() {
            f.write_str("one of ")?;
            let shown = self.words.iter().take(WORDS_SHOWN).map(|word| format!("`{word}`")).collect::<Vec<_>>();
            f.write_str(&shown.join(", "))?;
            return if self.words.len() > WORDS_SHOWN {
                write!(f, " and {} more", self.words.len() - WORDS_SHOWN)
            } else {
                Ok(())
            };
        }
        f.write_str(self.base.name())?;
        match self.length {
            (0, usize::MAX) => {}
            (0, most) => write!(f, " of length up to {most}")?,
            (least, usize::MAX) => write!(f, " of length {least} or more")?,
            (least, most) if least == most => write!(f, " of length {least}")?,
            (least, most) => write!(f, " of length {least} to {most}")?,
        }
        let Range { least, most, above, below } = self.range;
        for (words, bound) in [("from", least), ("to", most), ("above", above), ("below", below)] {
            if let Some(bound) = bound {
                write!(f, " {words} {bound}")?;
            }
        }
        if let Some(digits) = self.fraction_digits_max {
            write!(f, " with up to {digits} decimal places")?;
        }
        if let Some(digits) = self.digits_max {
            write!(f, " of up to {digits} digits")?;
        }
        self.pattern.map_or(Ok(()), |pattern| write!(f, " that matches {pattern}"))
    }
}
