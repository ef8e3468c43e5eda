//! What client and server can do, as they agree on it.

use crate::codec::{Codec, Reader};
use crate::error::{DecodeError, DecodeErrorKind};

/// Conformance: the services and options of an association. 24 bits, of which bit 0 is the leftmost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conformance(u32);

impl Conformance {
    /// Nothing.
    pub const NONE: Conformance = Conformance(0);
    /// APDUs protected in the general form.
    pub const GENERAL_PROTECTION: Conformance = Conformance::bit(1);
    /// General block transfer.
    pub const GENERAL_BLOCK_TRANSFER: Conformance = Conformance::bit(2);
    /// Read, by short name.
    pub const READ: Conformance = Conformance::bit(3);
    /// Write, by short name.
    pub const WRITE: Conformance = Conformance::bit(4);
    /// Unconfirmed write, by short name.
    pub const UNCONFIRMED_WRITE: Conformance = Conformance::bit(5);
    /// Delta value encoding.
    pub const DELTA_VALUE_ENCODING: Conformance = Conformance::bit(6);
    /// Set of all attributes at once.
    pub const ATTRIBUTE_0_WITH_SET: Conformance = Conformance::bit(8);
    /// Services of two priorities.
    pub const PRIORITY_MANAGEMENT: Conformance = Conformance::bit(9);
    /// Get of all attributes at once.
    pub const ATTRIBUTE_0_WITH_GET: Conformance = Conformance::bit(10);
    /// Block transfer with get.
    pub const BLOCK_TRANSFER_WITH_GET: Conformance = Conformance::bit(11);
    /// Block transfer with set.
    pub const BLOCK_TRANSFER_WITH_SET: Conformance = Conformance::bit(12);
    /// Block transfer with action.
    pub const BLOCK_TRANSFER_WITH_ACTION: Conformance = Conformance::bit(13);
    /// Several attributes or methods in one request.
    pub const MULTIPLE_REFERENCES: Conformance = Conformance::bit(14);
    /// Information report, by short name.
    pub const INFORMATION_REPORT: Conformance = Conformance::bit(15);
    /// Data notification.
    pub const DATA_NOTIFICATION: Conformance = Conformance::bit(16);
    /// Access.
    pub const ACCESS: Conformance = Conformance::bit(17);
    /// Parameterised access, by short name.
    pub const PARAMETERIZED_ACCESS: Conformance = Conformance::bit(18);
    /// Get.
    pub const GET: Conformance = Conformance::bit(19);
    /// Set.
    pub const SET: Conformance = Conformance::bit(20);
    /// Selective access.
    pub const SELECTIVE_ACCESS: Conformance = Conformance::bit(21);
    /// Event notification.
    pub const EVENT_NOTIFICATION: Conformance = Conformance::bit(22);
    /// Action.
    pub const ACTION: Conformance = Conformance::bit(23);

    /// What this crate speaks.
    pub const SPOKEN: Conformance = Conformance::GENERAL_PROTECTION
        .with(Conformance::BLOCK_TRANSFER_WITH_GET)
        .with(Conformance::BLOCK_TRANSFER_WITH_SET)
        .with(Conformance::BLOCK_TRANSFER_WITH_ACTION)
        .with(Conformance::MULTIPLE_REFERENCES)
        .with(Conformance::GET)
        .with(Conformance::SET)
        .with(Conformance::SELECTIVE_ACCESS)
        .with(Conformance::ACTION);

    const fn bit(index: u32) -> Self {
        Conformance(1 << (23 - index))
    }

    /// What either has.
    #[must_use]
    pub const fn with(self, other: Conformance) -> Self {
        Conformance(self.0 | other.0)
    }

    /// What both have: what a server agrees to.
    #[must_use]
    pub const fn common(self, other: Conformance) -> Self {
        Conformance(self.0 & other.0)
    }

    /// What this has and `other` has not.
    #[must_use]
    pub const fn without(self, other: Conformance) -> Self {
        Conformance(self.0 & !other.0)
    }

    /// Whether all of `other` is there.
    #[must_use]
    pub const fn contains(self, other: Conformance) -> bool {
        self.0 & other.0 == other.0
    }

    /// The 24 bits, bit 0 the most significant.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The conformance of 24 bits; more are dropped.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Conformance(bits & 0x00FF_FFFF)
    }
}

/// Application 31, length 4, no unused bits: the one place where an APDU in A-XDR holds BER.
const HEAD: [u8; 4] = [0x5F, 0x1F, 0x04, 0x00];

impl Codec for Conformance {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&HEAD);
        out.extend_from_slice(&self.0.to_be_bytes()[1..]);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        if reader.array()? != HEAD {
            return Err(DecodeError::new(at, DecodeErrorKind::Form { what: "a conformance of 24 bits" }));
        }
        let [high, middle, low] = reader.array()?;
        Ok(Conformance(u32::from_be_bytes([0, high, middle, low])))
    }
}
