//! GET, SET and ACTION on a logical device, whole and in blocks.

mod action;
mod get;
mod set;

use super::device::UNKNOWN;
use super::transfer::Transfer;
use super::{Agreement, Caller, LogicalDevice, Session, Stop};
use crate::apdu::{Apdu, Conformance};

/// The most that one answer may be put together to, in bytes, before it leaves in blocks.
const ANSWER_MAX_BYTES: usize = 4 << 20;

/// One request being carried out.
struct Service<'a> {
    transfer: &'a mut Transfer,
    device: &'a mut dyn LogicalDevice,
    caller: Caller,
    conformance: Conformance,
    /// The longest answer, in bytes.
    limit: usize,
}

impl Session {
    /// Carries out a request that may be carried out under `agreement`.
    pub(super) fn serve_request(
        &mut self,
        device: &mut dyn LogicalDevice,
        agreement: &Agreement,
        request: Apdu,
    ) -> Result<Vec<u8>, Stop> {
        let caller = Caller { client: self.client, authority: agreement.authority };
        let (conformance, limit) = (agreement.conformance, agreement.client_max_bytes);
        let mut service = Service { transfer: &mut self.transfer, device, caller, conformance, limit };
        match request {
            Apdu::GetRequest(request) => service.get(request),
            Apdu::SetRequest(request) => service.set(request),
            Apdu::ActionRequest(request) => service.action(request),
            _ => Err(UNKNOWN),
        }
    }
}

impl Service<'_> {
    /// Whether the two sides agreed on all of this.
    fn agreed(&self, what: Conformance) -> Result<(), Stop> {
        if self.conformance.contains(what) { Ok(()) } else { Err(UNKNOWN) }
    }
}
