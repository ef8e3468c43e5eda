//! Signatures of messages.

use jiff::Timestamp;
use tern_model::{PartyId, Place, Role};

use super::{Incoming, SIGNED_INSIDE, SignatureFault};
use crate::schema::Quoting;
use crate::smki::{Trust, Usage};
use crate::xml::{self, Sha256Sink};
use crate::{FaultKind, Sender, VerifiedDocument, WireFault, dsig};

/// Verifies a document's own signature; those of signed documents inside it are part of what is digested.
pub(super) fn verify(incoming: &Incoming, trust: &Trust, at: Timestamp) -> Result<VerifiedDocument, SignatureFault> {
    let (name, document) = (incoming.received.name.as_str(), &incoming.document);
    let (claim, signature) = dsig::claim(name, document, SIGNED_INSIDE).map_err(SignatureFault::Profile)?;
    let certificate = trust.check(claim.certificate(), at, Usage::Sign).map_err(|problem| {
        let fault = problem.clone().into_fault(claim.certificate_place(name));
        SignatureFault::Certificate(Box::new(problem), fault)
    })?;
    let digested = || xml::canonical_document(document, signature, Sha256Sink::new()).finish();
    claim.holds(name, &certificate, digested).map_err(|fault| {
        let suggestion = "sign the message as it is sent, and send it as it was signed".to_owned();
        SignatureFault::Value(WireFault { suggestion, ..fault })
    })?;
    let sender = certificate.sender().clone();
    let text = incoming.received.text.clone();
    Ok(VerifiedDocument::from_digested((name, Quoting::Shown), text, sender, incoming.received.digest))
}

/// The party that the message names is the one that signed.
pub(super) fn is_of(place: Place, party: PartyId, sender: &Sender) -> Result<(), SignatureFault> {
    if sender.party == party {
        return Ok(());
    }
    Err(SignatureFault::Sender(WireFault {
        kind: FaultKind::Sender,
        place,
        message: "the message names another originator than the party that signed it".to_owned(),
        found: format!("a certificate of {}", sender.party),
        expected: format!("a certificate of {party}"),
        suggestion: "sign with the originator's own certificate".to_owned(),
    }))
}

/// The role that signs such documents signed.
pub(super) fn is_by(place: Place, role: Role, sender: &Sender) -> Result<(), SignatureFault> {
    if sender.role == role {
        return Ok(());
    }
    Err(SignatureFault::Sender(WireFault {
        kind: FaultKind::Sender,
        place,
        message: "the document was signed by another role than the one whose document it is".to_owned(),
        found: format!("{} ({}, {})", sender.name, sender.role, sender.party),
        expected: format!("a certificate of the role {role}"),
        suggestion: "ask the sender for a document signed by the right role".to_owned(),
    }))
}
