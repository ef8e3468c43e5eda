//! Why a signed message is not believed.

use crate::WireFault;
use crate::smki::CertificateProblem;

/// Why a message's signature is not taken for its sender's, each kind answered differently. All are told of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureFault {
    /// No signature, more than one, at another place, or of another profile.
    Profile(WireFault),
    /// The certificate that it names is unknown, or not in order.
    Certificate(Box<CertificateProblem>, WireFault),
    /// It does not fit the message.
    Value(WireFault),
    /// It is good, and another party's than the message says; or of a role that does not sign such messages.
    Sender(WireFault),
}

impl SignatureFault {
    /// What to tell.
    #[must_use]
    pub fn fault(&self) -> &WireFault {
        match self {
            SignatureFault::Profile(fault)
            | SignatureFault::Certificate(_, fault)
            | SignatureFault::Value(fault)
            | SignatureFault::Sender(fault) => fault,
        }
    }
}

impl std::fmt::Display for SignatureFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fault().fmt(f)
    }
}

impl std::error::Error for SignatureFault {}
