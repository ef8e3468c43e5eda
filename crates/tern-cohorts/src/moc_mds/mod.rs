//! MOC (MDS): group CB (R), Honeywell Elster devices whose SMSO is Morrison Data Services (S002 1).
//!
//! Appendix A, as [`crate::appendix_a`] has it.

use crate::appendix_a::ROWS;
use crate::shared::{ASSOCIATIONS, Table, steps_of};

/// The cohort.
pub(crate) static MOC_MDS: &Table = &Table { rows: &ROWS, steps: &steps_of(&ROWS), associations: ASSOCIATIONS };
