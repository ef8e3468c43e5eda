//! Countersigning at the DSP: to which S1SP a request goes.

use tern_model::{DeviceId, PartyId};

use crate::codes::Reason;
use crate::refusal::Refusal;

/// The S1SP that a request to a device goes to, by what is on record of the device in the inventory.
///
/// # Errors
/// [`Reason::NoS1sp`].
pub fn s1sp(device: DeviceId, on_record: Option<PartyId>) -> Result<PartyId, Refusal> {
    on_record.ok_or_else(|| Refusal::new(Reason::NoS1sp, format!("no S1SP is on record for {device}")))
}
