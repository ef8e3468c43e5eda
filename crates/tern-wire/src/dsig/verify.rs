//! From bytes of unknown origin to a document whose sender is known.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use roxmltree::{Document, NodeId};
use tern_model::{CertificateId, Digest, Place};

use super::profile::Claim;
use super::watch::Watch;
use crate::schema::Quoting;
use crate::smki::{Certificate, Trust, Usage};
use crate::xml::exact::Exact;
use crate::xml::{self, Frame, Limits, LineColumn, Sha256Sink};
use crate::{FaultKind, Sender, VerifiedDocument, WireFault};

/// Verifies a signed file as received.
///
/// `name` is the file's name, for places. `at` is the moment at which the certificate, its path and its revocation are
/// judged. What the document's header says of its sender is not compared here: [`crate::migration`] does.
///
/// # Errors
/// One fault, the first in this order: [`FaultKind::Limits`], [`FaultKind::Form`], [`FaultKind::SignatureProfile`],
/// [`FaultKind::Certificate`], [`FaultKind::SignatureValue`].
pub fn verify(
    name: &str,
    bytes: &[u8],
    trust: &Trust,
    at: Timestamp,
    limits: &Limits,
) -> Result<VerifiedDocument, WireFault> {
    let text = xml::guard(name, bytes, limits)?;
    verify_tree((name, Quoting::Shown), bytes, &xml::parse(name, &text)?, trust, at)
}

/// As [`verify`], for a caller that goes on to read the tree, which must be that of the guarded `bytes`.
pub(crate) fn verify_tree(
    (name, quoting): (&str, Quoting),
    bytes: &[u8],
    document: &Document<'_>,
    trust: &Trust,
    at: Timestamp,
) -> Result<VerifiedDocument, WireFault> {
    let (claim, signature) = claim(name, document, &[])?;
    let digested = || xml::canonical_document(document, signature, Sha256Sink::new()).finish();
    let sender = claim.verify(name, digested, trust, at)?;
    Ok(VerifiedDocument::from_digested((name, quoting), Arc::from(document.input_text()), sender, sha256(bytes)))
}

/// The claim of a document's signature, and the signature. `signed_inside` names the elements that may have one of their own.
///
/// # Errors
/// One fault: [`FaultKind::SignatureProfile`].
pub(crate) fn claim(
    name: &str,
    document: &Document<'_>,
    signed_inside: &'static [(&'static str, &'static str)],
) -> Result<(Claim, Option<NodeId>), WireFault> {
    let base = Place::document(name);
    let exact = Exact { base: &base, frame: Frame::WHOLE, kind: FaultKind::SignatureProfile, profile: "signature" };
    let mut watch = Watch::around(signed_inside);
    let signature = watch.look(&exact, document.root_element());
    Ok((watch.claim(&exact)?, signature))
}

impl Claim {
    /// Holds the claim against the certificate that it names and against what was `digested`, the canonical form of the document
    /// without its signature.
    ///
    /// # Errors
    /// One fault: [`FaultKind::Certificate`], then [`FaultKind::SignatureValue`].
    pub(crate) fn verify(
        &self,
        document_name: &str,
        digested: impl FnOnce() -> [u8; 32],
        trust: &Trust,
        at: Timestamp,
    ) -> Result<Sender, WireFault> {
        let certificate = trust
            .check(&self.certificate, at, Usage::Sign)
            .map_err(|problem| problem.into_fault(self.certificate_place(document_name)))?;
        self.holds(document_name, &certificate, digested)?;
        Ok(certificate.sender().clone())
    }

    /// The certificate that the claim names. Nothing of it is true yet.
    pub(crate) fn certificate(&self) -> &CertificateId {
        &self.certificate
    }

    /// Where the claim names its certificate.
    pub(crate) fn certificate_place(&self, document_name: &str) -> Place {
        self.place(document_name, self.places.issuer_serial, "KeyInfo/X509Data/X509IssuerSerial")
    }

    fn place(&self, document_name: &str, line_column: LineColumn, below: &str) -> Place {
        Place { xpath: format!("{}/Signature/{below}", self.places.root), ..line_column.of(document_name) }
    }

    /// Holds the claim against its certificate, which is in order, and against what was `digested`.
    ///
    /// # Errors
    /// One fault: [`FaultKind::SignatureValue`].
    pub(crate) fn holds(
        &self,
        document_name: &str,
        certificate: &Certificate,
        digested: impl FnOnce() -> [u8; 32],
    ) -> Result<(), WireFault> {
        let base = Place::document(document_name);
        let exact = Exact { base: &base, frame: Frame::WHOLE, kind: FaultKind::SignatureValue, profile: "signature" };
        let digest = digested();
        if digest != self.digest {
            let message = "the content is not what was signed: it was altered or reformatted afterwards";
            let [found, expected] = [digest, self.digest].map(|digest| format!("digest {}", STANDARD.encode(digest)));
            let place = self.place(document_name, self.places.digest_value, "SignedInfo/Reference/DigestValue");
            return Err(unfit(exact.fault_at(place, message.into(), found, expected)));
        }
        if !certificate.public_key().verify(self.signed_info.as_bytes(), &self.value) {
            let message =
                "the signature value was not made over this SignedInfo with the key of the certificate that it names";
            let expected = format!("a signature under certificate {}", self.certificate);
            let place = self.place(document_name, self.places.signature_value, "SignatureValue");
            return Err(unfit(exact.fault_at(place, message.into(), "another signature".into(), expected)));
        }
        Ok(())
    }
}

fn unfit(mut fault: WireFault) -> WireFault {
    fault.suggestion = "ask the sender for the file as it was signed; do not open and save it on the way".into();
    fault
}

/// SHA-256 of bytes, as a file is told from another of its name.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Digest(out)
}
