//! What client and server agree on when an association begins.

use std::fmt;

use zeroize::Zeroizing;

use super::conformance::Conformance;
use super::{expect_tag, tag};
use crate::codec::{Codec, Reader, put_octets, put_optional};
use crate::error::DecodeError;

/// The xDLMS version that is spoken.
pub const XDLMS_VERSION: u8 = 6;
/// The vaa-name of an association by logical names.
const VAA_NAME: u16 = 0x0007;

/// A key for one association, made by the client. Wiped when dropped, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DedicatedKey(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for DedicatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DedicatedKey(not shown)")
    }
}

impl Codec for DedicatedKey {
    fn encode(&self, out: &mut Vec<u8>) {
        put_octets(&self.0, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(DedicatedKey(Zeroizing::new(reader.octets()?.to_vec())))
    }
}

/// InitiateRequest: what a client proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateRequest {
    /// A key for this association alone.
    pub dedicated_key: Option<DedicatedKey>,
    /// Whether the server may answer; it may unless the client says otherwise.
    pub response_allowed: bool,
    /// A quality of service; the standard gives it no meaning.
    pub proposed_quality_of_service: Option<u8>,
    /// The xDLMS version, [`XDLMS_VERSION`].
    pub proposed_dlms_version: u8,
    /// What the client can do.
    pub proposed_conformance: Conformance,
    /// The longest APDU that the client takes, in bytes; 0 stands for no limit.
    pub client_max_receive_pdu_size: u16,
}

/// InitiateResponse: what the server agrees to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiateResponse {
    /// A quality of service; the standard gives it no meaning.
    pub negotiated_quality_of_service: Option<u8>,
    /// The xDLMS version, [`XDLMS_VERSION`].
    pub negotiated_dlms_version: u8,
    /// What both can do.
    pub negotiated_conformance: Conformance,
    /// The longest APDU that the server takes, in bytes; 0 stands for no limit.
    pub server_max_receive_pdu_size: u16,
    /// 7 where objects are named by logical name.
    pub vaa_name: u16,
}

impl InitiateRequest {
    /// A proposal without a dedicated key.
    #[must_use]
    pub fn new(proposed_conformance: Conformance, client_max_receive_pdu_size: u16) -> Self {
        InitiateRequest {
            dedicated_key: None,
            response_allowed: true,
            proposed_quality_of_service: None,
            proposed_dlms_version: XDLMS_VERSION,
            proposed_conformance,
            client_max_receive_pdu_size,
        }
    }
}

impl InitiateResponse {
    /// An agreement on objects by logical name.
    #[must_use]
    pub fn new(negotiated_conformance: Conformance, server_max_receive_pdu_size: u16) -> Self {
        InitiateResponse {
            negotiated_quality_of_service: None,
            negotiated_dlms_version: XDLMS_VERSION,
            negotiated_conformance,
            server_max_receive_pdu_size,
            vaa_name: VAA_NAME,
        }
    }
}

impl Codec for InitiateRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::INITIATE_REQUEST);
        put_optional(self.dedicated_key.as_ref(), out);
        out.extend_from_slice(if self.response_allowed { &[0] } else { &[1, 0] });
        put_quality(self.proposed_quality_of_service, out);
        out.push(self.proposed_dlms_version);
        self.proposed_conformance.encode(out);
        out.extend_from_slice(&self.client_max_receive_pdu_size.to_be_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::INITIATE_REQUEST, "an initiateRequest")?;
        Ok(InitiateRequest {
            dedicated_key: reader.optional(DedicatedKey::read)?,
            response_allowed: reader.optional(Reader::boolean)?.unwrap_or(true),
            proposed_quality_of_service: reader.optional(Reader::u8)?,
            proposed_dlms_version: reader.u8()?,
            proposed_conformance: Conformance::read(reader)?,
            client_max_receive_pdu_size: reader.u16()?,
        })
    }
}

impl Codec for InitiateResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::INITIATE_RESPONSE);
        put_quality(self.negotiated_quality_of_service, out);
        out.push(self.negotiated_dlms_version);
        self.negotiated_conformance.encode(out);
        out.extend_from_slice(&self.server_max_receive_pdu_size.to_be_bytes());
        out.extend_from_slice(&self.vaa_name.to_be_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::INITIATE_RESPONSE, "an initiateResponse")?;
        Ok(InitiateResponse {
            negotiated_quality_of_service: reader.optional(Reader::u8)?,
            negotiated_dlms_version: reader.u8()?,
            negotiated_conformance: Conformance::read(reader)?,
            server_max_receive_pdu_size: reader.u16()?,
            vaa_name: reader.u16()?,
        })
    }
}

fn put_quality(quality: Option<u8>, out: &mut Vec<u8>) {
    out.push(u8::from(quality.is_some()));
    out.extend(quality);
}
