//! What writing an attribute does.

use tern_dlms::Data;
use tern_model::{DeviceId, Eui64, PartyId};

use super::objects::{Object, What};
use super::reading::encoded;
use super::request::{Refusal, Request};
use crate::devices::Change;
use crate::hex::hex;

/// The longest APN and the longest list that a hub holds.
const APN_MAX_BYTES: usize = 100;
const LIST_MAX: usize = 16;

impl Request<'_> {
    /// Writes an attribute that the client may write.
    pub(super) fn write(
        &mut self,
        object: &Object,
        attribute: i8,
        data: &Data,
        operation: &str,
    ) -> Result<(), Refusal> {
        let change = match object.what {
            What::Apn => self.apn(data)?,
            What::Whitelist => self.whitelist(data)?,
            What::Authorised => Change::Authorised { to: titles(data)?.into_iter().map(PartyId).collect() },
            What::Clock => self.set_clock(data)?,
            What::Calendar => {
                let value = super::calendar::checked(attribute, data)?;
                Change::PassiveCalendar { attribute, to: hex(&value) }
            }
            What::Join => {
                let (device, other) = (self.id(), DeviceId(title(data)?));
                // Joined once is joined: it is said again, and nothing changes.
                if self.slot.installation.joined.contains(&(device, other)) {
                    return Ok(());
                }
                Change::Joined { device, other }
            }
            What::Pin => return self.revise_pin(data, operation),
            What::PinBefore => return self.restore_pin(data, operation),
            what => self.account_change(what, data)?,
        };
        match object.what {
            What::Apn | What::Whitelist | What::Authorised | What::Join => {
                self.effect(operation, &encoded(data), change)
            }
            _ => self.meter_effect(operation, &encoded(data), change),
        }
    }

    fn apn(&self, data: &Data) -> Result<Change, Refusal> {
        let bytes = data.as_octets().map_err(|_| Refusal::Type)?;
        let to = std::str::from_utf8(bytes).map_err(|_| Refusal::Type)?.to_owned();
        if to.is_empty() || to.len() > APN_MAX_BYTES || to.chars().any(char::is_control) {
            return Err(Refusal::Other);
        }
        Ok(Change::Apn { from: self.slot.installation.hub.apn.clone(), to })
    }

    fn whitelist(&self, data: &Data) -> Result<Change, Refusal> {
        let to = titles(data)?.into_iter().map(DeviceId).collect();
        Ok(Change::Whitelist { from: self.slot.installation.hub.whitelist.clone(), to })
    }

    /// The clock is set to a moment; how far that is from the world's time is what is kept.
    fn set_clock(&self, data: &Data) -> Result<Change, Refusal> {
        let moment = data.as_date_time().map_err(|_| Refusal::Type)?.timestamp().ok_or(Refusal::Type)?;
        let offset_seconds = moment.as_second() - self.now.as_second();
        Ok(Change::Clock { at: self.now, offset_seconds })
    }
}

/// A list of EUI-64, as long as a hub holds one.
fn titles(data: &Data) -> Result<Vec<Eui64>, Refusal> {
    let list = data.as_array().map_err(|_| Refusal::Type)?;
    if list.len() > LIST_MAX {
        return Err(Refusal::Other);
    }
    list.iter().map(title).collect()
}

fn title(data: &Data) -> Result<Eui64, Refusal> {
    let bytes: [u8; 8] = data.as_octets().ok().and_then(|b| b.try_into().ok()).ok_or(Refusal::Type)?;
    Ok(Eui64(u64::from_be_bytes(bytes)))
}
