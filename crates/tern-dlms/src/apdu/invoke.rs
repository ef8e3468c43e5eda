//! Which request an answer belongs to.

use crate::codec::{Codec, Reader};
use crate::error::DecodeError;

/// Invoke-Id-And-Priority: the number of a request, which its answers repeat, with the class and priority of the
/// service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvokeIdAndPriority(pub u8);

impl InvokeIdAndPriority {
    const CONFIRMED: u8 = 0x40;
    const HIGH_PRIORITY: u8 = 0x80;

    /// A confirmed service of high priority with this number, of which four bits count.
    #[must_use]
    pub const fn new(invoke_id: u8) -> Self {
        InvokeIdAndPriority(Self::CONFIRMED | Self::HIGH_PRIORITY | (invoke_id & 0x0F))
    }

    /// The request's number, 0 to 15.
    #[must_use]
    pub const fn invoke_id(self) -> u8 {
        self.0 & 0x0F
    }

    /// Whether an answer is asked for.
    #[must_use]
    pub const fn is_confirmed(self) -> bool {
        self.0 & Self::CONFIRMED != 0
    }
}

impl Codec for InvokeIdAndPriority {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u8().map(InvokeIdAndPriority)
    }
}
