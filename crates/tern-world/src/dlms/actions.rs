//! What invoking a method does.

use jiff::SignedDuration;
use tern_dlms::Data;

use super::objects::{Object, What};
use super::reading::encoded;
use super::request::{Addressed, Refusal, Request, failed};
use crate::devices::{Change, SupplyState};

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
            (What::Supply, _) => self.switch_supply(method, parameter, operation),
            (What::Auxiliary, _) => {
                let from = self.slot.installation.electricity.auxiliary_closed;
                self.effect(operation, &encoded(parameter), Change::Auxiliary { from, to: method == 2 })
            }
            (What::Calendar, _) => {
                let (_, second_rate_wh) = self.meter().imported(self.now);
                let change = Change::CalendarActivated { at: self.now, second_rate_wh };
                self.meter_effect(operation, &encoded(parameter), change)
            }
            (What::Clock, _) => self.shift_clock(parameter, operation),
            _ => Err(Refusal::Denied),
        }
    }

    /// Off; on, where the parameter is the standard's 0; or ready to be switched on by hand, where it is 1 (P). No valve opens
    /// from afar.
    fn switch_supply(&mut self, method: i8, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let to = match (method, parameter) {
            (1, Data::Integer(0)) => SupplyState::Disabled,
            (2, Data::Integer(1)) => SupplyState::Armed,
            (2, Data::Integer(0)) if self.device == Addressed::Esme => SupplyState::Enabled,
            (2, Data::Integer(0)) => return Err(Refusal::Other),
            _ => return Err(Refusal::Type),
        };
        let from = self.meter().supply;
        self.meter_effect(operation, &encoded(parameter), Change::Supply { from, to })
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
        let reads = self.meter().clock.reads(self.now);
        let to = reads.checked_add(shift).map_err(|_| Refusal::Other)?;
        let change = Change::Clock { at: self.now, offset_seconds: to.as_second() - self.now.as_second() };
        self.effect(operation, &encoded(parameter), change)
    }
}
