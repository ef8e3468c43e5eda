//! GPRS modem setup (class 45): how a modem reaches its network.

use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(45);

/// Attribute: the access point name, octet-string.
pub const APN: i8 = 2;
/// Attribute: the PIN code, long-unsigned.
pub const PIN_CODE: i8 = 3;
/// Attribute: the quality of service.
pub const QUALITY_OF_SERVICE: i8 = 4;
