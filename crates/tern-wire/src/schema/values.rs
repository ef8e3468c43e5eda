//! The domain's nouns as they are spelled in migration files.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, Digest, Grade, GroupId, HanType, MeterState, Mpxn, PartyId};

use super::{Base, Facet, SimpleType, SimpleValue, lexical};

/// A value that is read by `FromStr` and written by `Display`.
macro_rules! spelled {
    ($($value:ty: $name:literal, $base:ident, $facets:expr, $expected:literal;)+) => {
        $(impl SimpleValue for $value {
            const TYPE: SimpleType =
                SimpleType { name: Some($name), base: Base::$base, facets: $facets, expected: $expected };

            fn parse(lexical: &str) -> Option<Self> {
                lexical.parse().ok()
            }

            fn lexical(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        })+
    };
}

/// A value that is one of the words of its type.
macro_rules! words {
    ($($value:ty: $name:literal, [$($word:literal => $variant:expr),+], $expected:literal;)+) => {
        $(impl SimpleValue for $value {
            const TYPE: SimpleType = SimpleType {
                name: Some($name),
                base: Base::Token,
                facets: &[Facet::Enumeration(&[$($word),+])],
                expected: $expected,
            };

            fn parse(lexical: &str) -> Option<Self> {
                match lexical {
                    $($word => Some($variant),)+
                    _ => None,
                }
            }

            fn lexical(&self) -> Cow<'_, str> {
                Cow::Borrowed(match self {
                    $(value if *value == $variant => $word,)+
                    _ => "",
                })
            }
        })+
    };
}
pub(crate) use words;

const EUI: &[Facet] = &[Facet::Pattern("[0-9A-F]{2}(-[0-9A-F]{2}){7}")];

spelled! {
    PartyId: "PartyID", Token, EUI, "an EUI-64 as eight upper-case pairs joined by hyphens";
    DeviceId: "DeviceID", Token, EUI, "an EUI-64 as eight upper-case pairs joined by hyphens";
    ChfIdentifier: "CHFIdentifier", Token, EUI, "an EUI-64 as eight upper-case pairs joined by hyphens";
    Mpxn: "MPxN", Token, &[Facet::Pattern("[0-9]{1,13}")], "an MPAN or MPRN: 1 to 13 decimal digits";
    FileCounter: "FileCounter", Integer,
        &[Facet::Pattern("[1-9][0-9]{0,15}"), Facet::MinInclusive(1), Facet::MaxInclusive(9_007_199_254_740_991)],
        "a counter from 1 to 9007199254740991";
    u32: "ImageSize", Integer,
        &[Facet::Pattern("[1-9][0-9]{0,9}"), Facet::MinInclusive(1), Facet::MaxInclusive(4_294_967_295)],
        "a number of bytes from 1 to 4294967295";
    SerialNumber: "SerialNumber", Token, &[Facet::Pattern("0|[1-9][0-9]{0,37}|[12][0-9]{38}")],
        "a certificate's serial number in decimal, below 3 times 10^38";
}

words! {
    GroupId: "GroupID",
        ["AA" => GroupId::AA, "BA" => GroupId::BA, "CA" => GroupId::CA, "CB" => GroupId::CB,
         "DA" => GroupId::DA, "EA" => GroupId::EA, "EB" => GroupId::EB, "EC" => GroupId::EC],
        "a GroupID: AA, BA, CA, CB, DA, EA, EB or EC";
    MeterState: "MeterState", ["Active" => MeterState::Active, "Dormant" => MeterState::Dormant], "`Active` or `Dormant`";
    HanType: "HANType", ["ZigBee" => HanType::ZigBee, "Other" => HanType::Other], "`ZigBee` or `Other`";
    Grade: "Grade", ["stated" => Grade::Stated, "R" => Grade::Reading, "P" => Grade::Project], "`stated`, `R` or `P`";
}

/// A FileCounter as it stands in a header.
type FileCounter = u64;

/// A certificate's serial number. Every positive number of 127 bits fits; in XML it is text of digits, because some validators
/// cannot hold an integer of 39 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialNumber(pub u128);

impl std::str::FromStr for SerialNumber {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(SerialNumber)
    }
}

impl std::fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An issuer's name by RFC 2253. Blanks after a comma, which genuine messages have now and then, are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerName(pub String);

impl SimpleValue for IssuerName {
    const TYPE: SimpleType = SimpleType {
        name: Some("IssuerName"),
        base: Base::Token,
        facets: &[Facet::MinLength(1), Facet::MaxLength(256)],
        expected: "an issuer name of 1 to 256 characters, for example `CN=Z1,OU=07`, or `NULL`",
    };

    fn parse(lexical: &str) -> Option<Self> {
        let mut name = String::with_capacity(lexical.len());
        for c in lexical.chars() {
            if !(c == ' ' && name.ends_with(',') && !name.ends_with("\\,")) {
                name.push(c);
            }
        }
        Some(IssuerName(name))
    }

    fn lexical(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

impl SimpleValue for Timestamp {
    const TYPE: SimpleType = SimpleType {
        name: Some("DateTime"),
        base: Base::DateTime,
        facets: &[Facet::Pattern(
            r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z",
        )],
        expected: "a moment in UTC with milliseconds, for example `2021-03-02T10:15:00.000Z`",
    };

    fn parse(lexical: &str) -> Option<Self> {
        lexical.parse().ok()
    }

    /// Digits beyond milliseconds are left out.
    fn lexical(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{self:.3}"))
    }
}

impl SimpleValue for Digest {
    const TYPE: SimpleType = SimpleType {
        name: Some("Digest"),
        base: Base::Base64Binary,
        facets: &[Facet::Pattern("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")],
        expected: "a SHA-256 digest: 32 bytes in base64",
    };

    fn parse(lexical: &str) -> Option<Self> {
        lexical::decode_base64(lexical)?.try_into().ok().map(Digest)
    }

    fn lexical(&self) -> Cow<'_, str> {
        Cow::Owned(STANDARD.encode(self.0))
    }
}
