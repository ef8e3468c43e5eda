//! The interface classes that this crate names, by number, with the numbers of their attributes and methods.
//!
//! Numbers alone: what an object holds and does is for whoever serves or asks.

use crate::descriptor::ClassId;

/// Data.
pub mod data {
    use super::ClassId;

    /// The class.
    pub const CLASS: ClassId = ClassId(1);
    /// Attribute: the value.
    pub const VALUE: i8 = 2;
}

/// Register.
pub mod register {
    use super::ClassId;

    /// The class.
    pub const CLASS: ClassId = ClassId(3);
    /// Attribute: the value.
    pub const VALUE: i8 = 2;
    /// Attribute: power of ten and unit.
    pub const SCALER_UNIT: i8 = 3;
    /// Method: sets the value to its default.
    pub const RESET: i8 = 1;
}
