//! EUI-64 identifiers: of devices, of parties, and of the installation's Communications Hub Function.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// A 64-bit extended unique identifier.
///
/// Printed as the published files print it, eight upper-case pairs joined by hyphens
/// (`90-B3-D5-1F-30-0A-00-01`); read in either case, with or without hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Eui64(pub u64);

impl fmt::Display for Eui64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not by `{:02X}` eight times: identifiers are printed some hundred times for each installation that migrates.
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let mut text = [b'-'; 23];
        for (pair, byte) in text.chunks_mut(3).zip(self.0.to_be_bytes()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Eui64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Eui64 {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: Malformed =
            Malformed { expected: "an EUI-64: eight hexadecimal pairs, joined by hyphens or not" };
        let hyphenated = text.len() == 23;
        if !hyphenated && text.len() != 16 {
            return Err(EXPECTED);
        }
        let mut value = 0u64;
        for (at, c) in text.bytes().enumerate() {
            if hyphenated && at % 3 == 2 {
                if c != b'-' {
                    return Err(EXPECTED);
                }
                continue;
            }
            let digit = (c as char).to_digit(16).ok_or(EXPECTED)?;
            value = value << 4 | u64::from(digit);
        }
        Ok(Eui64(value))
    }
}

macro_rules! eui_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub Eui64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                text.parse().map($name)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }
    };
}

eui_newtype! {
    /// The Device ID of one device of an installation (ESME, GSME, GPF, PPMID, IHD or CHF).
    DeviceId
}
eui_newtype! {
    /// The Device ID of the Communications Hub Function, by which every migration file names an installation (S002 24 to 26).
    ChfIdentifier
}
eui_newtype! {
    /// The EUI-64 of an organisation, bound to its certificates by their subject's x500UniqueIdentifier.
    PartyId
}

impl From<ChfIdentifier> for DeviceId {
    fn from(chf: ChfIdentifier) -> DeviceId {
        DeviceId(chf.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<u64>) {
        assert_eq!(text.parse::<Eui64>().ok().map(|e| e.0), expect, "{text}");
    }

    #[test]
    fn reads_every_accepted_spelling_and_nothing_else() {
        check("90-B3-D5-1F-30-0A-00-01", Some(0x90B3_D51F_300A_0001));
        check("90b3d51f300a0001", Some(0x90B3_D51F_300A_0001));
        check("90-B3-D5-1F-30-0A-00-0", None);
        check("90-B3-D5-1F-30-0A-00-0G", None);
        check("90:B3:D5:1F:30:0A:00:01", None);
        check("+0b3d51f300a0001", None);
        check("", None);
    }

    #[test]
    fn prints_what_it_reads() {
        let text = "00-DB-12-34-56-78-90-A2";
        assert_eq!(text.parse::<Eui64>().unwrap_or(Eui64(0)).to_string(), text);
    }
}
