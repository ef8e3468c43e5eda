//! The gas meter's PIN for functionality not meant for use by Energy Consumers (3.25): told by its check value alone, replaced
//! by one that comes wrapped under the meter's own key, and put back.

use tern_dlms::Data;
use tern_model::Secret;
use tern_wire::revised_pin::digest_of;

use super::reading::encoded;
use super::request::{Refusal, Request};
use crate::devices::{Change, Fingerprint, Pins};
use crate::hex::hex;

impl Request<'_> {
    /// The check value of the PIN in force; empty where the meter has none.
    pub(super) fn pin(&self) -> Data {
        check_value(self.pins().map(|pins| &pins.in_force))
    }

    /// The check value of the PIN before; empty where there is none to go back to.
    pub(super) fn pin_before(&self) -> Data {
        check_value(self.pins().and_then(|pins| pins.before.as_ref()))
    }

    /// Takes a PIN that only this meter can open. The one in force, once more, changes nothing.
    pub(super) fn revise_pin(&mut self, data: &Data, operation: &str) -> Result<(), Refusal> {
        let wrapped = data.as_octets().map_err(|_| Refusal::Type)?;
        let pin = self.slot.installation.pin_in(wrapped).map_err(|_| Refusal::Denied)?;
        let in_force = &self.pins().ok_or(Refusal::Denied)?.in_force;
        if digest_of(in_force) == pin.digest() {
            return Ok(());
        }
        let (from, to) = (Fingerprint::of_key(in_force), Fingerprint::of_key(pin.expose()));
        self.effect(operation, &encoded(data), Change::Pin { from, to, wrapped: hex(wrapped) })
    }

    /// Goes back to the PIN before, where it is the one that is named.
    pub(super) fn restore_pin(&mut self, data: &Data, operation: &str) -> Result<(), Refusal> {
        let named = data.as_octets().map_err(|_| Refusal::Type)?;
        let pins = self.pins().ok_or(Refusal::Denied)?;
        let before = pins.before.as_ref().filter(|before| digest_of(before).0 == named).ok_or(Refusal::Other)?;
        let (from, to) = (Fingerprint::of_key(&pins.in_force), Fingerprint::of_key(before));
        self.effect(operation, &encoded(data), Change::PinRestored { from, to })
    }

    fn pins(&self) -> Option<&Pins> {
        self.slot.installation.gsme.as_ref().and_then(|gsme| gsme.pins.as_ref())
    }
}

fn check_value(pin: Option<&Secret<16>>) -> Data {
    Data::octets(pin.map_or_else(Vec::new, |pin| digest_of(pin).0.to_vec()))
}
