//! Command Variant, Service Reference (Variant) and response code, as values.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::Malformed;

/// How a request is to be processed and by which web service, 1 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandVariant(u8);

impl CommandVariant {
    /// A request that is sent on to its device.
    pub const SEND: CommandVariant = CommandVariant(1);
    /// A request of which a pre-command is returned; nothing is sent on.
    pub const TRANSFORM: CommandVariant = CommandVariant(4);
    /// A signed pre-command that is sent on to its device.
    pub const SEND_SIGNED: CommandVariant = CommandVariant(5);
    /// A request that the DCC answers itself.
    pub const NON_DEVICE: CommandVariant = CommandVariant(8);

    /// The variant of a number from 1 to 9.
    #[must_use]
    pub const fn new(number: u8) -> Option<CommandVariant> {
        if number >= 1 && number <= 9 { Some(CommandVariant(number)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for CommandVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CommandVariant {
    type Err = Malformed;

    /// Reads what the schema's positiveInteger permits: `+` and leading zeros too.
    fn from_str(text: &str) -> Result<CommandVariant, Malformed> {
        let number = text.strip_prefix('+').unwrap_or(text).trim_start_matches('0').parse().ok();
        number.and_then(CommandVariant::new).ok_or(Malformed { expected: "a Command Variant: 1 to 9" })
    }
}

/// The numbers of a service, such as 4.1.1. They sort as numbers: 4.2 before 4.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Numbers([u8; 3]);

impl Numbers {
    fn read(text: &str, most: usize) -> Option<Numbers> {
        let mut numbers = [0; 3];
        let mut count = 0;
        for part in text.split('.') {
            let canonical = !part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
            *numbers.get_mut(count).filter(|_| count < most && canonical)? = part.parse().ok()?;
            count += 1;
        }
        (count >= 2).then_some(Numbers(numbers))
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [group, service, variant] = self.0;
        if variant == 0 { write!(f, "{group}.{service}") } else { write!(f, "{group}.{service}.{variant}") }
    }
}

/// A service: `4.1`. Whether there is such a service is for the schema to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceReference(Numbers);

/// A variant of a service: `4.1.1`, or `11.2` where the service has only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ServiceReferenceVariant(Numbers);

impl ServiceReferenceVariant {
    /// The service that it is a variant of: its first two numbers.
    #[must_use]
    pub fn reference(self) -> ServiceReference {
        let [group, service, _] = self.0.0;
        ServiceReference(Numbers([group, service, 0]))
    }
}

macro_rules! numbered {
    ($($kind:ident, $most:literal, $expected:literal;)+) => {
        $(impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $kind {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<$kind, Malformed> {
                Numbers::read(text, $most).map($kind).ok_or(Malformed { expected: $expected })
            }
        })+
    };
}

numbered! {
    ServiceReference, 2, "a Service Reference such as 4.1";
    ServiceReferenceVariant, 3, "a Service Reference Variant such as 4.1.1 or 11.2";
}

/// How a request ended: `I0`, `I99`, or a code of refusal. Which codes there are depends on the schema's version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseCode(Cow<'static, str>);

impl ResponseCode {
    /// Success.
    pub const I0: ResponseCode = ResponseCode(Cow::Borrowed("I0"));
    /// Accepted.
    pub const I99: ResponseCode = ResponseCode(Cow::Borrowed("I99"));

    /// A code that the program knows, such as `E12`.
    #[must_use]
    pub const fn of(code: &'static str) -> ResponseCode {
        ResponseCode(Cow::Borrowed(code))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it begins as those do that refuse nothing: I for information, W for warning.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.0.starts_with('E')
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ResponseCode {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<ResponseCode, Malformed> {
        let digits = text.strip_prefix(['E', 'I', 'W']).unwrap_or_default();
        let fits = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let code = fits.then(|| ResponseCode(Cow::Owned(text.to_owned())));
        code.ok_or(Malformed { expected: "a response code: I, W or E and one to six digits" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_sort_as_numbers_and_print_as_written() {
        let read = |text: &str| text.parse::<ServiceReferenceVariant>();
        let sorted = ["4.1.1", "4.2", "4.10", "6.2.9", "6.2.10"].map(|text| read(text).unwrap());
        assert!(sorted.is_sorted());
        assert_eq!(sorted.map(|v| v.to_string()), ["4.1.1", "4.2", "4.10", "6.2.9", "6.2.10"]);
        assert_eq!(sorted[4].reference().to_string(), "6.2");
        for text in ["", "4", "4.", "4.01", "4.1.1.1", "4.1.x", "4.256", "4.1.0", "+4.1"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!("4.1.1".parse::<ServiceReference>().is_err());
    }

    #[test]
    fn command_variants_are_1_to_9() {
        assert_eq!("08".parse::<CommandVariant>().unwrap().number(), 8);
        for text in ["0", "10", "", "-1", "1.0"] {
            assert!(text.parse::<CommandVariant>().is_err(), "{text}");
        }
    }
}
