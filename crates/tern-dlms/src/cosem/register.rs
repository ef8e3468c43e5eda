//! Register (class 3): a value with its power of ten and unit.

use crate::codec::enumeration;
use crate::cosem::{Shape, enum_shape};
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(3);

/// Attribute: the value.
pub const VALUE: i8 = 2;
/// Attribute: [`ScalerUnit`].
pub const SCALER_UNIT: i8 = 3;

/// Method: sets the value to its default.
pub const RESET: i8 = 1;

/// scaler_unit: the value is the register's number times ten to the power of the scaler, in the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScalerUnit {
    /// The power of ten.
    pub scaler: i8,
    /// The unit.
    pub unit: Unit,
}

enumeration! {
    /// The physical units that a meter for electricity or gas mostly has; the standard has more.
    Unit is "unit" {
        /// Months.
        Month = 2 "month",
        /// Days.
        Day = 4 "day",
        /// Minutes.
        Minute = 6 "min",
        /// Seconds.
        Second = 7 "s",
        /// Degrees Celsius.
        DegreeCelsius = 9 "degC",
        /// The local currency.
        Currency = 10 "currency",
        /// Cubic metres, as metered.
        CubicMetre = 13 "m3",
        /// Cubic metres, corrected.
        CubicMetreCorrected = 14 "m3 (corrected)",
        /// Joules.
        Joule = 25 "J",
        /// Watts.
        Watt = 27 "W",
        /// Volt-amperes.
        VoltAmpere = 28 "VA",
        /// Vars.
        Var = 29 "var",
        /// Watt-hours.
        WattHour = 30 "Wh",
        /// Volt-ampere-hours.
        VoltAmpereHour = 31 "VAh",
        /// Var-hours.
        VarHour = 32 "varh",
        /// Amperes.
        Ampere = 33 "A",
        /// Volts.
        Volt = 35 "V",
        /// Hertz.
        Hertz = 44 "Hz",
        /// Per cent.
        Percent = 56 "%",
        /// Another unit.
        Other = 254 "other",
        /// A plain number.
        Count = 255 "count",
    }
}

enum_shape!(Unit, "unit");

impl Shape for ScalerUnit {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::Integer(self.scaler), self.unit.to_data()])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [scaler, unit] = data.as_structure()?;
        Ok(ScalerUnit { scaler: scaler.as_integer()?, unit: Unit::of_data(unit)? })
    }
}
