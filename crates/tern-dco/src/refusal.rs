//! Under which numbers the DCO refuses orders. All are project-defined; `tern explain` has a page for each.

use tern_wire::role_link::LinkRefusal;

/// Why an order is not obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The DCO did not consent to it: to this installation, under this set, at this point of its life.
    Consent,
    /// What it asks is not what the signed documents stand for.
    DualControl,
    /// The device's answer that it brings is not believed.
    CriticalAnswer,
    /// Another operation on the keys of its device is under way.
    OneOperation,
    /// The DCO's own record of its device cannot be used.
    Record,
    /// Its device's key package lacks the keys that firmware needs (RQ7).
    KeyPackage,
    /// A Service Request is not under the credentials that the DCC holds for its meter, or would replace them wrongly.
    Credentials,
}

impl Refused {
    /// Each of them.
    pub const ALL: [Refused; 7] = [
        Refused::Consent,
        Refused::DualControl,
        Refused::CriticalAnswer,
        Refused::OneOperation,
        Refused::Record,
        Refused::KeyPackage,
        Refused::Credentials,
    ];

    /// Its number.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Refused::Consent => "P-dco-consent",
            Refused::DualControl => "P-dual-control",
            Refused::CriticalAnswer => "P-critical-answer",
            Refused::OneOperation => "P-dco-one-operation",
            Refused::Record => "P-dco-record",
            Refused::KeyPackage => "P-key-package",
            Refused::Credentials => "P-credentials",
        }
    }

    /// The refusal in words.
    pub(crate) fn because(self, reason: impl Into<String>) -> LinkRefusal {
        LinkRefusal { code: self.code().to_owned(), reason: reason.into() }
    }
}
