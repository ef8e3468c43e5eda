//! IOC: groups AA and BA (R), and CA, Elster devices (S002 16, 17; S000 table 2).
//!
//! Appendix A, as [`crate::appendix_a`] has it.

use crate::appendix_a::ROWS;
use crate::shared::{ASSOCIATIONS, Table, steps_of};

/// The cohort.
pub(crate) static IOC: &Table = &Table { rows: &ROWS, steps: &steps_of(&ROWS), associations: ASSOCIATIONS };
