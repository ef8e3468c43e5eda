//! What another author's client makes of our bytes, and we of its: Gurux's package, in a process of its own.
//!
//! Where the two read the standard differently, the case says so.
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tern_dlms::acse::{Aare, ApplicationContext, AssociationResult, Diagnostic, ServiceUserDiagnostic};
use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Apdu, ConfirmedServiceError,
    Conformance, DataAccessResult, DataBlockG, DataBlockSa, ExceptionResponse, GetRequest, GetResponse, GloService,
    InitiateRequest, InitiateResponse, InvokeIdAndPriority, ServiceException, SetRequest, SetResponse, StateError,
};
use tern_dlms::{
    BitString, Codec, CosemDate, CosemDateTime, CosemTime, Data, Day, LogicalName, Month, Selection, cosem,
};
use tern_outside::python_with;

/// What the script answers to these lines.
fn ask(python: &Path, lines: &str) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codec/gurux_codec.py");
    let mut child =
        Command::new(python).arg(script).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority::new(1);

/// An answer of ours in one frame or more, and what the client is to make of it.
struct Case(Vec<Apdu>, &'static str);

fn value(data: Data, told: &'static str) -> Case {
    Case(vec![Apdu::GetResponse(GetResponse::Normal { invoke: INVOKE, result: Ok(data) })], told)
}

fn values() -> Vec<Case> {
    let date = CosemDate { year: Some(2026), month: Month::Number(11), day: Day::Number(21), day_of_week: Some(6) };
    let time = CosemTime { hour: Some(12), minute: Some(30), second: Some(0), hundredths: Some(0) };
    let moment = CosemDateTime::from_timestamp("2026-11-21T12:30:00Z".parse().unwrap());
    let inner = Data::Array(vec![Data::Unsigned(2), Data::Unsigned(3)]);
    vec![
        value(Data::Null, "0 None"),
        value(Data::Boolean(true), "0 True"),
        value(Data::BitString(BitString::new(vec![0xA9, 0x80], 10)), "0 1010100110"),
        value(Data::DoubleLong(-2), "0 -2"),
        value(Data::DoubleLongUnsigned(123_456), "0 123456"),
        value(Data::octets([1, 2, 3]), "0 010203"),
        value(Data::octets([7; 3]), "0 070707"),
        value(Data::VisibleString("kWh".to_owned()), "0 kWh"),
        value(Data::Utf8String("kWh".to_owned()), "0 kWh"),
        value(Data::Bcd(0x42), "0 66"),
        value(Data::Integer(-1), "0 -1"),
        value(Data::Long(i16::MIN), "0 -32768"),
        value(Data::Unsigned(255), "0 255"),
        value(Data::LongUnsigned(258), "0 258"),
        value(Data::Long64(-1), "0 -1"),
        value(Data::Long64Unsigned(1 << 32), "0 4294967296"),
        value(Data::Enum(30), "0 30"),
        value(Data::Float32(1.5), "0 1.5"),
        value(Data::Float64(-1.5), "0 -1.5"),
        value(Data::DateTime(moment), "0 11/21/26 12:30:00"),
        value(Data::Date(date), "0 11/21/26"),
        value(Data::Time(time), "0 12:30:00:000000"),
        value(Data::Structure(vec![Data::Unsigned(1), inner]), "0 [1 [2 3]]"),
    ]
}

fn answers() -> Vec<Case> {
    let denied = DataAccessResult::ReadWriteDenied;
    let encoded = Data::octets([1, 2, 3, 4]).to_bytes();
    let (first, second) = encoded.split_at(2);
    let block = |last, number, part: &[u8]| {
        let block = DataBlockG { last, number, result: Ok(part.to_vec()) };
        Apdu::GetResponse(GetResponse::WithDataBlock { invoke: INVOKE, block })
    };
    let set = |result| Apdu::SetResponse(SetResponse::Normal { invoke: INVOKE, result });
    let action = |result, returned| {
        let response = ActionResponseWithOptionalData { result, returned };
        Apdu::ActionResponse(ActionResponse::Normal { invoke: INVOKE, response })
    };
    let exception = |service_error| {
        let state_error = StateError::ServiceNotAllowed;
        Apdu::ExceptionResponse(ExceptionResponse { state_error, service_error })
    };
    let last = SetResponse::LastDatablock { invoke: INVOKE, result: DataAccessResult::TypeUnmatched, block_number: 2 };
    let list = GetResponse::WithList { invoke: INVOKE, results: vec![Ok(Data::octets([1, 2])), Err(denied)] };
    vec![
        Case(vec![Apdu::GetResponse(GetResponse::Normal { invoke: INVOKE, result: Err(denied) })], "3 None"),
        Case(vec![block(false, 1, first), block(true, 2, second)], "0 01020304"),
        Case(vec![Apdu::GetResponse(list)], "3 [0102 None]"),
        Case(vec![set(DataAccessResult::Success)], "0 None"),
        Case(vec![set(DataAccessResult::TypeUnmatched)], "12 None"),
        Case(vec![Apdu::SetResponse(SetResponse::Datablock { invoke: INVOKE, block_number: 2 })], "0 None"),
        Case(vec![Apdu::SetResponse(last)], "12 None"),
        Case(vec![action(ActionResult::Success, None)], "0 None"),
        Case(vec![action(ActionResult::TemporaryFailure, None)], "2 None"),
        Case(vec![action(ActionResult::Success, Some(Ok(Data::octets([0xAA, 0xBB]))))], "0 aabb"),
        Case(
            vec![exception(ServiceException::OperationNotPossible)],
            "GXDLMSExceptionResponse: Service not allowed. Operation not possible",
        ),
        Case(
            vec![exception(ServiceException::InvocationCounterError { expected: 7 })],
            "GXDLMSExceptionResponse: Service not allowed. Invocation counter is invalid.",
        ),
        Case(
            vec![Apdu::ConfirmedServiceError(ConfirmedServiceError::DLMS_VERSION_TOO_LOW)],
            "GXDLMSConfirmedServiceError: ServiceError Initiate Error exception. Initiate 1",
        ),
    ]
}

#[test]
fn gurux_reads_our_answers() {
    let Some(python) = python_with("gurux_dlms", "gurux_reads_our_answers") else { return };
    let cases: Vec<Case> = values().into_iter().chain(answers()).collect();
    let frames = |case: &Case| case.0.iter().map(|apdu| format!(" {}", digits(&apdu.to_bytes()))).collect::<String>();
    let lines: String = cases.iter().map(|case| format!("answer{}\n", frames(case))).collect();
    let told = ask(&python, &lines);
    assert_eq!(told.len(), cases.len());
    for (case, told) in cases.iter().zip(told) {
        assert_eq!(told, case.1, "{:?}", case.0);
    }
}

#[test]
fn gurux_reads_our_agreement() {
    let Some(python) = python_with("gurux_dlms", "gurux_reads_our_agreement") else { return };
    let context = ApplicationContext::LogicalNameNoCiphering;
    let agreed = InitiateResponse::new(Conformance::SPOKEN, 1_024).to_bytes();
    let accepted = Aare {
        user_information: Some(agreed),
        ..Aare::new(context.clone(), AssociationResult::Accepted, ServiceUserDiagnostic::Null)
    };
    let failure = ServiceUserDiagnostic::AuthenticationFailure;
    let rejected = Aare {
        user_information: Some(ConfirmedServiceError::INITIATE_OTHER.to_bytes()),
        diagnostic: Diagnostic::ServiceUser(failure),
        ..Aare::new(context, AssociationResult::RejectedPermanent, failure)
    };
    let told = ask(&python, &format!("aare {}\naare {}\n", digits(&accepted.to_bytes()), digits(&rejected.to_bytes())));
    // It keeps conformance with bit 0 as the least significant.
    let conformance = Conformance::SPOKEN.bits().reverse_bits() >> 8;
    let refused = "GXDLMSException: Connection is permanently rejected";
    assert_eq!(told, [&format!("size 1024 conformance {conformance:06x}"), refused, "Authentication failure."]);
}

#[test]
fn we_read_guruxs_requests() {
    let Some(python) = python_with("gurux_dlms", "we_read_guruxs_requests") else { return };
    let mut seen = Vec::new();
    let (mut set, mut action) = (Vec::new(), Vec::new());
    for line in ask(&python, "requests\n") {
        let (name, bytes) = line.split_once(' ').unwrap();
        let bytes = crate::hex(bytes);
        let apdu = Apdu::decode(&bytes).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(apdu.to_bytes(), bytes, "{name}");
        judge(name, &apdu);
        match apdu {
            Apdu::SetRequest(
                SetRequest::WithFirstDatablock { block, .. } | SetRequest::WithDatablock { block, .. },
            ) => {
                set.push(block);
            }
            Apdu::ActionRequest(
                ActionRequest::WithFirstPblock { block, .. } | ActionRequest::WithPblock { block, .. },
            ) => action.push(block),
            _ => {}
        }
        seen.push(name.to_owned());
    }
    seen.dedup();
    let names = "aarq aarq-low aarq-gmac aarq-glo get get-range get-entry set set-blocks action action-blocks";
    assert_eq!(seen, names.split(' ').collect::<Vec<_>>());
    assert_eq!(together(&set), Data::octets(vec![1; 1_200]));
    assert_eq!(together(&action), Data::octets(vec![5; 1_200]));
}

/// The value whose blocks these are, numbered from 1, the last one marked.
fn together(blocks: &[DataBlockSa]) -> Data {
    for (block, number) in blocks.iter().zip(1..) {
        assert_eq!((block.number, block.last), (number, number as usize == blocks.len()));
    }
    Data::decode(&blocks.iter().flat_map(|block| block.raw_data.clone()).collect::<Vec<_>>()).unwrap()
}

/// Holds what a request says against what the script asked for.
fn judge(name: &str, apdu: &Apdu) {
    match (name, apdu) {
        ("aarq" | "aarq-low" | "aarq-gmac" | "aarq-glo", Apdu::Aarq(aarq)) => {
            let information = aarq.user_information.as_deref().unwrap();
            match (name, Apdu::decode(information).unwrap()) {
                ("aarq-glo", Apdu::GloCiphered(inner)) => assert_eq!(inner.service, GloService::InitiateRequest),
                ("aarq-glo", other) => panic!("{other:?}"),
                (_, inner) => {
                    let Apdu::InitiateRequest(InitiateRequest { proposed_conformance, .. }) = inner else {
                        panic!("{inner:?}")
                    };
                    assert!(proposed_conformance.contains(Conformance::GET.with(Conformance::ACTION)));
                }
            }
            let number = aarq.mechanism.as_ref().and_then(|mechanism| mechanism.number());
            let expected = match name {
                "aarq" => None,
                "aarq-low" => Some(1),
                _ => Some(5),
            };
            assert_eq!((number, aarq.application_context.is_with_ciphering()), (expected, name == "aarq-glo"));
        }
        ("get-range" | "get-entry", Apdu::GetRequest(GetRequest::Normal { attribute, .. })) => {
            let selection = Selection::of_access(attribute.access.as_ref().unwrap()).unwrap().unwrap();
            match selection {
                Selection::Range { restricting, from, .. } => {
                    assert_eq!((name, restricting.class), ("get-range", cosem::clock::CLASS));
                    let from = from.as_date_time().unwrap().timestamp().unwrap();
                    assert_eq!(from, "2026-01-01T01:00:00Z".parse().unwrap());
                }
                Selection::Entry { from_entry, to_entry, from_column, to_column } => {
                    assert_eq!((from_entry, to_entry, from_column, to_column), (1, 5, 1, 0));
                }
            }
        }
        ("get", Apdu::GetRequest(GetRequest::Normal { attribute, .. })) => {
            assert_eq!(attribute.attribute.instance, LogicalName::new(1, 0, 1, 8, 0, 255));
            assert_eq!((attribute.attribute.class, attribute.attribute.attribute), (cosem::register::CLASS, 2));
        }
        ("set", Apdu::SetRequest(SetRequest::Normal { value, .. })) => assert_eq!(value, &Data::octets([1, 2, 3])),
        ("action", Apdu::ActionRequest(ActionRequest::Normal { method, parameters, .. })) => {
            assert_eq!(method.class, cosem::disconnect_control::CLASS);
            assert_eq!(parameters, &Some(cosem::NO_PARAMETER));
        }
        ("set-blocks", Apdu::SetRequest(_)) | ("action-blocks", Apdu::ActionRequest(_)) => {}
        (name, other) => panic!("{name}: {other:?}"),
    }
}
