//! FOC: Trilliant and Landis+Gyr devices, clause 15 and Appendix B (S002 19 to 38).
//!
//! Tables B2, B3, B5 and B6 are run in this order, with the WAN before and the whitelist between; the sources give the
//! tables' subjects and parties, the rows within and the order between them are project-defined (CO1).

mod answers;
mod orders;
mod steps;

use tern_flow::{Failure, Step};

use crate::{Answer, Asked, Case, Cohort, Heard, Memory, Order};

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
        Heard::Event(answers::read(steps::row(asked.at), asked, case, answer, memory))
    }
}

#[cfg(test)]
mod tests;
