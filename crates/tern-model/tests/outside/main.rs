//! What is computed here, held against Python: Working Days against the package `holidays`, and the check digits of metering
//! points against the rule written a second time.

mod check_digits;
mod working_days;
