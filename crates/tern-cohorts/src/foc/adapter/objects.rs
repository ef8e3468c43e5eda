//! Where FOC devices keep what commissioning needs: logical devices, clients and objects (P; `docs/design/devices.md`).

use tern_dlms::{ClassId, LogicalName};

/// The client of the public association: no security.
pub(super) const PUBLIC: u16 = 16;
/// The client of the management association: the HighLevelAssociation of the file set (S002 26).
pub(super) const MANAGEMENT: u16 = 1;
/// The client of the critical association, whose keys the DCO alone has.
pub(super) const CRITICAL: u16 = 3;

/// The logical device ESME.
pub(super) const ESME: u16 = 1;
/// The logical device CHF.
pub(super) const CHF: u16 = 2;
/// The logical device GSME.
pub(super) const GSME: u16 = 4;

/// The logical device of the first PPMID; the others follow.
pub(super) const PPMID: u16 = 5;

/// Interface class Data.
pub(super) const DATA: ClassId = ClassId(1);
/// Interface class GPRS modem setup.
pub(super) const GPRS_MODEM_SETUP: ClassId = ClassId(45);
/// Interface class Security setup.
pub(super) const SECURITY_SETUP: ClassId = ClassId(64);

/// Attribute value of Data.
pub(super) const VALUE: i8 = 2;
/// Attribute APN of GPRS modem setup.
pub(super) const APN: i8 = 2;
/// Attribute certificates of Security setup.
pub(super) const CERTIFICATES: i8 = 6;
/// Method global_key_transfer of Security setup.
pub(super) const GLOBAL_KEY_TRANSFER: i8 = 2;
/// Method import_certificate of Security setup.
pub(super) const IMPORT_CERTIFICATE: i8 = 6;

/// Device ID, 8 bytes.
pub(super) const DEVICE_ID: LogicalName = LogicalName::new(0, 0, 96, 1, 0, 255);
/// Manufacturer and model.
pub(super) const MODEL: LogicalName = LogicalName::new(0, 0, 96, 1, 1, 255);
/// Firmware version.
pub(super) const FIRMWARE: LogicalName = LogicalName::new(1, 0, 0, 2, 0, 255);
/// The security setup of the management association; at the hub's side, the device's.
pub(super) const SECURITY_SETUP_OBJECT: LogicalName = LogicalName::new(0, 0, 43, 0, 0, 255);
/// The highest invocation counter heard on the management association.
pub(super) const MANAGEMENT_COUNTER: LogicalName = LogicalName::new(0, 0, 43, 1, 0, 255);
/// The highest invocation counter heard on the critical association.
pub(super) const CRITICAL_COUNTER: LogicalName = LogicalName::new(0, 0, 43, 1, 1, 255);
/// The highest transaction that a device at the hub's side heard.
pub(super) const TRANSACTION: LogicalName = LogicalName::new(0, 0, 43, 1, 2, 255);
/// The hub's modem.
pub(super) const MODEM: LogicalName = LogicalName::new(0, 0, 25, 4, 0, 255);
/// The CHF Whitelist.
pub(super) const WHITELIST: LogicalName = LogicalName::new(0, 0, 96, 64, 0, 255);
/// The object that takes firmware images.
pub(super) const IMAGE_TRANSFER: LogicalName = LogicalName::new(0, 0, 44, 0, 0, 255);
