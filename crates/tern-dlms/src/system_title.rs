//! The name of a system.

use std::fmt;

/// A system title: eight bytes that name a client or a server uniquely. It opens every initialisation vector.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SystemTitle(pub [u8; 8]);

impl SystemTitle {
    /// How many bytes a system title has.
    pub const LENGTH: usize = 8;

    /// The system title of octets, where there are eight.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(SystemTitle)
    }
}

impl fmt::Display for SystemTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for SystemTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
