//! Countersigning at the DSP: to which S1SP a request goes.

use tern_model::PartyId;

use crate::asked::Asked;
use crate::codes::Reason;
use crate::refusal::Refusal;

/// The S1SP that a request goes to, by what the inventory says of the device.
///
/// # Errors
/// [`Reason::NoS1sp`].
pub fn s1sp(asked: &Asked, of_device: Option<PartyId>) -> Result<PartyId, Refusal> {
    of_device.ok_or_else(|| Refusal::new(Reason::NoS1sp, format!("no S1SP is on record for {}", asked.id.target)))
}
