//! MOC (Secure): group DA (R), Secure devices whose SMSO is Secure (S002 1).
//!
//! No source gives this group's clause or tables: Appendix A is taken to bind it as the others (P), as
//! [`crate::appendix_a`] has it.

use crate::appendix_a::ROWS;
use crate::shared::{ASSOCIATIONS, Table, steps_of};

/// The cohort.
pub(crate) static MOC_SECURE: &Table = &Table { rows: &ROWS, steps: &steps_of(&ROWS), associations: ASSOCIATIONS };
