//! Words by which parties name what they send: exports, instructions, images.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use tern_model::Malformed;

use crate::schema::{Base, Facet, SimpleType, SimpleValue, check_lexical};

/// Makes a type of words that match a pattern.
macro_rules! words_of {
    ($($(#[doc = $doc:literal])+ pub struct $name:ident: $pattern:literal, $expected:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(String);

            impl $name {
                /// The word.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(&self.0)
                }
            }

            impl FromStr for $name {
                type Err = Malformed;

                fn from_str(text: &str) -> Result<Self, Malformed> {
                    check_lexical(&Self::TYPE, text)
                        .map(|()| $name(text.to_owned()))
                        .map_err(|_| Malformed { expected: Self::TYPE.expected })
                }
            }

            impl SimpleValue for $name {
                const TYPE: SimpleType = SimpleType {
                    name: Some(stringify!($name)),
                    base: Base::Token,
                    facets: &[Facet::Pattern($pattern)],
                    expected: $expected,
                };

                fn parse(lexical: &str) -> Option<Self> {
                    lexical.parse().ok()
                }

                fn lexical(&self) -> Cow<'_, str> {
                    Cow::Borrowed(&self.0)
                }
            }
        )+
    };
}

words_of! {
    /// Names one export of one SMSO; every plaintext repeats it, so that a blob cannot be used again in a later set (P).
    pub struct ExportReference: "[A-Za-z0-9][A-Za-z0-9-]{0,63}", "an export reference: 1 to 64 letters, digits and hyphens";
    /// Names one instruction of one supplier (P).
    pub struct InstructionReference: "[A-Za-z0-9][A-Za-z0-9-]{0,63}",
        "an instruction reference: 1 to 64 letters, digits and hyphens";
    /// What a firmware image is called on its way to a device: no longer than devices take (P).
    pub struct ImageIdentifier: "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        "an image identifier: 1 to 64 letters, digits, dots, hyphens and underscores";
}
