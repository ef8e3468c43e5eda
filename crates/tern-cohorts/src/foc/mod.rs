//! FOC: Trilliant and Landis+Gyr devices, clause 15 and Appendix B (S002 19 to 38).
//!
//! Tables B2, B3, B5 and B6 are run in this order, with the WAN before and the whitelist between; the sources give the
//! tables' subjects and parties, the rows within and the order between them are project-defined (CO1).

mod adapter;
mod answers;
mod orders;
mod steps;

use tern_flow::{Failure, Step};

use crate::device::{DeviceError, Reply, Row};
use crate::{
    Answer, Asked, Case, Cohort, Firmware, FirmwareError, FirmwareStage, Heard, Memory, Order, Recipient, Site,
};

/// The FOC cohort.
pub(crate) struct Foc;

impl Cohort for Foc {
    fn steps(&self) -> &'static [Step] {
        steps::STEPS
    }

    fn order(&self, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
        orders::order(steps::row(asked.at), asked, case)
    }

    fn read(&self, asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
        answers::read(steps::row(asked.at), asked, case, answer, memory)
    }

    fn carry_out(&self, row: &Row, site: &mut Site<'_>) -> Option<Result<Reply, DeviceError>> {
        adapter::carry_out(row, site)
    }

    fn send_firmware(
        &self,
        firmware: &mut Firmware<'_>,
        to: Recipient,
        site: &mut Site<'_>,
        watch: &mut dyn FnMut(FirmwareStage),
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::send(firmware, to, site, watch)
    }

    fn activate_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::activate(firmware, to, site)
    }

    fn probe_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::probe(firmware, to, site)
    }
}

#[cfg(test)]
mod tests;
