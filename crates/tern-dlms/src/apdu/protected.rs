//! APDUs around protected APDUs: ciphered under a global key, or signed. What is within is for the security layer.

use super::{expect_tag, tag};
use crate::codec::{Codec, Reader, enumeration, put_octets};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::system_title::SystemTitle;

enumeration! {
    /// The services that are ciphered under a global key in a form of their own; the number is the APDU's first byte.
    GloService is "glo-ciphered service" {
        /// initiateRequest.
        InitiateRequest = 0x21 "glo-initiateRequest",
        /// initiateResponse.
        InitiateResponse = 0x28 "glo-initiateResponse",
        /// confirmedServiceError.
        ConfirmedServiceError = 0x2E "glo-confirmedServiceError",
        /// get-request.
        GetRequest = 0xC8 "glo-get-request",
        /// set-request.
        SetRequest = 0xC9 "glo-set-request",
        /// action-request.
        ActionRequest = 0xCB "glo-action-request",
        /// get-response.
        GetResponse = 0xCC "glo-get-response",
        /// set-response.
        SetResponse = 0xCD "glo-set-response",
        /// action-response.
        ActionResponse = 0xCF "glo-action-response",
    }
}

impl GloService {
    /// The service of an APDU in the clear, by its first byte; none where the standard has no ciphered form of its
    /// own for it.
    #[must_use]
    pub const fn of_plain(first: u8) -> Option<Self> {
        match first {
            tag::INITIATE_REQUEST => Some(GloService::InitiateRequest),
            tag::INITIATE_RESPONSE => Some(GloService::InitiateResponse),
            tag::CONFIRMED_SERVICE_ERROR => Some(GloService::ConfirmedServiceError),
            tag::GET_REQUEST => Some(GloService::GetRequest),
            tag::SET_REQUEST => Some(GloService::SetRequest),
            tag::ACTION_REQUEST => Some(GloService::ActionRequest),
            tag::GET_RESPONSE => Some(GloService::GetResponse),
            tag::SET_RESPONSE => Some(GloService::SetResponse),
            tag::ACTION_RESPONSE => Some(GloService::ActionResponse),
            _ => None,
        }
    }

    /// The first byte of the APDU that must be within.
    #[must_use]
    pub const fn plain(self) -> u8 {
        match self {
            GloService::InitiateRequest => tag::INITIATE_REQUEST,
            GloService::InitiateResponse => tag::INITIATE_RESPONSE,
            GloService::ConfirmedServiceError => tag::CONFIRMED_SERVICE_ERROR,
            GloService::GetRequest => tag::GET_REQUEST,
            GloService::SetRequest => tag::SET_REQUEST,
            GloService::ActionRequest => tag::ACTION_REQUEST,
            GloService::GetResponse => tag::GET_RESPONSE,
            GloService::SetResponse => tag::SET_RESPONSE,
            GloService::ActionResponse => tag::ACTION_RESPONSE,
        }
    }
}

/// A service ciphered under a global key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GloCiphered {
    /// Which service.
    pub service: GloService,
    /// Security header and protected APDU.
    pub content: Vec<u8>,
}

/// General-Glo-Ciphering: any APDU ciphered under a global key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralGloCiphering {
    /// Who protected it; none where both sides know.
    pub system_title: Option<SystemTitle>,
    /// Security header and protected APDU.
    pub content: Vec<u8>,
}

/// General-Signing: any APDU with a digital signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneralSigning {
    /// Which transaction this is; the two sides agree on what it may be.
    pub transaction_id: Vec<u8>,
    /// Who signed.
    pub originator: SystemTitle,
    /// Whom it is for.
    pub recipient: SystemTitle,
    /// When it was signed, as a date-time of twelve bytes; empty where that is not said.
    pub date_time: Vec<u8>,
    /// What the two sides agree on besides; mostly empty.
    pub other_information: Vec<u8>,
    /// The APDU.
    pub content: Vec<u8>,
    /// The signature over [`GeneralSigning::signed_part`].
    pub signature: Vec<u8>,
}

impl GeneralSigning {
    /// What is signed: every field from the transaction-id to the content, each with its length, without the tag.
    #[must_use]
    pub fn signed_part(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.content.len() + 64);
        let (originator, recipient) = (&self.originator.0[..], &self.recipient.0[..]);
        for field in
            [&self.transaction_id, originator, recipient, &self.date_time, &self.other_information, &self.content]
        {
            put_octets(field, &mut out);
        }
        out
    }
}

impl Codec for GloCiphered {
    fn encode(&self, out: &mut Vec<u8>) {
        self.service.encode(out);
        put_octets(&self.content, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let service = GloService::read(reader)?;
        Ok(GloCiphered { service, content: reader.octets()?.to_vec() })
    }
}

impl Codec for GeneralGloCiphering {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::GENERAL_GLO_CIPHERING);
        put_octets(self.system_title.as_ref().map_or(&[], |title| &title.0), out);
        put_octets(&self.content, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::GENERAL_GLO_CIPHERING, "a general-glo-ciphering")?;
        let system_title = optional_title(reader)?;
        Ok(GeneralGloCiphering { system_title, content: reader.octets()?.to_vec() })
    }
}

impl Codec for GeneralSigning {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(tag::GENERAL_SIGNING);
        out.extend(self.signed_part());
        put_octets(&self.signature, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::GENERAL_SIGNING, "a general-signing")?;
        Ok(GeneralSigning {
            transaction_id: reader.octets()?.to_vec(),
            originator: title(reader)?,
            recipient: title(reader)?,
            date_time: reader.octets()?.to_vec(),
            other_information: reader.octets()?.to_vec(),
            content: reader.octets()?.to_vec(),
            signature: reader.octets()?.to_vec(),
        })
    }
}

/// Takes a system title, or none where the octet string is empty.
fn optional_title(reader: &mut Reader<'_>) -> Result<Option<SystemTitle>, DecodeError> {
    let at = reader.position();
    match reader.octets()? {
        [] => Ok(None),
        octets => SystemTitle::from_octets(octets).map(Some).ok_or_else(|| not_a_title(at)),
    }
}

fn title(reader: &mut Reader<'_>) -> Result<SystemTitle, DecodeError> {
    let at = reader.position();
    optional_title(reader)?.ok_or_else(|| not_a_title(at))
}

fn not_a_title(at: usize) -> DecodeError {
    DecodeError::new(at, DecodeErrorKind::Form { what: "a system title of 8 bytes" })
}
