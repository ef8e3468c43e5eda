//! The objects in which devices keep what commissioning needs (P; `docs/design/devices.md`).

use tern_dlms::cosem::{data, gprs_modem_setup, security_setup};
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

/// The value of a Data object.
const fn value(name: LogicalName) -> AttributeDescriptor {
    AttributeDescriptor::new(data::CLASS, name, data::VALUE)
}
