//! A request, and the step from claimed to verified.

use jiff::Timestamp;
use tern_model::{PartyId, Place};

use super::{Element, Incoming, RequestHeader, SchemaVersion, SignatureFault, Tree, attest};
use crate::smki::Trust;
use crate::verified::EntryPlaces;
use crate::{FaultKind, Verified, WireFault};

/// A User's request: header, and exactly one request element in its body.
#[derive(Debug, Clone)]
pub struct Request {
    header: RequestHeader,
    tree: Tree,
}

impl Request {
    /// Of a tree whose root is Request and which the schema allows.
    pub(super) fn of(tree: Tree) -> Result<Request, Vec<WireFault>> {
        let header = RequestHeader::read(tree.root());
        match header {
            Ok(header) => Ok(Request { header, tree }),
            Err(place) => Err(vec![out_of_range(place)]),
        }
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &RequestHeader {
        &self.header
    }

    /// The request element: `ReadFirmwareVersion` and its like, or `SignedPreCommand`.
    #[must_use]
    pub fn body(&self) -> Element<'_> {
        let root = self.tree.root();
        root.at("Body").and_then(Element::first).unwrap_or(root)
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
