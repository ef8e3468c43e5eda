//! Values of every kind that the codec knows.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tern_dlms::acse::{
    Aare, Aarq, ApplicationContext, AssociationResult, AuthenticationValue, Diagnostic, Mechanism,
    ReleaseRequestReason, ReleaseResponseReason, Rlre, Rlrq, ServiceProviderDiagnostic, ServiceUserDiagnostic,
};
use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Apdu, AttributeWithSelection,
    ConfirmedServiceError, Conformance, DataAccessResult, DataBlockG, DataBlockSa, DedicatedKey, ExceptionResponse,
    GeneralGloCiphering, GeneralSigning, GetDataResult, GetRequest, GetResponse, GloCiphered, GloService,
    InitiateRequest, InitiateResponse, InvokeIdAndPriority, ServiceErrorKind, ServiceException, SetRequest,
    SetResponse, StateError,
};
use tern_dlms::{
    AttributeDescriptor, BitString, ClassId, ClockStatus, CosemDate, CosemDateTime, CosemTime, Data, Day, LogicalName,
    MethodDescriptor, Month, SelectiveAccess, SystemTitle,
};

/// One of an enumeration's values.
fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> + Clone {
    proptest::sample::select(all)
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![9 => vec(any::<u8>(), 0..40), 1 => vec(any::<u8>(), 120..300)]
}

pub fn logical_name() -> impl Strategy<Value = LogicalName> {
    any::<[u8; 6]>().prop_map(LogicalName)
}

fn title() -> impl Strategy<Value = SystemTitle> {
    any::<[u8; 8]>().prop_map(SystemTitle)
}

pub fn date() -> impl Strategy<Value = CosemDate> {
    let month = prop_oneof![
        Just(Month::Unspecified),
        Just(Month::DaylightSavingsBegin),
        Just(Month::DaylightSavingsEnd),
        (1..=12u8).prop_map(Month::Number)
    ];
    let day =
        prop_oneof![Just(Day::Unspecified), Just(Day::Last), Just(Day::SecondLast), (1..=31u8).prop_map(Day::Number)];
    (option::of(0..0xFFFFu16), month, day, option::of(1..=7u8)).prop_map(|(year, month, day, day_of_week)| CosemDate {
        year,
        month,
        day,
        day_of_week,
    })
}

pub fn time() -> impl Strategy<Value = CosemTime> {
    (option::of(0..24u8), option::of(0..60u8), option::of(0..60u8), option::of(0..100u8))
        .prop_map(|(hour, minute, second, hundredths)| CosemTime { hour, minute, second, hundredths })
}

pub fn date_time() -> impl Strategy<Value = CosemDateTime> {
    (date(), time(), option::of(-720..=840i16), any::<u8>()).prop_map(|(date, time, deviation_minutes, status)| {
        CosemDateTime { date, time, deviation_minutes, status: ClockStatus(status) }
    })
}

fn bits() -> impl Strategy<Value = BitString> {
    vec(any::<bool>(), 0..200).prop_map(|bits| bits.into_iter().collect())
}

fn leaf() -> impl Strategy<Value = Data> {
    let numbers = prop_oneof![
        any::<i32>().prop_map(Data::DoubleLong),
        any::<u32>().prop_map(Data::DoubleLongUnsigned),
        any::<u8>().prop_map(Data::Bcd),
        any::<i8>().prop_map(Data::Integer),
        any::<i16>().prop_map(Data::Long),
        any::<u8>().prop_map(Data::Unsigned),
        any::<u16>().prop_map(Data::LongUnsigned),
        any::<i64>().prop_map(Data::Long64),
        any::<u64>().prop_map(Data::Long64Unsigned),
    ];
    let further = prop_oneof![
        any::<u8>().prop_map(Data::Enum),
        any::<f32>().prop_map(Data::Float32),
        any::<f64>().prop_map(Data::Float64),
        any::<i8>().prop_map(Data::DeltaInteger),
        any::<i16>().prop_map(Data::DeltaLong),
        any::<i32>().prop_map(Data::DeltaDoubleLong),
        any::<u8>().prop_map(Data::DeltaUnsigned),
        any::<u16>().prop_map(Data::DeltaLongUnsigned),
        any::<u32>().prop_map(Data::DeltaDoubleLongUnsigned),
    ];
    prop_oneof![
        numbers,
        further,
        Just(Data::Null),
        Just(Data::DontCare),
        any::<bool>().prop_map(Data::Boolean),
        bits().prop_map(Data::BitString),
        octets().prop_map(Data::OctetString),
        "[ -~]{0,40}".prop_map(Data::VisibleString),
        "\\PC{0,40}".prop_map(Data::Utf8String),
        date_time().prop_map(Data::DateTime),
        date().prop_map(Data::Date),
        time().prop_map(Data::Time),
    ]
}

/// Any value, in arrays and structures of up to five levels.
pub fn data() -> impl Strategy<Value = Data> {
    leaf().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..6).prop_map(Data::Array), vec(inner, 0..6).prop_map(Data::Structure)]
    })
}

fn attribute() -> impl Strategy<Value = AttributeDescriptor> {
    (any::<u16>(), logical_name(), any::<i8>())
        .prop_map(|(class, name, attribute)| AttributeDescriptor::new(ClassId(class), name, attribute))
}

fn method() -> impl Strategy<Value = MethodDescriptor> {
    (any::<u16>(), logical_name(), any::<i8>())
        .prop_map(|(class, name, method)| MethodDescriptor::new(ClassId(class), name, method))
}

fn selected() -> impl Strategy<Value = AttributeWithSelection> {
    let access = (any::<u8>(), data()).prop_map(|(selector, parameters)| SelectiveAccess { selector, parameters });
    (attribute(), option::of(access)).prop_map(|(attribute, access)| AttributeWithSelection { attribute, access })
}

fn invoke() -> impl Strategy<Value = InvokeIdAndPriority> {
    any::<u8>().prop_map(InvokeIdAndPriority)
}

fn result() -> impl Strategy<Value = DataAccessResult> {
    one_of(DataAccessResult::ALL)
}

fn get_result() -> impl Strategy<Value = GetDataResult> {
    prop_oneof![data().prop_map(Ok), result().prop_map(Err)]
}

fn block() -> impl Strategy<Value = DataBlockSa> {
    (any::<bool>(), any::<u32>(), octets()).prop_map(|(last, number, raw_data)| DataBlockSa { last, number, raw_data })
}

fn get() -> impl Strategy<Value = Apdu> {
    let answer = prop_oneof![octets().prop_map(Ok), result().prop_map(Err)];
    let block =
        (any::<bool>(), any::<u32>(), answer).prop_map(|(last, number, result)| DataBlockG { last, number, result });
    prop_oneof![
        (invoke(), selected())
            .prop_map(|(invoke, attribute)| Apdu::GetRequest(GetRequest::Normal { invoke, attribute })),
        (invoke(), any::<u32>())
            .prop_map(|(invoke, block_number)| Apdu::GetRequest(GetRequest::Next { invoke, block_number })),
        (invoke(), vec(selected(), 0..4))
            .prop_map(|(invoke, attributes)| Apdu::GetRequest(GetRequest::WithList { invoke, attributes })),
        (invoke(), get_result()).prop_map(|(invoke, result)| Apdu::GetResponse(GetResponse::Normal { invoke, result })),
        (invoke(), block).prop_map(|(invoke, block)| Apdu::GetResponse(GetResponse::WithDataBlock { invoke, block })),
        (invoke(), vec(get_result(), 0..4))
            .prop_map(|(invoke, results)| Apdu::GetResponse(GetResponse::WithList { invoke, results })),
    ]
}

fn set_request() -> impl Strategy<Value = SetRequest> {
    prop_oneof![
        (invoke(), selected(), data()).prop_map(|(invoke, attribute, value)| SetRequest::Normal {
            invoke,
            attribute,
            value
        }),
        (invoke(), selected(), block()).prop_map(|(invoke, attribute, block)| SetRequest::WithFirstDatablock {
            invoke,
            attribute,
            block
        }),
        (invoke(), block()).prop_map(|(invoke, block)| SetRequest::WithDatablock { invoke, block }),
        (invoke(), vec(selected(), 0..3), vec(data(), 0..3))
            .prop_map(|(invoke, attributes, values)| SetRequest::WithList { invoke, attributes, values }),
        (invoke(), vec(selected(), 0..3), block()).prop_map(|(invoke, attributes, block)| {
            SetRequest::WithListAndFirstDatablock { invoke, attributes, block }
        }),
    ]
}

fn set_response() -> impl Strategy<Value = SetResponse> {
    let results = || vec(result(), 0..5);
    prop_oneof![
        (invoke(), result()).prop_map(|(invoke, result)| SetResponse::Normal { invoke, result }),
        (invoke(), any::<u32>()).prop_map(|(invoke, block_number)| SetResponse::Datablock { invoke, block_number }),
        (invoke(), result(), any::<u32>()).prop_map(|(invoke, result, block_number)| SetResponse::LastDatablock {
            invoke,
            result,
            block_number
        }),
        (invoke(), results(), any::<u32>()).prop_map(|(invoke, results, block_number)| {
            SetResponse::LastDatablockWithList { invoke, results, block_number }
        }),
        (invoke(), results()).prop_map(|(invoke, results)| SetResponse::WithList { invoke, results }),
    ]
}

fn action_request() -> impl Strategy<Value = ActionRequest> {
    prop_oneof![
        (invoke(), method(), option::of(data())).prop_map(|(invoke, method, parameters)| ActionRequest::Normal {
            invoke,
            method,
            parameters
        }),
        (invoke(), any::<u32>()).prop_map(|(invoke, block_number)| ActionRequest::NextPblock { invoke, block_number }),
        (invoke(), vec(method(), 0..3), vec(data(), 0..3))
            .prop_map(|(invoke, methods, parameters)| ActionRequest::WithList { invoke, methods, parameters }),
        (invoke(), method(), block()).prop_map(|(invoke, method, block)| ActionRequest::WithFirstPblock {
            invoke,
            method,
            block
        }),
        (invoke(), vec(method(), 0..3), block())
            .prop_map(|(invoke, methods, block)| ActionRequest::WithListAndFirstPblock { invoke, methods, block }),
        (invoke(), block()).prop_map(|(invoke, block)| ActionRequest::WithPblock { invoke, block }),
    ]
}

fn action_response() -> impl Strategy<Value = ActionResponse> {
    let one = || {
        (one_of(ActionResult::ALL), option::of(get_result()))
            .prop_map(|(result, returned)| ActionResponseWithOptionalData { result, returned })
    };
    prop_oneof![
        (invoke(), one()).prop_map(|(invoke, response)| ActionResponse::Normal { invoke, response }),
        (invoke(), block()).prop_map(|(invoke, block)| ActionResponse::WithPblock { invoke, block }),
        (invoke(), vec(one(), 0..3)).prop_map(|(invoke, responses)| ActionResponse::WithList { invoke, responses }),
        (invoke(), any::<u32>()).prop_map(|(invoke, block_number)| ActionResponse::NextPblock { invoke, block_number }),
    ]
}

fn failure() -> impl Strategy<Value = Apdu> {
    let exception = prop_oneof![
        Just(ServiceException::OperationNotPossible),
        Just(ServiceException::ServiceNotSupported),
        Just(ServiceException::OtherReason),
        Just(ServiceException::PduTooLong),
        Just(ServiceException::DecipheringError),
        any::<u32>().prop_map(|expected| ServiceException::InvocationCounterError { expected }),
    ];
    prop_oneof![
        (one_of(StateError::ALL), exception).prop_map(|(state_error, service_error)| {
            Apdu::ExceptionResponse(ExceptionResponse { state_error, service_error })
        }),
        (1..=19u8, one_of(ServiceErrorKind::ALL), any::<u8>()).prop_map(|(service, kind, value)| {
            Apdu::ConfirmedServiceError(ConfirmedServiceError { service, kind, value })
        }),
    ]
}

fn initiate() -> impl Strategy<Value = Apdu> {
    let conformance = || any::<u32>().prop_map(Conformance::from_bits);
    let key = octets().prop_map(|octets| DedicatedKey(octets.into()));
    let request = (option::of(key), any::<bool>(), option::of(any::<u8>()), any::<u8>(), conformance(), any::<u16>())
        .prop_map(|(dedicated_key, response_allowed, quality, version, proposed_conformance, size)| {
            Apdu::InitiateRequest(InitiateRequest {
                dedicated_key,
                response_allowed,
                proposed_quality_of_service: quality,
                proposed_dlms_version: version,
                proposed_conformance,
                client_max_receive_pdu_size: size,
            })
        });
    let response = (option::of(any::<u8>()), any::<u8>(), conformance(), any::<u16>(), any::<u16>()).prop_map(
        |(quality, version, negotiated_conformance, size, vaa_name)| {
            Apdu::InitiateResponse(InitiateResponse {
                negotiated_quality_of_service: quality,
                negotiated_dlms_version: version,
                negotiated_conformance,
                server_max_receive_pdu_size: size,
                vaa_name,
            })
        },
    );
    prop_oneof![request, response]
}

fn protected() -> impl Strategy<Value = Apdu> {
    let signed = (octets(), title(), title(), octets(), octets(), octets(), octets()).prop_map(
        |(transaction_id, originator, recipient, date_time, other_information, content, signature)| {
            Apdu::GeneralSigning(GeneralSigning {
                transaction_id,
                originator,
                recipient,
                date_time,
                other_information,
                content,
                signature,
            })
        },
    );
    prop_oneof![
        (one_of(GloService::ALL), octets())
            .prop_map(|(service, content)| Apdu::GloCiphered(GloCiphered { service, content })),
        (option::of(title()), octets()).prop_map(|(system_title, content)| {
            Apdu::GeneralGloCiphering(GeneralGloCiphering { system_title, content })
        }),
        signed,
    ]
}

fn context() -> impl Strategy<Value = ApplicationContext> {
    prop_oneof![
        Just(ApplicationContext::LogicalNameNoCiphering),
        Just(ApplicationContext::ShortNameNoCiphering),
        Just(ApplicationContext::LogicalNameWithCiphering),
        Just(ApplicationContext::ShortNameWithCiphering),
        // An object identifier of another arc than that of the standard's names.
        vec(0..0x60u8, 0..9).prop_map(ApplicationContext::Other),
    ]
}

fn mechanism() -> impl Strategy<Value = Mechanism> {
    prop_oneof![
        Just(Mechanism::Lowest),
        Just(Mechanism::Low),
        Just(Mechanism::High),
        Just(Mechanism::HighMd5),
        Just(Mechanism::HighSha1),
        Just(Mechanism::HighGmac),
        Just(Mechanism::HighSha256),
        Just(Mechanism::HighEcdsa),
        vec(0..0x60u8, 0..9).prop_map(Mechanism::Other),
    ]
}

fn authentication() -> impl Strategy<Value = AuthenticationValue> {
    octets().prop_map(AuthenticationValue::new)
}

fn acse() -> impl Strategy<Value = Apdu> {
    let user = one_of(ServiceUserDiagnostic::ALL).prop_map(Diagnostic::ServiceUser);
    let provider = one_of(ServiceProviderDiagnostic::ALL).prop_map(Diagnostic::ServiceProvider);
    let aare = (
        context(),
        one_of(AssociationResult::ALL),
        prop_oneof![user, provider],
        option::of(title()),
        option::of(mechanism()),
        option::of(authentication()),
        option::of(octets()),
    );
    let aarq =
        (context(), option::of(title()), option::of(mechanism()), option::of(authentication()), option::of(octets()));
    prop_oneof![
        aarq.prop_map(|(application_context, title, mechanism, value, user_information)| {
            Apdu::Aarq(Aarq {
                application_context,
                calling_ap_title: title,
                mechanism,
                calling_authentication_value: value,
                user_information,
            })
        }),
        aare.prop_map(|(application_context, result, diagnostic, title, mechanism, value, user_information)| {
            Apdu::Aare(Aare {
                application_context,
                result,
                diagnostic,
                responding_ap_title: title,
                mechanism,
                responding_authentication_value: value,
                user_information,
            })
        }),
        (option::of(one_of(ReleaseRequestReason::ALL)), option::of(octets()))
            .prop_map(|(reason, user_information)| Apdu::Rlrq(Rlrq { reason, user_information })),
        (option::of(one_of(ReleaseResponseReason::ALL)), option::of(octets()))
            .prop_map(|(reason, user_information)| Apdu::Rlre(Rlre { reason, user_information })),
    ]
}

/// Any APDU.
pub fn apdu() -> impl Strategy<Value = Apdu> {
    prop_oneof![
        get(),
        set_request().prop_map(Apdu::SetRequest),
        set_response().prop_map(Apdu::SetResponse),
        action_request().prop_map(Apdu::ActionRequest),
        action_response().prop_map(Apdu::ActionResponse),
        failure(),
        initiate(),
        protected(),
        acse(),
    ]
}
