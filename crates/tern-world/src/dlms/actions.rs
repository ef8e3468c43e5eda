//! What invoking a method does.

use jiff::SignedDuration;
use tern_dlms::Data;

use super::objects::{Object, What};
use super::reading::encoded;
use super::request::{Refusal, Request, failed};
use crate::devices::Change;

impl Request<'_> {
    /// Invokes a method that the client may invoke.
    pub(super) fn invoke(
        &mut self,
        object: &Object,
        method: i8,
        parameter: Option<&Data>,
        operation: &str,
    ) -> Result<(), Refusal> {
        let parameter = parameter.unwrap_or(&Data::Null);
        match (object.what, method) {
            (What::Security, 2) => self.transfer_keys(parameter, operation),
            (What::Security, _) => self.import_certificate(parameter, operation),
            (What::Image, _) => self.image_method(method, parameter, operation),
            (What::Supply, _) => {
                let from = self.slot.installation.electricity.connected;
                self.effect(operation, &encoded(parameter), Change::Supply { from, to: method == 2 })
            }
            (What::Calendar, _) => {
                let (_, second_rate_wh) = self.slot.installation.electricity.imported(self.now);
                let change = Change::CalendarActivated { at: self.now, second_rate_wh };
                self.effect(operation, &encoded(parameter), change)
            }
            (What::Clock, _) => self.shift_clock(parameter, operation),
            _ => Err(Refusal::Denied),
        }
    }

    /// Puts a party's certificate in charge, where it was issued under the root that the device holds.
    fn import_certificate(&mut self, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let der = parameter.as_octets().map_err(|_| Refusal::Type)?;
        let (certificate, first) = self.world.certificates.accept(der).ok_or(Refusal::Other)?;
        if first {
            self.world.keep_certificate(der).map_err(|error| failed(&error))?;
        }
        let device = self.id();
        let from = self.slot.installation.certificate_of(device).ok_or(Refusal::Undefined)?.clone();
        let change = Change::Certificate { device, from, to: certificate.id().clone() };
        self.effect(operation, der, change)
    }

    /// shift_time: by so many seconds.
    fn shift_clock(&mut self, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let Data::Long(seconds @ -900..=900) = parameter else { return Err(Refusal::Type) };
        let shift = SignedDuration::from_secs((*seconds).into());
        let reads = self.slot.installation.electricity.clock.reads(self.now);
        let to = reads.checked_add(shift).map_err(|_| Refusal::Other)?;
        let change = Change::Clock { at: self.now, offset_seconds: to.as_second() - self.now.as_second() };
        self.effect(operation, &encoded(parameter), change)
    }
}
