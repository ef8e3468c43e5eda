//! Text that no page, log or fault may show.

use std::borrow::Cow;

use zeroize::Zeroize;

use super::{Base, Facet, SimpleType, SimpleValue};

/// A key as a decrypted document spells it. The schema lets up to 64 characters of any kind pass; whether they are a key is
/// for 15.7 and 15.8 to say. No Debug, no Display, no serde; wiped when dropped.
#[derive(Clone)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: String) -> SecretText {
        SecretText(text)
    }

    /// The text, to judge its form or to make a key of it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl SimpleValue for SecretText {
    const TYPE: SimpleType = SimpleType {
        name: Some("SecretText"),
        base: Base::Text,
        facets: &[Facet::MaxLength(64)],
        expected: "text of at most 64 characters",
    };

    fn parse(lexical: &str) -> Option<Self> {
        Some(SecretText(lexical.to_owned()))
    }

    fn lexical(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}
