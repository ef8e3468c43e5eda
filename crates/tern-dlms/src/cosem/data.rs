//! Data (class 1): one value of any type.

use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(1);

/// Attribute: the value.
pub const VALUE: i8 = 2;
