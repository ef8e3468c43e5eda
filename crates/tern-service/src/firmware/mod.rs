//! Firmware for the devices of commissioned installations: sent in blocks, verified, and used on the Responsible
//! Supplier's word.
//!
//! What was heard of a device's image is durable in the S1SP's store, and so are the numbers under which it is spoken to, before they are
//! used. Whether something was done that no answer came to, the device says. This module must never decide which image a
//! device uses, nor protect a critical instruction.

mod desk;
mod image;
mod record;
mod sending;
mod supplier;
mod target;
mod using;
mod way;

pub use desk::{End, FirmwareDesk, Told};
pub use image::Image;
pub use record::{FirmwareRecord, Standing};
pub use sending::Sending;
pub use supplier::Instruction;
pub use way::Way;

use crate::System;
use crate::fault::ServiceFault;
use crate::parties::S1sp;

impl System {
    /// Hands `body` the S1SP's desk for firmware, with DCO and DSP in this process.
    ///
    /// # Errors
    /// What `body` says.
    pub fn with_firmware<T>(
        &mut self,
        way: Way<'_>,
        body: impl FnOnce(&mut FirmwareDesk<'_>) -> Result<T, ServiceFault>,
    ) -> Result<T, ServiceFault> {
        let clock = self.shared.clock.clone();
        let attempts = self.config.commissioning.attempts;
        let associations = tern_cohorts::associations(self.config.associations.clone());
        let (dco, dsp) = (&mut self.dco, &mut self.dsp);
        let s1sp_party = self.s1sp.signer().certificate().party();
        let mut obey_dco = |orders: &[_], now| dco.obey(orders, now);
        let mut obey_dsp = |orders: &[_]| dsp.obey(s1sp_party, orders);
        let S1sp { store, seal, .. } = &mut self.s1sp;
        body(&mut FirmwareDesk {
            store: &mut **store,
            seal,
            clock: &*clock,
            way,
            dco: &mut obey_dco,
            dsp: &mut obey_dsp,
            associations,
            attempts,
        })
    }
}
