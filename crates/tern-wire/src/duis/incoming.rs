//! From bytes to a tree with one of the four roots.

use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use roxmltree::{Document, Node};
use tern_model::{Digest, Place};

use super::message::Unverified;
use super::schema::Signed;
use super::{
    CommandVariant, RA, Request, RequestId, SR, SchemaVersion, ServiceReferenceVariant, SignatureFault, Tree, attest,
    schema,
};
use crate::smki::Trust;
use crate::xml::exact::{DS, is};
use crate::xml::{self, Limits};
use crate::{FaultKind, VerifiedDocument, WireFault, dsig};

/// Bytes within limits that are text of XML's characters. Nothing in them is judged.
#[derive(Debug, Clone)]
pub struct Received {
    pub(super) name: String,
    pub(super) text: Arc<str>,
    pub(super) digest: Digest,
}

impl Received {
    /// Takes bytes in. `name` says for places which message it is.
    ///
    /// # Errors
    /// [`FaultKind::Limits`], [`FaultKind::Form`].
    pub fn new(name: &str, bytes: &[u8], limits: &Limits) -> Result<Received, WireFault> {
        let text = xml::guard(name, bytes, limits).map_err(resend)?;
        Ok(Received { name: name.to_owned(), text: Arc::from(text), digest: dsig::sha256(bytes) })
    }

    /// SHA-256 of the bytes: the same bytes again are the same message again.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The tree.
    ///
    /// # Errors
    /// [`FaultKind::Form`].
    pub fn parse(&self) -> Result<Incoming<'_>, WireFault> {
        Ok(Incoming { received: self, document: xml::parse(&self.name, &self.text).map_err(resend)? })
    }
}

/// What is said of migration files is no help to who sends a message.
fn resend(fault: WireFault) -> WireFault {
    let suggestion = match fault.kind {
        FaultKind::Limits => "send a smaller message",
        _ => "send the message as UTF-8 XML without a document type, comments or processing instructions",
    };
    WireFault { suggestion: suggestion.to_owned(), ..fault }
}

/// Which message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A User's request.
    Request,
    /// The DSP's response or alert to a User.
    Response,
    /// An S1SP's response, as a document of its own.
    Smets1SignedResponse,
    /// An S1SP's alert, as a document of its own.
    S1spAlert,
}

impl Root {
    /// Every root.
    pub const ALL: [Root; 4] = [Root::Request, Root::Response, Root::Smets1SignedResponse, Root::S1spAlert];

    /// The element's local name, in the namespace of DUIS.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Root::Request => "Request",
            Root::Response => "Response",
            Root::Smets1SignedResponse => "SMETS1SignedResponse",
            Root::S1spAlert => "S1SPAlert",
        }
    }
}

/// A well-formed message. Nothing in it is true yet.
#[derive(Debug)]
pub struct Incoming<'r> {
    pub(super) received: &'r Received,
    pub(super) document: Document<'r>,
}

impl<'r> Incoming<'r> {
    /// Which message it is; none where it is not one of DUIS.
    #[must_use]
    pub fn root(&self) -> Option<Root> {
        let root = self.document.root_element();
        Root::ALL.into_iter().find(|known| is(root, SR, known.name()))
    }

    /// The version that it says it follows; none where it is not held, or says nothing.
    #[must_use]
    pub fn version(&self) -> Option<SchemaVersion> {
        self.document.root_element().attribute("schemaVersion")?.trim().parse().ok()
    }

    /// Whether a signature of its own stands in it, good or bad: the schema lets a request be without one.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.document.root_element().children().any(|child| is(child, DS, "Signature"))
    }

    /// The RequestID that it claims, for the answer to a request that cannot be judged further.
    #[must_use]
    pub fn claimed_request_id(&self) -> Option<RequestId> {
        self.claimed("RequestID")
    }

    /// The Command Variant that it claims: with the RequestID it names the message, so that it is known when it comes again.
    #[must_use]
    pub fn claimed_command_variant(&self) -> Option<CommandVariant> {
        self.claimed("CommandVariant")
    }

    /// The service that it claims to ask for: an answer must name one.
    #[must_use]
    pub fn claimed_service(&self) -> Option<ServiceReferenceVariant> {
        self.claimed("ServiceReferenceVariant")
    }

    fn claimed<T: FromStr>(&self, name: &str) -> Option<T> {
        let header = child(self.document.root_element(), "Header")?;
        child(header, name)?.text()?.trim().parse().ok()
    }

    /// Judges it by the schema of a version, whichever of the four roots it has.
    ///
    /// # Errors
    /// [`FaultKind::Schema`]: every fault, up to [`crate::schema::FAULTS_MAX`], in the document's order.
    pub fn judge(&self, version: SchemaVersion) -> Result<Tree, Vec<WireFault>> {
        self.judged(version, Signed::Already)
    }

    /// As [`Incoming::judge`], for a document of ours that is to be signed.
    pub(super) fn judge_unsigned(&self, version: SchemaVersion) -> Result<Tree, Vec<WireFault>> {
        self.judged(version, Signed::ToCome)
    }

    fn judged(&self, version: SchemaVersion, signed: Signed) -> Result<Tree, Vec<WireFault>> {
        let Some(root) = self.root() else { return Err(vec![self.other_root("one of the four roots of DUIS")]) };
        schema::judge(&self.received.name, &self.received.text, &self.document, (root, version, signed))
    }

    /// The request that it is.
    ///
    /// # Errors
    /// [`FaultKind::Schema`], as [`Incoming::judge`]; of the root alone where it is no Request.
    pub fn request(&self, version: SchemaVersion) -> Result<Unverified<'_, Request>, Vec<WireFault>> {
        self.expect(Root::Request)?;
        Request::of(self.judge(version)?).map(|value| Unverified { incoming: self, value })
    }

    /// The request that it is to become once somebody signs it; it says who that is to be, and nobody has vouched for it.
    ///
    /// # Errors
    /// As [`Incoming::request`]; [`Incoming::is_signed`] says whether it has a signature already.
    pub fn unsigned_request(&self, version: SchemaVersion) -> Result<Request, Vec<WireFault>> {
        self.expect(Root::Request)?;
        Request::of(self.judge_unsigned(version)?)
    }

    /// Verifies the signature of the document, whichever root it has. What it says of its sender is not compared.
    ///
    /// # Errors
    /// The first [`SignatureFault`]: of profile, certificate, value.
    pub fn verify(&self, trust: &Trust, at: Timestamp) -> Result<VerifiedDocument, SignatureFault> {
        attest::verify(self, trust, at)
    }

    pub(super) fn expect(&self, root: Root) -> Result<(), Vec<WireFault>> {
        if self.root() == Some(root) { Ok(()) } else { Err(vec![self.other_root(root.name())]) }
    }

    fn other_root(&self, expected: &str) -> WireFault {
        let root = self.document.root_element();
        let namespace = match root.tag_name().namespace() {
            Some(SR) => "DUIS",
            Some(RA) => "MMC",
            Some(_) => "another namespace",
            None => "no namespace",
        };
        WireFault {
            kind: FaultKind::Schema,
            place: xml::place_of(&self.received.name, root),
            message: "the root element is another".to_owned(),
            found: format!("{} of {namespace}", root.tag_name().name().chars().take(80).collect::<String>()),
            expected: format!("{expected} of {SR}"),
            suggestion: "check which message is sent where".to_owned(),
        }
    }

    pub(super) fn place(&self, node: Node) -> Place {
        xml::place_of(&self.received.name, node)
    }
}

/// The first child element of DUIS with a name.
pub(super) fn child<'d, 'i>(node: Node<'d, 'i>, name: &str) -> Option<Node<'d, 'i>> {
    node.children().find(|child| is(*child, SR, name))
}
