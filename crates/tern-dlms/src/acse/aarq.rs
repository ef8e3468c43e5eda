//! AARQ: a client asks for an association.

use super::ber::{self, put_field, put_nested};
use super::names::{ApplicationContext, AuthenticationValue, Mechanism};
use crate::apdu::tag;
use crate::codec::{Codec, Reader};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::system_title::SystemTitle;

/// acse-requirements: a bit string whose only bit says that authentication is used.
pub(super) const AUTHENTICATION_USED: [u8; 2] = [0x07, 0x80];

/// AARQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aarq {
    /// How objects are named, and whether APDUs may be ciphered.
    pub application_context: ApplicationContext,
    /// The client's system title.
    pub calling_ap_title: Option<SystemTitle>,
    /// How the two sides authenticate themselves; none stands for not at all.
    pub mechanism: Option<Mechanism>,
    /// The client's password or challenge.
    pub calling_authentication_value: Option<AuthenticationValue>,
    /// The encoded initiateRequest, or its ciphered form.
    pub user_information: Option<Vec<u8>>,
}

/// Tags of the fields of an AARQ that are kept.
mod field {
    pub(super) const APPLICATION_CONTEXT_NAME: u8 = 0xA1;
    pub(super) const CALLING_AP_TITLE: u8 = 0xA6;
    pub(super) const SENDER_ACSE_REQUIREMENTS: u8 = 0x8A;
    pub(super) const MECHANISM_NAME: u8 = 0x8B;
    pub(super) const CALLING_AUTHENTICATION_VALUE: u8 = 0xAC;
    pub(super) const USER_INFORMATION: u8 = 0xBE;
    /// protocol-version, called titles, qualifiers and identifiers, calling qualifier and identifiers,
    /// implementation-information.
    pub(super) const READ_OVER: [u8; 10] = [0x80, 0xA2, 0xA3, 0xA4, 0xA5, 0xA7, 0xA8, 0xA9, 0x9D, 0xBD];
}

impl Codec for Aarq {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut fields = Vec::new();
        let context = self.application_context.object_identifier();
        put_nested(field::APPLICATION_CONTEXT_NAME, ber::OBJECT_IDENTIFIER, &context, &mut fields);
        if let Some(title) = &self.calling_ap_title {
            put_nested(field::CALLING_AP_TITLE, ber::OCTET_STRING, &title.0, &mut fields);
        }
        if let Some(mechanism) = &self.mechanism {
            put_field(field::SENDER_ACSE_REQUIREMENTS, &AUTHENTICATION_USED, &mut fields);
            put_field(field::MECHANISM_NAME, &mechanism.object_identifier(), &mut fields);
        }
        if let Some(value) = &self.calling_authentication_value {
            value.put(field::CALLING_AUTHENTICATION_VALUE, &mut fields);
        }
        if let Some(information) = &self.user_information {
            put_nested(field::USER_INFORMATION, ber::OCTET_STRING, information, &mut fields);
        }
        put_field(tag::AARQ, &fields, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        let mut context = None;
        let mut aarq = Aarq {
            application_context: ApplicationContext::LogicalNameNoCiphering,
            calling_ap_title: None,
            mechanism: None,
            calling_authentication_value: None,
            user_information: None,
        };
        ber::read_apdu(reader, tag::AARQ, "an AARQ", |tag, content| {
            match tag {
                field::APPLICATION_CONTEXT_NAME => context = Some(content.context()?),
                field::CALLING_AP_TITLE => aarq.calling_ap_title = content.title()?,
                field::SENDER_ACSE_REQUIREMENTS => {}
                field::MECHANISM_NAME => aarq.mechanism = Some(Mechanism::of_object_identifier(content.bytes)),
                field::CALLING_AUTHENTICATION_VALUE => {
                    aarq.calling_authentication_value = Some(AuthenticationValue::of_content(content)?);
                }
                field::USER_INFORMATION => aarq.user_information = Some(content.information()?),
                known if field::READ_OVER.contains(&known) => {}
                _ => return Err(content.error("a field of an AARQ")),
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::Form { what: "an application-context-name" };
        aarq.application_context = context.ok_or_else(|| DecodeError::new(start, missing))?;
        Ok(aarq)
    }
}

impl ber::Content<'_> {
    /// An application-context-name.
    pub(super) fn context(self) -> Result<ApplicationContext, DecodeError> {
        let name = self.only(ber::OBJECT_IDENTIFIER, "an object identifier")?;
        Ok(ApplicationContext::of_object_identifier(name.bytes))
    }

    /// A system title as AP-title; none where it is empty.
    pub(super) fn title(self) -> Result<Option<SystemTitle>, DecodeError> {
        let title = self.only(ber::OCTET_STRING, "an octet string")?;
        match title.bytes {
            [] => Ok(None),
            octets => {
                SystemTitle::from_octets(octets).map(Some).ok_or_else(|| title.error("a system title of 8 bytes"))
            }
        }
    }

    /// user-information.
    pub(super) fn information(self) -> Result<Vec<u8>, DecodeError> {
        Ok(self.only(ber::OCTET_STRING, "an octet string")?.bytes.to_vec())
    }
}
