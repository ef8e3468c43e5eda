//! A request, and the step from claimed to verified.

use jiff::Timestamp;
use tern_model::{PartyId, Place};

use super::pre_command::{SIGNED_PRE_COMMAND, body_of};
use super::{Element, Incoming, RequestHeader, SchemaVersion, SignatureFault, Tree, attest};
use crate::smki::Trust;
use crate::verified::EntryPlaces;
use crate::{FaultKind, Verified, WireFault};

/// A User's request: header, and exactly one element in its body, which asks for something or is a signed pre-command.
#[derive(Debug, Clone)]
pub struct Request {
    header: RequestHeader,
    tree: Tree,
    /// Of a signed pre-command: the body that is its payload.
    inner: Option<Tree>,
}

impl Request {
    /// Of a tree whose root is Request and which the schema allows.
    pub(super) fn of(tree: Tree) -> Result<Request, Vec<WireFault>> {
        match RequestHeader::read(tree.root()) {
            Ok(header) => {
                let request = Request { header, tree, inner: None };
                let sent = Some(request.sent()).filter(|sent| sent.name() == SIGNED_PRE_COMMAND);
                let inner = sent.and_then(body_of);
                Ok(Request { inner, ..request })
            }
            Err(place) => Err(vec![out_of_range(place)]),
        }
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &RequestHeader {
        &self.header
    }

    /// What is asked for: `ReadFirmwareVersion` and its like. Of a signed pre-command it is what stands in its payload; where the
    /// payload is no body that the schema allows, it is [`Request::sent`], which asks for nothing.
    #[must_use]
    pub fn body(&self) -> Element<'_> {
        self.inner.as_ref().and_then(|inner| inner.root().first()).unwrap_or_else(|| self.sent())
    }

    /// The element that stands in its body: what is asked for, or `SignedPreCommand`.
    #[must_use]
    pub fn sent(&self) -> Element<'_> {
        let root = self.tree.root();
        root.at("Body").and_then(Element::first).unwrap_or(root)
    }

    /// ExecutionDateTime, where there is one. A signed pre-command's own comes before that of its payload (P).
    #[must_use]
    pub fn execution(&self) -> Option<Timestamp> {
        let moment = |of: Element<'_>| of.child("ExecutionDateTime").and_then(Element::timestamp);
        moment(self.sent()).or_else(|| moment(self.body()))
    }

    /// The whole message.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        self.tree.root()
    }

    /// The schema by which it was judged; its answers use the same.
    #[must_use]
    pub fn version(&self) -> SchemaVersion {
        self.tree.version()
    }
}

fn out_of_range(place: Place) -> WireFault {
    WireFault {
        kind: FaultKind::Schema,
        place,
        message: "the header holds a value that does not exist".to_owned(),
        found: "another value".to_owned(),
        expected: "a value of the element's type".to_owned(),
        suggestion: "correct the header".to_owned(),
    }
}

/// A message that the schema allows and whose signature nobody has looked at.
#[derive(Debug)]
pub struct Unverified<'i, T> {
    pub(super) incoming: &'i Incoming<'i>,
    pub(super) value: T,
}

impl<T> Unverified<'_, T> {
    /// What the message says, to be answered and logged, never acted on.
    #[must_use]
    pub fn claimed(&self) -> &T {
        &self.value
    }
}

impl Unverified<'_, Request> {
    /// Verifies the signature, and that the originator is the one that signed.
    ///
    /// # Errors
    /// The first [`SignatureFault`]: of profile, certificate, value, sender.
    pub fn verify(self, trust: &Trust, at: Timestamp) -> Result<Verified<Request>, SignatureFault> {
        let document = attest::verify(self.incoming, trust, at)?;
        let root = self.value.root();
        let place = root.at("Header/RequestID").unwrap_or(root).place();
        attest::is_of(place, PartyId(self.value.header.request_id.originator), document.sender())?;
        Ok(Verified { value: self.value, document, entries: EntryPlaces::default() })
    }
}
