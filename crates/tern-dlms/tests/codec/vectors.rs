//! Bytes that are known: the encodings of public examples, and encodings put together by hand from the standard's
//! grammar.

use std::fmt::Debug;

use tern_dlms::acse::{
    Aare, Aarq, ApplicationContext, AssociationResult, AuthenticationValue, Diagnostic, Mechanism,
    ReleaseRequestReason, ReleaseResponseReason, Rlre, Rlrq, ServiceProviderDiagnostic, ServiceUserDiagnostic,
};
use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Apdu, AttributeWithSelection,
    ConfirmedServiceError, Conformance, DataAccessResult, DataBlockG, DataBlockSa, DedicatedKey, ExceptionResponse,
    GeneralGloCiphering, GeneralSigning, GetRequest, GetResponse, GloCiphered, GloService, InitiateRequest,
    InitiateResponse, InvokeIdAndPriority, ServiceException, SetRequest, SetResponse, StateError,
};
use tern_dlms::{
    AttributeDescriptor, BitString, CaptureObject, ClassId, Codec, CosemDate, CosemDateTime, CosemTime, Data, Day,
    LogicalName, MethodDescriptor, Month, Selection, SystemTitle, cosem,
};

use crate::hex;

/// Both ways: the bytes are the value, and the value is the bytes.
#[track_caller]
fn check<T: Codec + Debug + PartialEq>(bytes: &str, value: &T) {
    assert_eq!(&T::decode(&hex(bytes)).unwrap(), value, "{bytes}");
    assert_eq!(value.to_bytes(), hex(bytes), "{value:?}");
}

const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority::new(1);
const TITLE: SystemTitle = SystemTitle([0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E]);
const DEVICE_ID: AttributeDescriptor =
    AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 0x80, 0, 0, 255), cosem::data::VALUE);

#[test]
fn every_type_of_data_has_its_tag() {
    check("00", &Data::Null);
    check("03 01", &Data::Boolean(true));
    check("04 0A A9 80", &Data::BitString(BitString::new(vec![0xA9, 0xBF], 10)));
    check("05 FFFFFFFE", &Data::DoubleLong(-2));
    check("06 0001E240", &Data::DoubleLongUnsigned(123_456));
    check("09 03 010203", &Data::octets([1, 2, 3]));
    check("0A 03 303030", &Data::VisibleString("000".to_owned()));
    check("0C 02 C3A4", &Data::Utf8String("ä".to_owned()));
    check("0D 42", &Data::Bcd(0x42));
    check("0F FF", &Data::Integer(-1));
    check("10 8000", &Data::Long(i16::MIN));
    check("11 FF", &Data::Unsigned(255));
    check("12 0102", &Data::LongUnsigned(258));
    check("14 FFFFFFFFFFFFFFFF", &Data::Long64(-1));
    check("15 0000000100000000", &Data::Long64Unsigned(1 << 32));
    check("16 1E", &Data::Enum(30));
    check("17 3FC00000", &Data::Float32(1.5));
    check("18 BFF8000000000000", &Data::Float64(-1.5));
    check("1C FF", &Data::DeltaInteger(-1));
    check("21 00000001", &Data::DeltaDoubleLongUnsigned(1));
    check("FF", &Data::DontCare);
    check("02 02 0F 00 16 1E", &Data::Structure(vec![Data::Integer(0), Data::Enum(30)]));
    check("01 02 11 01 11 02", &Data::Array(vec![Data::Unsigned(1), Data::Unsigned(2)]));
    check(&format!("09 8180 {}", "00".repeat(128)), &Data::octets([0; 128]));
    check(&format!("09 820100 {}", "00".repeat(256)), &Data::octets([0; 256]));
}

#[test]
fn a_length_may_be_longer_than_it_need_be() {
    for bytes in ["09 8103 010203", "09 820003 010203", "09 8400000003 010203"] {
        assert_eq!(Data::decode(&hex(bytes)), Ok(Data::octets([1, 2, 3])), "{bytes}");
    }
    assert_eq!(Data::decode(&hex("03 FF")), Ok(Data::Boolean(true)));
}

#[test]
fn dates_and_times() {
    let moment: jiff::Timestamp = "2026-11-21T12:30:00.25Z".parse().unwrap();
    let utc = CosemDateTime::from_timestamp(moment);
    check("07EA 0B 15 06 0C 1E 00 19 0000 00", &utc);
    // An hour east of Greenwich: UTC is local time less sixty minutes.
    let local = CosemDateTime::decode(&hex("07EA 0B 15 06 0D 1E 00 19 FFC4 00")).unwrap();
    assert_eq!((local.deviation_minutes, local.timestamp()), (Some(-60), Some(moment)));
    check("FFFF FF FF FF FF FF FF FF 8000 FF", &CosemDateTime::UNSPECIFIED);
    assert_eq!(CosemDateTime::UNSPECIFIED.timestamp(), None);
    let last_sunday = CosemDate { year: None, month: Month::Number(3), day: Day::Last, day_of_week: Some(7) };
    check("FFFF 03 FE 07", &last_sunday);
    check(
        "FFFF FD FD FF",
        &CosemDate { month: Month::DaylightSavingsEnd, day: Day::SecondLast, day_of_week: None, ..last_sunday },
    );
    check("00 1E FF FF", &CosemTime { hour: Some(0), minute: Some(30), second: None, hundredths: None });
    check("1B 00 1E FF FF", &Data::Time(CosemTime { hour: Some(0), minute: Some(30), second: None, hundredths: None }));
}

#[test]
fn get() {
    let normal = GetRequest::Normal { invoke: INVOKE, attribute: DEVICE_ID.into() };
    check("C0 01 C1 0001 0000800000FF 02 00", &normal);
    check("C0 02 C1 00000001", &GetRequest::Next { invoke: INVOKE, block_number: 1 });
    let second = AttributeDescriptor { instance: LogicalName::new(0, 0, 0x80, 1, 0, 255), ..DEVICE_ID };
    let attributes = vec![DEVICE_ID.into(), second.into()];
    let with_list = GetRequest::WithList { invoke: INVOKE, attributes };
    check("C0 03 C1 02 0001 0000800000FF 02 00 0001 0000800100FF 02 00", &with_list);

    let found = Ok(Data::octets([1, 2, 3, 4]));
    check("C4 01 C1 00 09 04 01020304", &GetResponse::Normal { invoke: INVOKE, result: found.clone() });
    let denied = Err(DataAccessResult::ReadWriteDenied);
    check("C4 01 C1 01 03", &GetResponse::Normal { invoke: INVOKE, result: denied.clone() });
    check(
        "C4 03 C1 02 00 09 04 01020304 01 03",
        &GetResponse::WithList { invoke: INVOKE, results: vec![found, denied] },
    );
    let block = DataBlockG { last: false, number: 1, result: Ok(hex("0932 0102")) };
    check("C4 02 C1 00 00000001 00 04 09320102", &GetResponse::WithDataBlock { invoke: INVOKE, block });
    let block = DataBlockG { last: true, number: 2, result: Err(DataAccessResult::DataBlockUnavailable) };
    check("C4 02 C1 01 00000002 01 0E", &GetResponse::WithDataBlock { invoke: INVOKE, block });
}

#[test]
fn get_with_selective_access() {
    let clock = CaptureObject::new(cosem::clock::CLASS, LogicalName::new(0, 0, 1, 0, 0, 255), cosem::clock::TIME);
    let profile = AttributeDescriptor::new(
        cosem::profile_generic::CLASS,
        LogicalName::new(1, 0, 99, 1, 0, 255),
        cosem::profile_generic::BUFFER,
    );
    let moment = |text: &str| Data::date_time(&CosemDateTime::from_timestamp(text.parse().unwrap()));
    let range = Selection::Range {
        restricting: clock,
        from: moment("2026-01-01T00:00:00Z"),
        to: moment("2026-01-01T01:00:00Z"),
        columns: vec![],
    };
    let request = |selection: &Selection| GetRequest::Normal {
        invoke: INVOKE,
        attribute: AttributeWithSelection { attribute: profile, access: Some(selection.to_access()) },
    };
    check(
        "C0 01 C1 0007 0100630100FF 02 01 01 0204 0204 12 0008 09 06 0000010000FF 0F 02 12 0000
         090C 07EA01010400000000000000 090C 07EA01010401000000000000 0100",
        &request(&range),
    );
    let entry = Selection::Entry { from_entry: 1, to_entry: 48, from_column: 1, to_column: 0 };
    check("C0 01 C1 0007 0100630100FF 02 01 02 0204 06 00000001 06 00000030 12 0001 12 0000", &request(&entry));
    for selection in [range, entry] {
        assert_eq!(Selection::of_access(&selection.to_access()), Ok(Some(selection)));
    }
}

#[test]
fn set() {
    let value = Data::octets([1, 2, 3, 4]);
    let normal = SetRequest::Normal { invoke: INVOKE, attribute: DEVICE_ID.into(), value: value.clone() };
    check("C1 01 C1 0001 0000800000FF 02 00 09 04 01020304", &normal);
    let block = |last, number, raw: &str| DataBlockSa { last, number, raw_data: hex(raw) };
    let first = block(false, 1, "09320102");
    let begun = SetRequest::WithFirstDatablock { invoke: INVOKE, attribute: DEVICE_ID.into(), block: first.clone() };
    check("C1 02 C1 0001 0000800000FF 02 00 00 00000001 04 09320102", &begun);
    let going_on = SetRequest::WithDatablock { invoke: INVOKE, block: block(true, 2, "0304") };
    check("C1 03 C1 01 00000002 02 0304", &going_on);
    let list = vec![DEVICE_ID.into()];
    let several = SetRequest::WithList { invoke: INVOKE, attributes: list.clone(), values: vec![value] };
    check("C1 04 C1 01 0001 0000800000FF 02 00 01 09 04 01020304", &several);
    let begun = SetRequest::WithListAndFirstDatablock { invoke: INVOKE, attributes: list, block: first };
    check("C1 05 C1 01 0001 0000800000FF 02 00 00 00000001 04 09320102", &begun);

    let (result, block_number) = (DataAccessResult::Success, 2);
    let results = vec![result, DataAccessResult::TypeUnmatched];
    check("C5 01 C1 00", &SetResponse::Normal { invoke: INVOKE, result });
    check("C5 02 C1 00000002", &SetResponse::Datablock { invoke: INVOKE, block_number });
    check("C5 03 C1 00 00000002", &SetResponse::LastDatablock { invoke: INVOKE, result, block_number });
    let answer = SetResponse::LastDatablockWithList { invoke: INVOKE, results: results.clone(), block_number };
    check("C5 04 C1 02 00 0C 00000002", &answer);
    check("C5 05 C1 02 00 0C", &SetResponse::WithList { invoke: INVOKE, results });
}

#[test]
fn action() {
    let reply = MethodDescriptor::new(
        cosem::association_ln::CLASS,
        cosem::association_ln::CURRENT,
        cosem::association_ln::REPLY_TO_HLS_AUTHENTICATION,
    );
    let parameters = Some(Data::octets(hex("10000000011A52FE7DD3E72748973C1E28")));
    check(
        "C3 01 C1 000F 0000280000FF 01 01 09 11 10000000011A52FE7DD3E72748973C1E28",
        &ActionRequest::Normal { invoke: INVOKE, method: reply, parameters },
    );
    check(
        "C3 01 C1 000F 0000280000FF 01 00",
        &ActionRequest::Normal { invoke: INVOKE, method: reply, parameters: None },
    );
    check("C3 02 C1 00000003", &ActionRequest::NextPblock { invoke: INVOKE, block_number: 3 });
    let several =
        ActionRequest::WithList { invoke: INVOKE, methods: vec![reply], parameters: vec![cosem::NO_PARAMETER] };
    check("C3 03 C1 01 000F 0000280000FF 01 01 0F 00", &several);
    let block = DataBlockSa { last: false, number: 1, raw_data: hex("0932") };
    let begun = ActionRequest::WithFirstPblock { invoke: INVOKE, method: reply, block: block.clone() };
    check("C3 04 C1 000F 0000280000FF 01 00 00000001 02 0932", &begun);
    let begun = ActionRequest::WithListAndFirstPblock { invoke: INVOKE, methods: vec![reply], block: block.clone() };
    check("C3 05 C1 01 000F 0000280000FF 01 00 00000001 02 0932", &begun);
    check("C3 06 C1 00 00000001 02 0932", &ActionRequest::WithPblock { invoke: INVOKE, block: block.clone() });

    let returned = Some(Ok(Data::octets(hex("1001234567FE1466AFB3DBCD4F9389E2B7"))));
    let response = ActionResponseWithOptionalData { result: ActionResult::Success, returned };
    check(
        "C7 01 C1 00 01 00 09 11 1001234567FE1466AFB3DBCD4F9389E2B7",
        &ActionResponse::Normal { invoke: INVOKE, response },
    );
    let failed = ActionResponseWithOptionalData::from(ActionResult::TemporaryFailure);
    check("C7 01 C1 02 00", &ActionResponse::Normal { invoke: INVOKE, response: failed.clone() });
    check("C7 02 C1 00 00000001 02 0932", &ActionResponse::WithPblock { invoke: INVOKE, block });
    check("C7 03 C1 01 02 00", &ActionResponse::WithList { invoke: INVOKE, responses: vec![failed] });
    check("C7 04 C1 00000001", &ActionResponse::NextPblock { invoke: INVOKE, block_number: 1 });
}

#[test]
fn failures() {
    let exception = |state_error, service_error| ExceptionResponse { state_error, service_error };
    check("D8 01 01", &exception(StateError::ServiceNotAllowed, ServiceException::OperationNotPossible));
    check("D8 02 02", &exception(StateError::ServiceUnknown, ServiceException::ServiceNotSupported));
    let counter = ServiceException::InvocationCounterError { expected: 0x0123_4567 };
    check("D8 01 06 01234567", &exception(StateError::ServiceNotAllowed, counter));
    check("0E 01 06 01", &ConfirmedServiceError::DLMS_VERSION_TOO_LOW);
}

/// The conformance that the examples propose.
fn proposed() -> Conformance {
    Conformance::from_bits(0x00_7E1F)
}

#[test]
fn initiate() {
    let request = InitiateRequest::new(proposed(), 0x04B0);
    check("01 00 00 00 06 5F1F0400 007E1F 04B0", &request);
    assert!(proposed().contains(Conformance::GET.with(Conformance::SET).with(Conformance::ACTION)));
    assert!(!proposed().contains(Conformance::GENERAL_PROTECTION));
    let key = DedicatedKey(hex("00112233445566778899AABBCCDDEEFF").into());
    let with_key = InitiateRequest { dedicated_key: Some(key), ..request.clone() };
    check("01 01 10 00112233445566778899AABBCCDDEEFF 00 00 06 5F1F0400 007E1F 04B0", &with_key);
    let silent = InitiateRequest { response_allowed: false, proposed_quality_of_service: Some(7), ..request };
    check("01 00 0100 0107 06 5F1F0400 007E1F 04B0", &silent);
    let response = InitiateResponse::new(Conformance::from_bits(0x00_501F), 0x01F4);
    check("08 00 06 5F1F0400 00501F 01F4 0007", &response);
}

#[test]
fn association_without_authentication() {
    let request = Aarq {
        application_context: ApplicationContext::LogicalNameNoCiphering,
        calling_ap_title: None,
        mechanism: None,
        calling_authentication_value: None,
        user_information: Some(InitiateRequest::new(proposed(), 0x04B0).to_bytes()),
    };
    check("601D A109060760857405080101 BE10040E 01000000065F1F0400007E1F04B0", &request);
    // Called titles, and others that are read over.
    let more = "6027 80020780 A109060760857405080101 A203040101 A903020101 BE0C040A 01000000065F1F040000";
    assert!(Aarq::decode(&hex(more)).is_ok());

    let agreed = InitiateResponse::new(Conformance::from_bits(0x00_501F), 0x01F4);
    let mut response =
        Aare::new(ApplicationContext::LogicalNameNoCiphering, AssociationResult::Accepted, ServiceUserDiagnostic::Null);
    response.user_information = Some(agreed.to_bytes());
    check("6129 A109060760857405080101 A203020100 A305A103020100 BE10040E 0800065F1F040000501F01F40007", &response);
    response.result = AssociationResult::RejectedPermanent;
    response.diagnostic = Diagnostic::ServiceUser(ServiceUserDiagnostic::AuthenticationFailure);
    response.user_information = None;
    check("6117 A109060760857405080101 A203020101 A305A10302010D", &response);
    response.diagnostic = Diagnostic::ServiceProvider(ServiceProviderDiagnostic::NoCommonAcseVersion);
    check("6117 A109060760857405080101 A203020101 A305A203020102", &response);
}

#[test]
fn association_with_authentication() {
    let mut request = Aarq {
        application_context: ApplicationContext::LogicalNameNoCiphering,
        calling_ap_title: None,
        mechanism: Some(Mechanism::Low),
        calling_authentication_value: Some(AuthenticationValue::new(*b"12345678")),
        user_information: Some(InitiateRequest::new(proposed(), 0x04B0).to_bytes()),
    };
    check(
        "6036 A109060760857405080101 8A020780 8B0760857405080201 AC0A80083132333435363738
         BE10040E 01000000065F1F0400007E1F04B0",
        &request,
    );
    request.mechanism = Some(Mechanism::HighGmac);
    request.calling_authentication_value = Some(AuthenticationValue::new(*b"K56iVagY"));
    check(
        "6036 A109060760857405080101 8A020780 8B0760857405080205 AC0A80084B35366956616759
         BE10040E 01000000065F1F0400007E1F04B0",
        &request,
    );
    let response = Aare {
        application_context: ApplicationContext::LogicalNameNoCiphering,
        result: AssociationResult::Accepted,
        diagnostic: Diagnostic::ServiceUser(ServiceUserDiagnostic::AuthenticationRequired),
        responding_ap_title: None,
        mechanism: Some(Mechanism::HighGmac),
        responding_authentication_value: Some(AuthenticationValue::new(*b"P6wRJ21F")),
        user_information: Some(hex("0800065F1F040000501F01F40007")),
    };
    check(
        "6142 A109060760857405080101 A203020100 A305A10302010E 88020780 890760857405080205 AA0A80085036775 24A323146
         BE10040E 0800065F1F040000501F01F40007",
        &response,
    );
}

#[test]
fn association_with_ciphering() {
    let ciphered =
        "30 01234567 801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE68 41DB204D39EE6FDB8E356855";
    let initiate = GloCiphered { service: GloService::InitiateRequest, content: hex(ciphered) };
    check(&format!("21 30 {ciphered}"), &initiate);
    let request = Aarq {
        application_context: ApplicationContext::LogicalNameWithCiphering,
        calling_ap_title: Some(TITLE),
        mechanism: Some(Mechanism::Low),
        calling_authentication_value: Some(AuthenticationValue::new(*b"12345678")),
        user_information: Some(initiate.to_bytes()),
    };
    check(
        &format!(
            "6066 A109060760857405080103 A60A04084D4D4D0000BC614E 8A020780 8B0760857405080201
             AC0A80083132333435363738 BE340432 2130 {ciphered}"
        ),
        &request,
    );
    let ciphered = "30 01234567 891214A0845E475714383F65BC19 745CA235906525E4F3E1C893";
    let response = Aare {
        responding_ap_title: Some(TITLE),
        user_information: Some(hex(&format!("281F {ciphered}"))),
        ..Aare::new(
            ApplicationContext::LogicalNameWithCiphering,
            AssociationResult::Accepted,
            ServiceUserDiagnostic::Null,
        )
    };
    check(
        &format!(
            "6148 A109060760857405080103 A203020100 A305A103020100 A40A04084D4D4D0000BC614E
             BE230421 281F {ciphered}"
        ),
        &response,
    );
}

#[test]
fn release() {
    check("6200", &Rlrq::default());
    check("6203 800100", &Rlrq { reason: Some(ReleaseRequestReason::Normal), user_information: None });
    check("6303 800101", &Rlre { reason: Some(ReleaseResponseReason::NotFinished), user_information: None });
    let information = Some(hex("0800065F1F040000501F01F40007"));
    let normal = Rlre { reason: Some(ReleaseResponseReason::Normal), user_information: information };
    check("6315 800100 BE10040E 0800065F1F040000501F01F40007", &normal);
}

#[test]
fn protected_forms() {
    let content = "30 01234567 411312FF935A47566827C467BC 7D825C3BE4A77C3FCC056B6B";
    let get = GloCiphered { service: GloService::GetRequest, content: hex(content) };
    check(&format!("C8 1E {content}"), &get);
    let general = GeneralGloCiphering { system_title: Some(TITLE), content: hex(content) };
    check(&format!("DB 08 4D4D4D0000BC614E 1E {content}"), &general);
    check("DB 00 02 3000", &GeneralGloCiphering { system_title: None, content: hex("3000") });
    for service in GloService::ALL {
        assert_eq!(GloService::of_plain(service.plain()), Some(*service));
    }

    let signed = GeneralSigning {
        transaction_id: hex("0000000000000001"),
        originator: TITLE,
        recipient: SystemTitle(*b"SRV00001"),
        date_time: vec![],
        other_information: vec![],
        content: hex("C001C100010000800000FF0200"),
        signature: vec![0x5A; 64],
    };
    let part = "08 0000000000000001 08 4D4D4D0000BC614E 08 5352563030303031 00 00 0D C001C100010000800000FF0200";
    check(&format!("DF {part} 40 {}", "5A".repeat(64)), &signed);
    assert_eq!(signed.signed_part(), hex(part));
}

#[test]
fn any_apdu_is_told_by_its_first_byte() {
    for (bytes, kind) in [
        ("601D A109060760857405080101 BE10040E 01000000065F1F0400007E1F04B0", "Aarq"),
        ("6117 A109060760857405080101 A203020101 A305A10302010D", "Aare"),
        ("6200", "Rlrq"),
        ("6303 800100", "Rlre"),
        ("01 00 00 00 06 5F1F0400 007E1F 04B0", "InitiateRequest"),
        ("08 00 06 5F1F0400 00501F 01F4 0007", "InitiateResponse"),
        ("0E 01 06 01", "ConfirmedServiceError"),
        ("C0 02 C1 00000001", "GetRequest"),
        ("C1 03 C1 01 00000002 00", "SetRequest"),
        ("C3 02 C1 00000003", "ActionRequest"),
        ("C4 01 C1 00 00", "GetResponse"),
        ("C5 01 C1 00", "SetResponse"),
        ("C7 04 C1 00000001", "ActionResponse"),
        ("D8 01 01", "ExceptionResponse"),
        ("2E 01 30", "GloCiphered"),
        ("CF 01 30", "GloCiphered"),
        ("DB 00 01 30", "GeneralGloCiphering"),
    ] {
        let apdu = Apdu::decode(&hex(bytes)).unwrap();
        assert!(format!("{apdu:?}").starts_with(&format!("{kind}(")), "{bytes}: {apdu:?}");
        assert_eq!(apdu.to_bytes(), hex(bytes));
    }
}
