//! A DLMS client over anything that can be read and written: it opens an association, asks, and believes no answer that the
//! association's protection does not cover.
//!
//! Time limits are the transport's: a read or write that fails for lack of time ends in [`ClientError::Unknown`]. The client
//! never repeats a request of its own accord, and never uses an invocation counter that it was not handed.

mod association;
mod blocks;
mod error;
pub mod image;
mod link;

use std::io::{Read, Write};

pub use association::{Association, Party, Proposal};
pub use error::{ClientError, Doubt, NotSent, Refusal};
pub use link::Ports;

use crate::acse::{ReleaseRequestReason, Rlre, Rlrq};
use crate::apdu::{
    ActionRequest, ActionResponseWithOptionalData, ActionResult, AttributeWithSelection, Conformance, DataAccessResult,
    GetDataResult, GetRequest, InitiateRequest, InvokeIdAndPriority, SetRequest,
};
use crate::codec::Codec;
use crate::data::Data;
use crate::descriptor::{AttributeDescriptor, MethodDescriptor};
use crate::selection::Selection;
use link::Link;

/// One association with one logical device.
pub struct Client<T> {
    link: Link<T>,
    agreed: Conformance,
    proposal: Proposal,
    /// Whether an AARQ opened it, so that an RLRQ ends it.
    opened: bool,
    invoke_id: u8,
}

impl<T> std::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("ports", &self.link.ports).finish_non_exhaustive()
    }
}

impl<T: Read + Write> Client<T> {
    /// Opens an association and proposes all that this crate speaks.
    ///
    /// # Errors
    /// [`ClientError`]; [`Refusal::Association`] where the server rejects it. The transport is dropped then.
    pub fn connect(transport: T, ports: Ports, association: Association) -> Result<Client<T>, ClientError> {
        Client::connect_proposing(transport, ports, association, Proposal::default())
    }

    /// Opens an association and proposes what is said. For [`Association::PreEstablished`], where nothing is exchanged, the
    /// proposal says what the two sides agreed on beforehand.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_proposing(
        transport: T,
        ports: Ports,
        association: Association,
        proposal: Proposal,
    ) -> Result<Client<T>, ClientError> {
        let mut link = Link::new(transport, ports, proposal.max_receive_pdu_size);
        let opened = !matches!(association, Association::PreEstablished { .. });
        let agreed = association::open(&mut link, association, proposal)?;
        Ok(Client { link, agreed, proposal, opened, invoke_id: 1 })
    }

    /// What the two sides agreed on.
    pub fn agreed(&self) -> Conformance {
        self.agreed
    }

    /// The highest invocation counter of the server that was believed; none in an association without protection.
    pub fn heard(&self) -> Option<u32> {
        self.link.channel.as_ref().and_then(|channel| channel.heard)
    }

    /// Reads an attribute.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError> {
        self.get_part(attribute.into())
    }

    /// Reads the rows of a profile that a range or a count of entries selects.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_with(&mut self, attribute: AttributeDescriptor, selection: &Selection) -> Result<Data, ClientError> {
        self.agreed_on(Conformance::SELECTIVE_ACCESS, "selective access")?;
        self.get_part(AttributeWithSelection { attribute, access: Some(selection.to_access()) })
    }

    /// Reads an attribute, or what any selective access says of it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_part(&mut self, attribute: AttributeWithSelection) -> Result<Data, ClientError> {
        let invoke = self.next_invoke();
        let mut results = self.fetch(&GetRequest::Normal { invoke, attribute })?;
        let result = results.pop().filter(|_| results.is_empty());
        let result = result.ok_or(Doubt::Nonsense("not one result")).map_err(ClientError::from);
        Ok(self.link.judged(result)?.map_err(Refusal::Access)?)
    }

    /// Reads several attributes in one request; a result for each, in their order.
    ///
    /// # Errors
    /// [`ClientError`] where there is no list of results.
    pub fn get_list(&mut self, attributes: Vec<AttributeWithSelection>) -> Result<Vec<GetDataResult>, ClientError> {
        self.agreed_on(Conformance::MULTIPLE_REFERENCES, "several attributes at once")?;
        let (invoke, count) = (self.next_invoke(), attributes.len());
        let results = self.fetch(&GetRequest::WithList { invoke, attributes })?;
        if results.len() == count {
            return Ok(results);
        }
        self.link.judged(Err(Doubt::Nonsense("not as many results as attributes").into()))
    }

    /// Writes an attribute, in blocks where it is too long for one APDU.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn set(&mut self, attribute: AttributeDescriptor, value: Data) -> Result<(), ClientError> {
        let invoke = self.next_invoke();
        let attribute = AttributeWithSelection::from(attribute);
        let request = SetRequest::Normal { invoke, attribute: attribute.clone(), value };
        match self.write(&request)? {
            DataAccessResult::Success => Ok(()),
            refused => Err(Refusal::Access(refused).into()),
        }
    }

    /// Invokes a method, in blocks where its parameters are too long for one APDU; answers what it returned.
    ///
    /// # Errors
    /// [`ClientError`]; [`Doubt::NothingReturned`] where it was done and what it returned could not be had.
    pub fn action(&mut self, method: MethodDescriptor, parameters: Option<Data>) -> Result<Option<Data>, ClientError> {
        let invoke = self.next_invoke();
        let ActionResponseWithOptionalData { result, returned } =
            self.invoke(&ActionRequest::Normal { invoke, method, parameters })?;
        if result != ActionResult::Success {
            return Err(Refusal::Action(result).into());
        }
        match returned {
            None => Ok(None),
            Some(Ok(data)) => Ok(Some(data)),
            Some(Err(reason)) => Err(Doubt::NothingReturned(reason).into()),
        }
    }

    /// Carries an APDU that somebody else made (protected, signed) and gives the answer as it came: for that party to judge. No
    /// protection of this association is added or asked for.
    ///
    /// # Errors
    /// [`ClientError::NotSent`] or [`ClientError::Unknown`].
    pub fn relay(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ClientError> {
        self.link.relay(apdu)
    }

    /// Ends the association and gives the transport back.
    ///
    /// # Errors
    /// [`ClientError`] where the server does not say that it ended. Whatever was asked before is not in doubt by that.
    pub fn release(mut self) -> Result<T, ClientError> {
        if !self.opened {
            return Ok(self.link.transport);
        }
        let mut request = Rlrq { reason: Some(ReleaseRequestReason::Normal), user_information: None };
        if let Some(channel) = &mut self.link.channel {
            let initiate = InitiateRequest::new(self.proposal.conformance, self.proposal.max_receive_pdu_size);
            let sealed = channel.seal(crate::security::Form::Global, &initiate.to_bytes())?;
            request.user_information = Some(sealed);
        }
        let answer = self.link.relay(&request.to_bytes())?;
        Rlre::decode(&answer)?;
        Ok(self.link.transport)
    }

    fn agreed_on(&self, what: Conformance, name: &'static str) -> Result<(), NotSent> {
        if self.agreed.contains(what) { Ok(()) } else { Err(NotSent::NotAgreed(name)) }
    }

    fn next_invoke(&mut self) -> InvokeIdAndPriority {
        self.invoke_id = self.invoke_id % 15 + 1;
        InvokeIdAndPriority::new(self.invoke_id)
    }
}
