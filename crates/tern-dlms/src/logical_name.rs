//! The name of a COSEM object.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::codec::{Codec, Reader};
use crate::error::DecodeError;

/// The logical name of a COSEM object: the six value groups A to F of its OBIS code, printed as `1.0.1.8.0.255`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogicalName(pub [u8; 6]);

impl LogicalName {
    /// The name with these value groups, A first.
    #[must_use]
    pub const fn new(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) -> Self {
        LogicalName([a, b, c, d, e, f])
    }

    /// The logical name of octets, where there are six.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(LogicalName)
    }
}

impl fmt::Display for LogicalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a}.{b}.{c}.{d}.{e}.{g}")
    }
}

impl fmt::Debug for LogicalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not six numbers of 0 to 255 with full stops between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a logical name is six numbers of 0 to 255 with full stops between, such as 1.0.1.8.0.255")]
pub struct LogicalNameError;

impl FromStr for LogicalName {
    type Err = LogicalNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut groups = [0; 6];
        let mut parts = text.split('.');
        for group in &mut groups {
            let part = parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit())).ok_or(LogicalNameError)?;
            *group = part.parse().map_err(|_| LogicalNameError)?;
        }
        if parts.next().is_some() {
            return Err(LogicalNameError);
        }
        Ok(LogicalName(groups))
    }
}

impl Codec for LogicalName {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(LogicalName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_printed() {
        let name: LogicalName = "1.0.1.8.0.255".parse().unwrap();
        assert_eq!(name, LogicalName::new(1, 0, 1, 8, 0, 255));
        assert_eq!(name.to_string(), "1.0.1.8.0.255");
        for wrong in
            ["", "1.0.1.8.0", "1.0.1.8.0.256", "1.0.1.8.0.255.1", "1.0.1.8.+0.255", "1.0.1.8..255", "a.0.1.8.0.1"]
        {
            assert_eq!(wrong.parse::<LogicalName>(), Err(LogicalNameError), "{wrong}");
        }
    }
}
