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
use crate::{Answer, Asked, Case, Cohort, Heard, Memory, Order, Site};

/// The FOC cohort.
pub(crate) struct Foc;

impl Cohort for Foc {
    fn steps(&self) -> &'static [Step] {
        steps::STEPS
    }

    fn order(&self, asked: Asked<'_>, case: &Case<'_>) -> Result<Order, Failure> {
        orders::order(steps::row(asked.at), asked, case)
    }

    fn read(&self, asked: Asked<'_>, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
        answers::read(steps::row(asked.at), asked, case, answer, memory)
    }

    fn carry_out(&self, row: &Row, site: &mut Site<'_>) -> Option<Result<Reply, DeviceError>> {
        adapter::carry_out(row, site)
    }
}

#[cfg(test)]
mod tests;
