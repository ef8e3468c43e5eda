//! The security control byte: what protects a message.

use super::SecurityError;

const AUTHENTICATED: u8 = 0x10;
const ENCRYPTED: u8 = 0x20;

/// How a message is protected, weakest first. An order of strength is [`Protection::covers`], not the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protection {
    /// Encrypted and without a tag: nobody can tell whether it was altered. Kept because the standard has it.
    Encrypted,
    /// In clear with a tag.
    Authenticated,
    /// Encrypted with a tag.
    AuthenticatedEncrypted,
}

impl Protection {
    /// Whether a message protected thus satisfies one who demands `other`.
    pub fn covers(self, other: Protection) -> bool {
        self == Protection::AuthenticatedEncrypted || self == other
    }

    /// Whether a tag stands at its end.
    pub fn has_tag(self) -> bool {
        self != Protection::Encrypted
    }

    /// Whether its content is hidden.
    pub fn hides(self) -> bool {
        self != Protection::Authenticated
    }
}

/// The security control byte of suite 0 with a unicast key: bits 0 to 3 suite, bit 4 authenticated, bit 5 encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecurityControl(Protection);

impl SecurityControl {
    /// The byte of a protection.
    pub fn of(protection: Protection) -> SecurityControl {
        SecurityControl(protection)
    }

    /// Reads a byte.
    ///
    /// # Errors
    /// [`SecurityError::Control`] for another suite, a broadcast key (bit 6) or compression (bit 7); [`SecurityError::TooLittle`]
    /// where neither authentication nor encryption is asked for.
    pub fn read(byte: u8) -> Result<SecurityControl, SecurityError> {
        if byte & !(AUTHENTICATED | ENCRYPTED) != 0 {
            return Err(SecurityError::Control(byte));
        }
        match (byte & AUTHENTICATED != 0, byte & ENCRYPTED != 0) {
            (true, true) => Ok(SecurityControl(Protection::AuthenticatedEncrypted)),
            (true, false) => Ok(SecurityControl(Protection::Authenticated)),
            (false, true) => Ok(SecurityControl(Protection::Encrypted)),
            (false, false) => Err(SecurityError::TooLittle),
        }
    }

    /// What it says.
    pub fn protection(self) -> Protection {
        self.0
    }

    /// As it stands in a message.
    pub fn byte(self) -> u8 {
        match self.0 {
            Protection::Encrypted => ENCRYPTED,
            Protection::Authenticated => AUTHENTICATED,
            Protection::AuthenticatedEncrypted => AUTHENTICATED | ENCRYPTED,
        }
    }
}
