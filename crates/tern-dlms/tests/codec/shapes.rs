//! The shapes of attributes and parameters: as the interface classes have them, and back.

use std::fmt::Debug;

use tern_dlms::cosem::Shape;
use tern_dlms::cosem::activity_calendar::{DayAction, DayProfile, Season, Week};
use tern_dlms::cosem::association_ln::{AttributeAccess, MethodAccess, ObjectListElement};
use tern_dlms::cosem::disconnect_control::ControlState;
use tern_dlms::cosem::image_transfer::{ImageBlock, ImageToActivate, ImageTransferInitiate, ImageTransferStatus};
use tern_dlms::cosem::register::{ScalerUnit, Unit};
use tern_dlms::cosem::security_setup::{CertificateEntity, CertificateInfo, CertificateType, KeyData, KeyId};
use tern_dlms::{CaptureObject, ClassId, Codec, CosemDateTime, CosemTime, Data, DataError, LogicalName, Type};

use crate::hex;

/// Both ways: the value's Data are these bytes, and the bytes are the value.
#[track_caller]
fn check<T: Shape + Debug + PartialEq>(value: &T, bytes: &str) {
    assert_eq!(value.to_data().to_bytes(), hex(bytes), "{value:?}");
    assert_eq!(T::of_data(&Data::decode(&hex(bytes)).unwrap()).as_ref(), Ok(value), "{bytes}");
}

#[test]
fn shapes_are_what_the_classes_say() {
    check(&ScalerUnit { scaler: -3, unit: Unit::WattHour }, "02 02 0F FD 16 1E");
    let clock = CaptureObject::new(ClassId(8), LogicalName::new(0, 0, 1, 0, 0, 255), 2);
    check(&vec![clock], "01 01 02 04 12 0008 09 06 0000010000FF 0F 02 12 0000");
    let key = KeyData { id: KeyId::Authentication, wrapped: vec![7; 24] };
    check(&vec![key], &format!("01 01 02 02 16 02 09 18 {}", "07".repeat(24)));
    check(&ImageTransferInitiate { identifier: b"fw".to_vec(), size: 300 }, "02 02 09 02 6677 06 0000012C");
    check(&ImageBlock { number: 2, value: vec![1, 2] }, "02 02 06 00000002 09 02 0102");
    let image = ImageToActivate { size: 300, identification: b"fw".to_vec(), signature: vec![9] };
    check(&vec![image], "01 01 02 03 06 0000012C 09 02 6677 09 01 09");
    check(&ImageTransferStatus::VerificationSuccessful, "16 03");
    check(&ControlState::ReadyForReconnection, "16 02");
    let certificate = CertificateInfo {
        entity: CertificateEntity::Client,
        kind: CertificateType::DigitalSignature,
        serial_number: vec![1],
        issuer: b"I".to_vec(),
        subject: b"S".to_vec(),
        subject_alt_name: vec![],
    };
    check(&certificate, "02 06 16 01 16 00 09 01 01 09 01 49 09 01 53 09 00");
}

#[test]
fn an_object_is_listed_with_its_rights() {
    let element = ObjectListElement {
        class: ClassId(3),
        version: 0,
        logical_name: LogicalName::new(1, 0, 1, 8, 0, 255),
        attributes: vec![
            AttributeAccess { attribute: 1, mode: 1, selectors: vec![] },
            AttributeAccess { attribute: 2, mode: 1, selectors: vec![1, 2] },
        ],
        methods: vec![MethodAccess { method: 1, mode: 0 }],
    };
    check(
        &element,
        "02 04 12 0003 11 00 09 06 0100010800FF 02 02
         01 02 02 03 0F 01 16 01 00 02 03 0F 02 16 01 01 02 0F 01 0F 02
         01 01 02 02 0F 01 16 00",
    );
    let of_version_0 = Data::Structure(vec![Data::Integer(1), Data::Boolean(true)]);
    assert_eq!(MethodAccess::of_data(&of_version_0), Ok(MethodAccess { method: 1, mode: 1 }));
}

#[test]
fn a_calendar_has_seasons_weeks_and_days() {
    let name = || b"A".to_vec();
    check(
        &Season { name: name(), start: CosemDateTime::UNSPECIFIED, week: b"W".to_vec() },
        "02 03 09 01 41 09 0C FFFFFFFFFFFFFFFFFF8000FF 09 01 57",
    );
    check(
        &Week { name: name(), days: [1, 1, 1, 1, 1, 2, 2] },
        "02 08 09 01 41 11 01 11 01 11 01 11 01 11 01 11 02 11 02",
    );
    let start = CosemTime { hour: Some(0), minute: Some(30), second: Some(0), hundredths: Some(0) };
    let action = DayAction { start, script: LogicalName::new(0, 0, 10, 0, 100, 255), selector: 2 };
    check(
        &DayProfile { id: 1, schedule: vec![action] },
        "02 02 11 01 01 01 02 03 09 04 001E0000 09 06 00000A0064FF 12 0002",
    );
}

#[test]
fn another_shape_is_told() {
    let told = |data: &Data| ScalerUnit::of_data(data).unwrap_err();
    assert_eq!(told(&Data::Null).to_string(), "structure expected, null-data found");
    let short = Data::Structure(vec![Data::Integer(0)]);
    assert_eq!(told(&short), DataError { expected: "structure of another number of elements", found: Type::Structure });
    let unit = Data::Structure(vec![Data::Integer(0), Data::Enum(0)]);
    assert_eq!(told(&unit), DataError { expected: "unit", found: Type::Enum });
    assert!(Vec::<KeyData>::of_data(&Data::Array(vec![Data::Null])).is_err());
    assert!(Data::octets([1, 2, 3]).as_logical_name().is_err());
    assert!(Data::octets([0; 11]).as_date_time().is_err());
}
