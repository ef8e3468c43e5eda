//! Responses and alerts, for those who receive them: the DSP's signature around the S1SP's.

use jiff::Timestamp;
use tern_model::Role;

use super::message::Unverified;
use super::pre_command::payload_of;
use super::{
    Element, Incoming, Received, ResponseHeader, Root, SIGNED_INSIDE, SchemaVersion, SignatureFault, Tree, attest,
};
use crate::smki::Trust;
use crate::verified::EntryPlaces;
use crate::xml::Limits;
use crate::xml::exact::is;
use crate::{FaultKind, Verified, VerifiedDocument, WireFault};

/// A response or alert of the DSP, and what an S1SP signed inside it.
#[derive(Debug, Clone)]
pub struct Response {
    header: ResponseHeader,
    tree: Tree,
    nested: Option<Nested>,
}

/// A nested document as bytes, and whose it is once it was verified.
#[derive(Debug, Clone)]
struct Nested {
    received: Received,
    document: Option<VerifiedDocument>,
}

impl Response {
    /// Its header.
    #[must_use]
    pub fn header(&self) -> &ResponseHeader {
        &self.header
    }

    /// What stands in its body: `ResponseMessage`, `DeviceAlertMessage`, `DCCAlertMessage` or `SMETS1ResponseMessage`.
    #[must_use]
    pub fn body(&self) -> Element<'_> {
        let root = self.tree.root();
        root.at("Body").and_then(Element::first).unwrap_or(root)
    }

    /// The payload of the pre-command that it returns, where it returns one: what the User signs, byte for byte.
    #[must_use]
    pub fn pre_command(&self) -> Option<Vec<u8>> {
        self.body().child("PreCommand").and_then(payload_of)
    }

    /// The whole message.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        self.tree.root()
    }

    /// The schema by which it was judged.
    #[must_use]
    pub fn version(&self) -> SchemaVersion {
        self.tree.version()
    }

    /// The SMETS1SignedResponse or S1SPAlert inside it, as the S1SP signed it; of a [`Verified`] response it was verified.
    #[must_use]
    pub fn nested(&self) -> Option<&VerifiedDocument> {
        self.nested.as_ref()?.document.as_ref()
    }
}

/// A document that an S1SP signed, alone: as the DSP receives it.
#[derive(Debug, Clone)]
pub struct NestedDocument {
    tree: Tree,
}

impl NestedDocument {
    /// Its root: `SMETS1SignedResponse` or `S1SPAlert`.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        self.tree.root()
    }

    /// The schema by which it was judged.
    #[must_use]
    pub fn version(&self) -> SchemaVersion {
        self.tree.version()
    }
}

impl Incoming<'_> {
    /// The response that it is.
    ///
    /// # Errors
    /// [`FaultKind::Schema`], as [`Incoming::judge`]; of the root alone where it is no Response.
    pub fn response(&self, version: SchemaVersion) -> Result<Unverified<'_, Response>, Vec<WireFault>> {
        self.expect(Root::Response)?;
        let tree = self.judge(version)?;
        let header = ResponseHeader::read(tree.root()).map_err(|place| {
            let message = "the header holds a value that does not exist".to_owned();
            let [found, expected] = ["another value", "a value of the element's type"].map(str::to_owned);
            let suggestion = "ask the sender for the message again".to_owned();
            vec![WireFault { kind: FaultKind::Schema, place, message, found, expected, suggestion }]
        })?;
        let nested = self.nested().map_err(|fault| vec![fault])?;
        let nested = nested.map(|received| Nested { received, document: None });
        Ok(Unverified { incoming: self, value: Response { header, tree, nested } })
    }

    /// The document of an S1SP that it is.
    ///
    /// # Errors
    /// [`FaultKind::Schema`], as [`Incoming::judge`]; of the root alone where it is neither SMETS1SignedResponse nor S1SPAlert.
    pub fn of_s1sp(&self, version: SchemaVersion) -> Result<Unverified<'_, NestedDocument>, Vec<WireFault>> {
        self.expect(Root::Smets1SignedResponse).or_else(|_| self.expect(Root::S1spAlert))?;
        let tree = self.judge(version)?;
        Ok(Unverified { incoming: self, value: NestedDocument { tree } })
    }

    /// The signed document inside it, cut out byte for byte. It must declare its namespaces itself.
    ///
    /// # Errors
    /// [`FaultKind::Form`] where it does not.
    pub fn nested(&self) -> Result<Option<Received>, WireFault> {
        let root = self.document.root_element();
        let inside = |node: &roxmltree::Node| SIGNED_INSIDE.iter().any(|(namespace, name)| is(*node, namespace, name));
        let Some(nested) = root.descendants().filter(|node| *node != root).find(inside) else { return Ok(None) };
        let source = &self.document.input_text()[nested.range()];
        let name = format!("{} in {}", nested.tag_name().name(), self.received.name);
        let received = Received::new(&name, source.as_bytes(), &Limits::MESSAGE)?;
        let place = self.place(nested);
        received.parse().map(drop).map_err(|fault| WireFault { place, ..fault })?;
        Ok(Some(received))
    }
}

impl Unverified<'_, Response> {
    /// Verifies the DSP's signature, and the S1SP's inside it.
    ///
    /// # Errors
    /// The first [`SignatureFault`]: of profile, certificate, value, sender; the outer signature's first.
    pub fn verify(mut self, trust: &Trust, at: Timestamp) -> Result<Verified<Response>, SignatureFault> {
        let document = attest::verify(self.incoming, trust, at)?;
        attest::is_by(self.value.root().place(), Role::Dsp, document.sender())?;
        if let Some(nested) = &mut self.value.nested {
            let incoming = nested.received.parse().map_err(SignatureFault::Profile)?;
            let inner = attest::verify(&incoming, trust, at)?;
            attest::is_by(incoming.place(incoming.document.root_element()), Role::S1sp, inner.sender())?;
            nested.document = Some(inner);
        }
        Ok(Verified { value: self.value, document, entries: EntryPlaces::default() })
    }
}

impl Unverified<'_, NestedDocument> {
    /// Verifies the S1SP's signature.
    ///
    /// # Errors
    /// The first [`SignatureFault`]: of profile, certificate, value, sender.
    pub fn verify(self, trust: &Trust, at: Timestamp) -> Result<Verified<NestedDocument>, SignatureFault> {
        let document = attest::verify(self.incoming, trust, at)?;
        attest::is_by(self.value.root().place(), Role::S1sp, document.sender())?;
        Ok(Verified { value: self.value, document, entries: EntryPlaces::default() })
    }
}
