//! What can be wrong with bytes from outside, before any rule is asked.

use tern_model::Place;

/// The kind of fault. Each is one project-defined rule of the rulebook (its number is [`FaultKind::rule`]), so that
/// `tern explain` has a page for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// Size, depth, number of attributes: refused before a parser runs.
    Limits,
    /// Not the XML that a migration file is: empty, cut, other encoding, not well-formed, DOCTYPE, entity, comment, processing instruction.
    Form,
    /// No signature, two, at another place, or of another profile (algorithms, transforms, references, KeyInfo).
    SignatureProfile,
    /// The digest or the signature value does not fit the bytes.
    SignatureValue,
    /// The signing certificate is unknown, expired, revoked, or of no trusted path.
    Certificate,
    /// The signer's role may not send this file, or its EUI is not the sender's that the header names.
    Sender,
    /// Well-formed, and not what the schema describes.
    Schema,
    /// Encrypted content that cannot be opened: other algorithms, another recipient, altered.
    Decryption,
    /// Content that belongs to another entry or another export than the one that it stands in.
    Binding,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 9] = [
        FaultKind::Limits,
        FaultKind::Form,
        FaultKind::SignatureProfile,
        FaultKind::SignatureValue,
        FaultKind::Certificate,
        FaultKind::Sender,
        FaultKind::Schema,
        FaultKind::Decryption,
        FaultKind::Binding,
    ];

    /// The project-defined number of the rule that this fault breaks.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            FaultKind::Limits => "P-xml-limits",
            FaultKind::Form => "P-xml-form",
            FaultKind::SignatureProfile => "P-signature-profile",
            FaultKind::SignatureValue => "P-signature-value",
            FaultKind::Certificate => "P-certificate",
            FaultKind::Sender => "P-sender",
            FaultKind::Schema => "P-schema",
            FaultKind::Decryption => "P-decryption",
            FaultKind::Binding => "P-blob-binding",
        }
    }
}

/// One thing that is wrong with a document's bytes, told so that its sender can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireFault {
    /// Which rule is broken.
    pub kind: FaultKind,
    /// Where.
    pub place: Place,
    /// What is wrong, one sentence.
    pub message: String,
    /// What was found; never a secret, shortened to a readable length.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do next.
    pub suggestion: String,
}

impl std::fmt::Display for WireFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.kind.rule(), self.place, self.message)
    }
}

impl std::error::Error for WireFault {}
