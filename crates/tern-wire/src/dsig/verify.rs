//! From bytes of unknown origin to a document whose sender is known.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use roxmltree::Document;
use tern_model::{Digest, Place};

use super::profile::{Claim, locate, read};
use crate::smki::{Certificate, Trust, Usage};
use crate::xml::exact::Exact;
use crate::xml::{self, Limits, Sha256Sink};
use crate::{FaultKind, VerifiedDocument, WireFault};

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
    verify_tree(name, bytes, &xml::parse(name, &text)?, trust, at)
}

/// As [`verify`], for a caller that goes on to read the tree, which must be that of the guarded `bytes`.
pub(crate) fn verify_tree(
    name: &str,
    bytes: &[u8],
    document: &Document<'_>,
    trust: &Trust,
    at: Timestamp,
) -> Result<VerifiedDocument, WireFault> {
    let base = Place::document(name);
    let exact = Exact { base: &base, kind: FaultKind::SignatureProfile, profile: "signature" };
    let claim = read(&exact, locate(&exact, document)?)?;
    let certificate = trust
        .check(&claim.certificate, at, Usage::Sign)
        .map_err(|problem| problem.into_fault(exact.place(claim.issuer_serial)))?;
    let exact = Exact { kind: FaultKind::SignatureValue, ..exact };
    digest_fits(&exact, document, &claim)?;
    value_fits(&exact, &claim, &certificate)?;
    Ok(VerifiedDocument::from_digested(
        name,
        Arc::from(document.input_text()),
        certificate.sender().clone(),
        sha256(bytes),
    ))
}

/// The reference: the document without its signature digests to what SignedInfo says.
fn digest_fits(exact: &Exact, document: &Document, claim: &Claim) -> Result<(), WireFault> {
    let digest = xml::canonical_document(document, Some(claim.signature.id()), Sha256Sink::new()).finish();
    if digest == claim.digest {
        return Ok(());
    }
    let message = "the content is not what was signed: it was altered or reformatted afterwards";
    let (found, expected) =
        (format!("digest {}", STANDARD.encode(digest)), format!("digest {}", STANDARD.encode(claim.digest)));
    Err(unfit(exact.fault(claim.digest_value, message.into(), found, expected)))
}

/// The value: SignedInfo was signed with the certificate's key.
fn value_fits(exact: &Exact, claim: &Claim, certificate: &Certificate) -> Result<(), WireFault> {
    let signed_info = xml::exclusive_text(claim.signed_info);
    if certificate.public_key().verify(signed_info.as_bytes(), &claim.value) {
        return Ok(());
    }
    let message = "the signature value was not made over this SignedInfo with the key of the certificate that it names";
    let expected = format!("a signature under certificate {}", claim.certificate);
    Err(unfit(exact.fault(claim.signature_value, message.into(), "another signature".into(), expected)))
}

fn unfit(mut fault: WireFault) -> WireFault {
    fault.suggestion = "ask the sender for the file as it was signed; do not open and save it on the way".into();
    fault
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Digest(out)
}
