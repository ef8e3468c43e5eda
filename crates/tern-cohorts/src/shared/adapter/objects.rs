//! The objects in which devices keep what commissioning and service requests need (P; `docs/design/devices.md`).

use tern_dlms::cosem::{
    activity_calendar, clock, data, disconnect_control, gprs_modem_setup, profile_generic, register, security_setup,
    special_days_table,
};
use tern_dlms::{AttributeDescriptor, LogicalName, MethodDescriptor};

/// Device ID, 8 bytes.
pub(super) const DEVICE_ID: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 1, 0, 255));
/// Manufacturer and model.
pub(super) const MODEL: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 1, 1, 255));
/// Firmware version.
pub(super) const FIRMWARE: AttributeDescriptor = value(LogicalName::new(1, 0, 0, 2, 0, 255));
/// The highest invocation counter heard on the management association.
pub(super) const MANAGEMENT_COUNTER: AttributeDescriptor = value(LogicalName::new(0, 0, 43, 1, 0, 255));
/// The highest invocation counter heard on the critical association.
pub(super) const CRITICAL_COUNTER: AttributeDescriptor = value(LogicalName::new(0, 0, 43, 1, 1, 255));
/// The highest transaction that a device at the hub's side heard.
pub(super) const TRANSACTION: AttributeDescriptor = value(LogicalName::new(0, 0, 43, 1, 2, 255));
/// The CHF Whitelist.
pub(super) const WHITELIST: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 64, 0, 255));
/// The GSME's PIN for functionality not meant for use by Energy Consumers, by its check value (3.25).
pub(super) const PIN: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 68, 0, 255));
/// The PIN that it had before, by its check value.
pub(super) const PIN_BEFORE: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 68, 1, 255));
/// The Access Point Name of the hub's modem.
pub(super) const APN: AttributeDescriptor =
    AttributeDescriptor::new(gprs_modem_setup::CLASS, LogicalName::new(0, 0, 25, 4, 0, 255), gprs_modem_setup::APN);

/// The security setup of the management association; at the hub's side, the device's.
const SECURITY: LogicalName = LogicalName::new(0, 0, 43, 0, 0, 255);
/// The certificates of a device: the one in charge.
pub(super) const CERTIFICATES: AttributeDescriptor =
    AttributeDescriptor::new(security_setup::CLASS, SECURITY, security_setup::CERTIFICATES);
/// Replaces keys.
pub(super) const KEY_TRANSFER: MethodDescriptor =
    MethodDescriptor::new(security_setup::CLASS, SECURITY, security_setup::KEY_TRANSFER);
/// Puts a certificate in charge.
pub(super) const IMPORT_CERTIFICATE: MethodDescriptor =
    MethodDescriptor::new(security_setup::CLASS, SECURITY, security_setup::IMPORT_CERTIFICATE);

/// The object that takes firmware images.
pub(super) const IMAGE_TRANSFER: LogicalName = LogicalName::new(0, 0, 44, 0, 0, 255);

/// The clock's time.
pub(super) const CLOCK: AttributeDescriptor =
    AttributeDescriptor::new(clock::CLASS, LogicalName::new(0, 0, 1, 0, 0, 255), clock::TIME);

const IMPORTED: LogicalName = LogicalName::new(1, 0, 1, 8, 0, 255);
/// Active energy imported, and in what it counts.
pub(super) const IMPORT: AttributeDescriptor = AttributeDescriptor::new(register::CLASS, IMPORTED, register::VALUE);
pub(super) const IMPORT_UNIT: AttributeDescriptor =
    AttributeDescriptor::new(register::CLASS, IMPORTED, register::SCALER_UNIT);
/// The same by rate.
pub(super) const RATE_ONE: AttributeDescriptor =
    AttributeDescriptor::new(register::CLASS, LogicalName::new(1, 0, 1, 8, 1, 255), register::VALUE);
pub(super) const RATE_TWO: AttributeDescriptor =
    AttributeDescriptor::new(register::CLASS, LogicalName::new(1, 0, 1, 8, 2, 255), register::VALUE);
const METERED: LogicalName = LogicalName::new(7, 0, 3, 0, 0, 255);
/// Volume of gas, and in what it counts.
pub(super) const VOLUME: AttributeDescriptor = AttributeDescriptor::new(register::CLASS, METERED, register::VALUE);
pub(super) const VOLUME_UNIT: AttributeDescriptor =
    AttributeDescriptor::new(register::CLASS, METERED, register::SCALER_UNIT);
/// The load profiles of ESME and GSME.
pub(super) const PROFILE: AttributeDescriptor = profile(LogicalName::new(1, 0, 99, 1, 0, 255));
pub(super) const GAS_PROFILE: AttributeDescriptor = profile(LogicalName::new(7, 0, 99, 1, 0, 255));

/// The activity calendar, and its method that puts what is to come in force.
pub(super) const CALENDAR: LogicalName = LogicalName::new(0, 0, 13, 0, 0, 255);
pub(super) const ACTIVATE_CALENDAR: MethodDescriptor =
    MethodDescriptor::new(activity_calendar::CLASS, CALENDAR, activity_calendar::ACTIVATE_PASSIVE_CALENDAR);
/// Special days.
pub(super) const SPECIAL_DAYS: AttributeDescriptor = AttributeDescriptor::new(
    special_days_table::CLASS,
    LogicalName::new(0, 0, 11, 0, 0, 255),
    special_days_table::ENTRIES,
);
/// 0 credit, 1 prepayment.
pub(super) const PAYMENT_MODE: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 0, 255));
/// Thousandths of a penny.
pub(super) const BALANCE: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 1, 255));
/// Prices in force, and those that come with the next calendar.
pub(super) const PRICES: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 2, 255));
pub(super) const PASSIVE_PRICES: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 3, 255));
/// Block thresholds.
pub(super) const THRESHOLDS: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 4, 255));
/// Balance, Emergency Credit, debts.
pub(super) const PREPAY_VALUES: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 5, 255));
/// The terms of Prepayment Mode.
pub(super) const TERMS: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 6, 255));
/// Takes UTRNs.
pub(super) const TOP_UP: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 65, 7, 255));
/// Takes the Device ID of a device to trust.
pub(super) const JOIN: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 67, 1, 255));
/// Days that are left of a battery.
pub(super) const BATTERY: AttributeDescriptor = value(LogicalName::new(0, 0, 96, 6, 1, 255));

const SUPPLY: LogicalName = LogicalName::new(0, 0, 96, 3, 10, 255);
/// How the supply stands, and what switches it.
pub(super) const SUPPLY_STATE: AttributeDescriptor =
    AttributeDescriptor::new(disconnect_control::CLASS, SUPPLY, disconnect_control::CONTROL_STATE);
pub(super) const DISCONNECT: MethodDescriptor =
    MethodDescriptor::new(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_DISCONNECT);
pub(super) const RECONNECT: MethodDescriptor =
    MethodDescriptor::new(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_RECONNECT);
/// Closes the auxiliary load switch.
pub(super) const CLOSE_AUXILIARY: MethodDescriptor = MethodDescriptor::new(
    disconnect_control::CLASS,
    LogicalName::new(0, 0, 96, 3, 20, 255),
    disconnect_control::REMOTE_RECONNECT,
);

/// The buffer of a load profile.
const fn profile(name: LogicalName) -> AttributeDescriptor {
    AttributeDescriptor::new(profile_generic::CLASS, name, profile_generic::BUFFER)
}

/// The value of a Data object.
const fn value(name: LogicalName) -> AttributeDescriptor {
    AttributeDescriptor::new(data::CLASS, name, data::VALUE)
}
