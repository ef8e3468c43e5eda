//! Bounded texts and binary values.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Base, Facet, SimpleType, SimpleValue, collapse, lexical};

/// Text of `MIN` to `MAX` characters, white space collapsed, so that what is built can always be written and read again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: u32, const MAX: u32>(String);

impl<const MIN: u32, const MAX: u32> Text<MIN, MAX> {
    /// Takes text of fitting length in; `None` for any other and where a character cannot stand in XML.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = collapse(Base::Token, text);
        let length = text.chars().count();
        ((MIN as usize..=MAX as usize).contains(&length) && text.chars().all(is_xml)).then(|| Text(text.into_owned()))
    }

    /// Takes any text in: what is too long is cut and ends with `…`, what cannot stand in XML is left out, and where too
    /// little is left the text is `-`. For reports of what was found, never for data.
    #[must_use]
    pub fn shortened(text: &str) -> Self {
        let clean: String = text.chars().filter(|c| is_xml(*c)).collect();
        let text = collapse(Base::Token, &clean);
        if text.chars().count() <= MAX as usize {
            let enough = text.chars().count() >= MIN as usize;
            return Text(if enough { text.into_owned() } else { "-".repeat(MIN as usize) });
        }
        let cut: String = text.chars().take(MAX as usize - 1).collect();
        Text(format!("{}…", cut.trim_end()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether XML 1.0 allows the character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

impl<const MIN: u32, const MAX: u32> Deref for Text<MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const MIN: u32, const MAX: u32> SimpleValue for Text<MIN, MAX> {
    const TYPE: SimpleType = SimpleType {
        name: None,
        base: Base::Token,
        facets: if MIN == 0 { &[Facet::MaxLength(MAX)] } else { &[Facet::MinLength(MIN), Facet::MaxLength(MAX)] },
        expected: "text of the length that the schema allows",
    };

    fn parse(lexical: &str) -> Option<Self> {
        Some(Text(lexical.to_owned()))
    }

    fn lexical(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// A device certificate as DER bytes, not yet parsed: whether it is one is for rule FI12's check to say.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateDer(pub Vec<u8>);

impl fmt::Debug for CertificateDer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateDer({} bytes)", self.0.len())
    }
}

impl SimpleValue for CertificateDer {
    const TYPE: SimpleType = SimpleType {
        name: Some("CertificateDer"),
        base: Base::Base64Binary,
        facets: &[Facet::MinLength(1), Facet::MaxLength(4096)],
        expected: "a certificate in DER, 1 to 4096 bytes in base64",
    };

    fn parse(lexical: &str) -> Option<Self> {
        lexical::decode_base64(lexical).map(CertificateDer)
    }

    fn lexical(&self) -> Cow<'_, str> {
        Cow::Owned(STANDARD.encode(&self.0))
    }
}
