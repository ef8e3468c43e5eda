//! A DLMS server without input and output: the bytes of an APDU in, the bytes of its answer out, and [`serve`] for those who
//! have a stream.
//!
//! A [`Session`] keeps what one client has opened with one logical device on one connection. It judges associations, tags,
//! invocation counters and the protection that an association demands, and answers everything else with the standard's errors;
//! whatever comes in, it answers or closes. Objects, keys and counters are the [`LogicalDevice`]'s, and nothing of them is kept here.

mod device;
mod opening;
mod protected;
mod serve;
mod services;
mod transfer;

pub use device::{Authority, Caller, Failed, LogicalDevice, Opening, Stop};
pub use serve::{Connection, serve};

use crate::apdu::{Apdu, Conformance, ServiceException};
use crate::codec::Codec;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::security::{CIPHERED_OVERHEAD_MAX_BYTES, Challenge, Protection};
use crate::system_title::SystemTitle;
use device::UNKNOWN;
use transfer::Transfer;

/// What one client has opened with one logical device on one connection.
#[derive(Debug)]
pub struct Session {
    client: u16,
    state: State,
    transfer: Transfer,
}

#[derive(Debug)]
enum State {
    /// No association.
    Closed,
    /// The client has yet to answer the challenge.
    Proving { agreement: Agreement, ours: Challenge, theirs: Challenge },
    /// Open.
    Open(Agreement),
}

/// What holds in an association.
#[derive(Debug, Clone)]
struct Agreement {
    /// What a client proves that keeps to it.
    authority: Authority,
    client_title: Option<SystemTitle>,
    /// How every APDU must be protected at least.
    demands: Option<Protection>,
    conformance: Conformance,
    client_max_bytes: usize,
}

impl Agreement {
    /// The longest plain answer.
    fn answer_max_bytes(&self, protection: Option<Protection>) -> usize {
        self.client_max_bytes.saturating_sub(protection.map_or(0, |_| CIPHERED_OVERHEAD_MAX_BYTES))
    }
}

impl Session {
    /// Nothing is opened yet by the client of this wPort.
    #[must_use]
    pub fn new(client: u16) -> Session {
        Session { client, state: State::Closed, transfer: Transfer::None }
    }

    /// Answers an APDU; none: the connection is to be closed without an answer.
    pub fn answer(&mut self, device: &mut dyn LogicalDevice, apdu: &[u8]) -> Option<Vec<u8>> {
        match self.judge(device, apdu) {
            Ok(answer) => Some(answer),
            Err(Stop::Exception(exception)) => Some(exception.to_bytes()),
            Err(Stop::NoAnswer) => None,
        }
    }

    fn judge(&mut self, device: &mut dyn LogicalDevice, apdu: &[u8]) -> Result<Vec<u8>, Stop> {
        // Peers differ in whether the limit counts what protection adds, so it counts for the APDU within alone.
        let limit = usize::from(device.max_receive_pdu_size());
        if apdu.len() > limit + CIPHERED_OVERHEAD_MAX_BYTES {
            return Err(PDU_TOO_LONG);
        }
        match Apdu::decode(apdu).map_err(unreadable)? {
            Apdu::Aarq(aarq) => self.open(device, &aarq),
            Apdu::Rlrq(rlrq) => self.release(device, &rlrq),
            Apdu::GloCiphered(_) => self.protected(device, apdu, None),
            Apdu::GeneralGloCiphering(ciphered) => self.protected(device, apdu, ciphered.system_title),
            Apdu::GeneralSigning(signing) => self.signed(device, &signing),
            _ if apdu.len() > limit => Err(PDU_TOO_LONG),
            request @ (Apdu::GetRequest(_) | Apdu::SetRequest(_) | Apdu::ActionRequest(_)) => {
                self.plain(device, request)
            }
            _ => Err(UNKNOWN),
        }
    }
}

/// Longer than the device said it takes.
const PDU_TOO_LONG: Stop = Stop::not_allowed(ServiceException::PduTooLong);

/// What is said of bytes that cannot be read.
fn unreadable(error: DecodeError) -> Stop {
    match error.kind {
        DecodeErrorKind::NotSupported { .. } | DecodeErrorKind::Unknown { what: "APDU", .. } => UNKNOWN,
        _ => Stop::not_allowed(ServiceException::OtherReason),
    }
}
