//! The ESME's critical association, as the S1SP sees it: bytes that the DCO made go in, bytes for the DCO come out.
//!
//! This module can read neither, and must never be given what could.

use tern_dlms::Codec;
use tern_dlms::apdu::{Apdu, ExceptionResponse, ServiceException};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};

use super::{Trouble, connect, failed, not_opened};
use crate::device::{DeviceError, Reply};
use crate::{Opened, Site};

/// No answer on the critical association is longer.
const ANSWER_MAX_BYTES: usize = 4096;

/// B2.3, B6.4, B6.8 and probes.
pub(super) fn relay(site: &Site<'_>, apdu: &[u8]) -> Result<Reply, Trouble> {
    let opened = site.associations.esme.critical.ok_or_else(|| not_opened("pre-established"))?;
    let Opened { client, logical_device, .. } = opened;
    let mut line = connect(site)?;
    let request = Frame { source: client, destination: logical_device, apdu: apdu.to_vec() };
    write_frame(&mut line, &request).map_err(|_| Trouble::Lost)?;
    let answer = read_frame(&mut line, ANSWER_MAX_BYTES).map_err(|_| Trouble::Lost)?.ok_or(Trouble::Lost)?;
    if (answer.source, answer.destination) != (logical_device, client) {
        return Err(Trouble::Lost);
    }
    match Apdu::decode(&answer.apdu).map_err(|_| Trouble::Lost)? {
        Apdu::GeneralGloCiphering(_) | Apdu::GloCiphered(_) => Ok(Reply::Critical { apdu: answer.apdu }),
        Apdu::ExceptionResponse(ExceptionResponse { service_error: ServiceException::DecipheringError, .. }) => {
            Err(DeviceError::KeyRejected.into())
        }
        Apdu::ExceptionResponse(exception) => Err(failed(&format!("{:?}", exception.service_error)).into()),
        _ => Err(Trouble::Lost),
    }
}
