//! Clock (class 8): date and time, time zone, daylight saving.

use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(8);

/// Attribute: date and time, an octet-string of twelve.
pub const TIME: i8 = 2;
/// Attribute: deviation of local time from UTC without daylight saving, minutes, long.
pub const TIME_ZONE: i8 = 3;
/// Attribute: the clock's status, unsigned.
pub const STATUS: i8 = 4;
/// Attribute: when daylight saving begins, date and time in an octet-string.
pub const DAYLIGHT_SAVINGS_BEGIN: i8 = 5;
/// Attribute: when daylight saving ends, date and time in an octet-string.
pub const DAYLIGHT_SAVINGS_END: i8 = 6;
/// Attribute: by how many minutes daylight saving deviates, integer.
pub const DAYLIGHT_SAVINGS_DEVIATION: i8 = 7;
/// Attribute: whether there is daylight saving, boolean.
pub const DAYLIGHT_SAVINGS_ENABLED: i8 = 8;
/// Attribute: what the clock runs on, enum.
pub const CLOCK_BASE: i8 = 9;

/// Method: sets the time to the nearest quarter of an hour.
pub const ADJUST_TO_QUARTER: i8 = 1;
/// Method: sets the time to the nearest start of a measuring period.
pub const ADJUST_TO_MEASURING_PERIOD: i8 = 2;
/// Method: sets the time to the nearest minute.
pub const ADJUST_TO_MINUTE: i8 = 3;
/// Method: sets the time to the preset one.
pub const ADJUST_TO_PRESET_TIME: i8 = 4;
/// Method: presets a time and when it may be taken over.
pub const PRESET_ADJUSTING_TIME: i8 = 5;
/// Method: shifts the time by -900 to 900 seconds, long.
pub const SHIFT_TIME: i8 = 6;
