//! RLRQ and RLRE: the end of an association.

use super::ber::{self, put_field, put_nested};
use crate::apdu::tag;
use crate::codec::{Codec, Reader, enumeration};
use crate::error::DecodeError;

enumeration! {
    /// Release-request-reason.
    ReleaseRequestReason is "release request reason" {
        /// Normal.
        Normal = 0 "normal",
        /// Urgent.
        Urgent = 1 "urgent",
        /// The user's own.
        UserDefined = 30 "user-defined",
    }
}

enumeration! {
    /// Release-response-reason.
    ReleaseResponseReason is "release response reason" {
        /// Normal.
        Normal = 0 "normal",
        /// The server is not done.
        NotFinished = 1 "not-finished",
        /// The user's own.
        UserDefined = 30 "user-defined",
    }
}

/// RLRQ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rlrq {
    /// Why.
    pub reason: Option<ReleaseRequestReason>,
    /// The encoded initiateRequest, ciphered, where the association is.
    pub user_information: Option<Vec<u8>>,
}

/// RLRE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rlre {
    /// Why.
    pub reason: Option<ReleaseResponseReason>,
    /// The encoded initiateResponse, ciphered, where the association is.
    pub user_information: Option<Vec<u8>>,
}

const REASON: u8 = 0x80;
const USER_INFORMATION: u8 = 0xBE;

impl Codec for Rlrq {
    fn encode(&self, out: &mut Vec<u8>) {
        put_release(tag::RLRQ, self.reason.map(ReleaseRequestReason::number), self.user_information.as_deref(), out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (reason, user_information) = read_release(reader, tag::RLRQ, "an RLRQ")?;
        Ok(Rlrq { reason, user_information })
    }
}

impl Codec for Rlre {
    fn encode(&self, out: &mut Vec<u8>) {
        put_release(tag::RLRE, self.reason.map(ReleaseResponseReason::number), self.user_information.as_deref(), out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (reason, user_information) = read_release(reader, tag::RLRE, "an RLRE")?;
        Ok(Rlre { reason, user_information })
    }
}

fn put_release(tag: u8, reason: Option<u8>, information: Option<&[u8]>, out: &mut Vec<u8>) {
    let mut fields = Vec::new();
    if let Some(reason) = reason {
        put_field(REASON, &[reason], &mut fields);
    }
    if let Some(information) = information {
        put_nested(USER_INFORMATION, ber::OCTET_STRING, information, &mut fields);
    }
    put_field(tag, &fields, out);
}

fn read_release<R: Codec>(
    reader: &mut Reader<'_>,
    tag: u8,
    what: &'static str,
) -> Result<(Option<R>, Option<Vec<u8>>), DecodeError> {
    let (mut reason, mut information) = (None, None);
    ber::read_apdu(reader, tag, what, |tag, content| {
        match tag {
            REASON => reason = Some(content.decode()?),
            USER_INFORMATION => information = Some(content.information()?),
            _ => return Err(content.error("a release's reason or user information")),
        }
        Ok(())
    })?;
    Ok((reason, information))
}
