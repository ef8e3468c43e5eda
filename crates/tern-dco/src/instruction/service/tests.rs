//! Each instruction is accepted under its own request, and no bit of it can be another.

use jiff::{Timestamp, ToSpan};
use tern_dlms::apdu::{ActionRequest, Apdu, AttributeWithSelection, InvokeIdAndPriority, SetRequest};
use tern_dlms::{AttributeDescriptor, Codec, CosemDateTime, Data, MethodDescriptor, SelectiveAccess};
use tern_model::DeviceKind;
use tern_wire::duis::{Element, Received};
use tern_wire::xml::Limits;

use super::super::{Differs, INVOKE};
use super::{Circumstances, attribute, method, stands_for};

use DeviceKind::{Chf, Esme, Gpf, Gsme, Ihd, Ppmid};

fn now() -> Timestamp {
    "2021-03-02T09:00:00Z".parse().expect("a moment")
}

/// What is found of a request with this body.
fn of<T>(body: &str, find: impl FnOnce(Element<'_>) -> T) -> T {
    let text = format!(
        "<Request xmlns=\"http://www.dccinterface.co.uk/ServiceUserGateway\" schemaVersion=\"5.1\"><Header>\
         <RequestID>90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1000</RequestID><CommandVariant>1</CommandVariant>\
         <ServiceReference>7.2</ServiceReference><ServiceReferenceVariant>7.2</ServiceReferenceVariant></Header>\
         <Body>{body}</Body></Request>"
    );
    let received = Received::new("request", text.as_bytes(), &Limits::MESSAGE).expect("text");
    let incoming = received.parse().expect("a document");
    let version = incoming.version().expect("a version");
    let request = incoming.request(version).unwrap_or_else(|faults| panic!("{}", faults[0]));
    find(request.claimed().body())
}

/// What comes of an instruction under a request with this body.
fn judged(body: &str, kind: DeviceKind, bytes: &[u8]) -> Result<&'static str, Differs> {
    of(body, |body| stands_for(body, Circumstances { kind, now: now() }, bytes))
}

/// That an instruction is accepted, and nothing that differs from it.
#[track_caller]
fn alone(body: &str, kind: DeviceKind, bytes: &[u8]) {
    of(body, |body| {
        let judged = |bytes: &[u8]| stands_for(body, Circumstances { kind, now: now() }, bytes);
        judged(bytes).unwrap_or_else(|differs| panic!("{differs:?}"));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.to_vec();
                other[at] ^= 1 << bit;
                assert!(judged(&other).is_err(), "byte {at}, bit {bit}");
            }
            assert!(judged(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert!(judged(&[bytes, &[0]].concat()).is_err(), "longer");
    });
}

#[track_caller]
fn field(body: &str, kind: DeviceKind, bytes: &[u8], expected: &str) {
    assert_eq!(judged(body, kind, bytes).expect_err("differs").field, expected);
}

fn action(method: MethodDescriptor, parameter: Data) -> Vec<u8> {
    let parameters = Some(parameter);
    Apdu::ActionRequest(ActionRequest::Normal { invoke: INVOKE, method, parameters }).to_bytes()
}

fn set(attribute: AttributeDescriptor, value: Data) -> Vec<u8> {
    Apdu::SetRequest(SetRequest::Normal { invoke: INVOKE, attribute: attribute.into(), value }).to_bytes()
}

fn set_all(all: &[(AttributeDescriptor, Data)]) -> Vec<u8> {
    let (attributes, values) = all.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
    let attributes = attributes.into_iter().map(AttributeWithSelection::from).collect();
    Apdu::SetRequest(SetRequest::WithList { invoke: INVOKE, attributes, values }).to_bytes()
}

const SUPPLY: [u8; 6] = [0, 0, 96, 3, 10, 255];
const CALENDAR: [u8; 6] = [0, 0, 13, 0, 0, 255];
const DISABLE: &str = "<DisableSupply/>";
const ARM: &str = "<ArmSupply/>";
const ENABLE: &str = "<EnableSupply/>";

fn off() -> Vec<u8> {
    action(method(70, SUPPLY, 1), Data::Integer(0))
}

fn on(parameter: i8) -> Vec<u8> {
    action(method(70, SUPPLY, 2), Data::Integer(parameter))
}

#[test]
fn supply_is_what_the_request_says() {
    for kind in [Esme, Gsme] {
        alone(DISABLE, kind, &off());
        alone(ARM, kind, &on(1));
        field(ARM, kind, &on(0), "supply");
        field(DISABLE, kind, &on(0), "method");
    }
    alone(ENABLE, Esme, &on(0));
    field(ENABLE, Gsme, &on(0), "request");
    field(DISABLE, Chf, &off(), "request");
    field("<ReadSupplyStatus/>", Esme, &off(), "request");
    let absent = ActionRequest::Normal { invoke: INVOKE, method: method(70, SUPPLY, 1), parameters: None };
    field(DISABLE, Esme, &Apdu::ActionRequest(absent).to_bytes(), "supply");
    let other = InvokeIdAndPriority(0x41);
    let parameters = Some(Data::Integer(0));
    let unconfirmed = ActionRequest::Normal { invoke: other, method: method(70, SUPPLY, 1), parameters };
    field(DISABLE, Esme, &Apdu::ActionRequest(unconfirmed).to_bytes(), "invoke-id-and-priority");
}

#[test]
fn the_payment_mode_goes_with_its_terms() {
    let mode = attribute(1, [0, 0, 96, 65, 0, 255], 2);
    let terms = attribute(1, [0, 0, 96, 65, 6, 255], 2);
    let credit = "<UpdatePaymentMode><Credit/></UpdatePaymentMode>";
    alone(credit, Esme, &set(mode, Data::Enum(0)));
    field(credit, Esme, &set(mode, Data::Enum(1)), "payment mode");
    let body = "<UpdatePaymentMode><Prepayment><SuspendDebtDisabled>true</SuspendDebtDisabled>\
                <SuspendDebtEmergency>false</SuspendDebtEmergency><DisablementThreshold>-70</DisablementThreshold>\
                </Prepayment></UpdatePaymentMode>";
    let said = |emergency, threshold| {
        Data::Structure(vec![Data::Boolean(true), Data::Boolean(emergency), Data::Long64(threshold)])
    };
    alone(body, Gsme, &set_all(&[(terms, said(false, -70)), (mode, Data::Enum(1))]));
    field(body, Gsme, &set_all(&[(terms, said(false, -71)), (mode, Data::Enum(1))]), "terms");
    field(body, Gsme, &set_all(&[(terms, said(true, -70)), (mode, Data::Enum(1))]), "terms");
    field(body, Gsme, &set(mode, Data::Enum(1)), "object");
    let more = [(terms, said(false, -70)), (mode, Data::Enum(1)), (mode, Data::Enum(1))];
    field(body, Gsme, &set_all(&more), "number of attributes");
    field(body, Gsme, &set_all(&[(terms, said(false, -70)), (terms, said(false, -70))]), "object");
    let access = Some(SelectiveAccess { selector: 1, parameters: Data::Null });
    let part = AttributeWithSelection { attribute: mode, access };
    let selected = SetRequest::Normal { invoke: INVOKE, attribute: part, value: Data::Enum(0) };
    field(credit, Esme, &Apdu::SetRequest(selected).to_bytes(), "selective access");
}

#[test]
fn a_clock_is_set_within_what_the_user_allows() {
    let time = attribute(8, [0, 0, 1, 0, 0, 255], 2);
    let at = |moment: Timestamp| set(time, Data::date_time(&CosemDateTime::from_timestamp(moment)));
    let body = |said: &str, tolerance: u32| {
        format!(
            "<SynchroniseClock><CurrentDateTime>{said}</CurrentDateTime><TolerancePeriod>{tolerance}</TolerancePeriod>\
             </SynchroniseClock>"
        )
    };
    alone(&body("2021-03-02T09:00:00Z", 0), Esme, &at(now()));
    let minute = body("2021-03-02T08:59:30Z", 60);
    assert_eq!(judged(&minute, Gsme, &at(now() + 30.seconds())), Ok("set the clock"));
    field(&minute, Gsme, &at(now() + 31.seconds()), "time");
    field(&body("2021-03-02T08:58:59Z", 60), Gsme, &at(now()), "CurrentDateTime");
    // A moment that is not wholly said, and one that is said in another way.
    let open = CosemDateTime::decode(&[7, 229, 3, 2, 2, 9, 0, 0, 0xFF, 0, 0, 0]).expect("a time");
    field(&minute, Gsme, &set(time, Data::date_time(&open)), "time");
    let commission = minute.replace("SynchroniseClock", "CommissionDeviceSynchroniseClock");
    assert_eq!(judged(&commission, Esme, &at(now())), Ok("set the clock"));
}

#[test]
fn a_device_and_an_image_are_the_ones_that_are_named() {
    let join = "<JoinServiceCritical><OtherDeviceID>00-DB-12-34-56-78-90-A4</OtherDeviceID></JoinServiceCritical>";
    let joins = |last| {
        set(attribute(1, [0, 0, 96, 67, 1, 255], 2), Data::octets([0, 0xDB, 0x12, 0x34, 0x56, 0x78, 0x90, last]))
    };
    alone(join, Esme, &joins(0xA4));
    field(join, Gsme, &joins(0xA5), "other device");
    let hash = "D1".repeat(32);
    let activate = format!("<ActivateFirmware><FirmwareHash>{hash}</FirmwareHash></ActivateFirmware>");
    let image = method(18, [0, 0, 44, 0, 0, 255], 4);
    for kind in [Esme, Gsme, Chf, Ppmid] {
        alone(&activate, kind, &action(image, Data::octets([0xD1; 32])));
    }
    field(&activate, Esme, &action(image, Data::Integer(0)), "image hash");
    field(&activate, Gpf, &action(image, Data::octets([0xD1; 32])), "request");
    field(&activate, Ihd, &action(image, Data::octets([0xD1; 32])), "request");
}

/// Everything from midnight on at the second rate, from half past seven on at the first.
const TABLE: &str = "<SwitchingTable><DayProfiles><DayProfile><DayName>1</DayName>\
    <ProfileSchedule><StartTime>00:00:00.00Z</StartTime><TOUTariffAction>2</TOUTariffAction></ProfileSchedule>\
    <ProfileSchedule><StartTime>07:30:00.00Z</StartTime><TOUTariffAction>1</TOUTariffAction></ProfileSchedule>\
    </DayProfile></DayProfiles><WeekProfiles><WeekProfile><WeekName>2</WeekName>WEEK</WeekProfile></WeekProfiles>\
    <Seasons><Season><SeasonName>ALL</SeasonName><SeasonStartDate>DATE</SeasonStartDate>\
    <ReferencedWeekName>2</ReferencedWeekName></Season></Seasons></SwitchingTable>";
const DATE: &str = "<Year><NonSpecifiedYear/></Year><Month><SpecifiedMonth>4</SpecifiedMonth></Month>\
    <DayOfMonth><LastDayOfMonth/></DayOfMonth><DayOfWeek><NonSpecifiedDayOfWeek/></DayOfWeek>";

fn week() -> String {
    (1..=7).map(|index| format!("<ReferencedDayName index=\"{index}\">1</ReferencedDayName>")).collect()
}

/// Prices of electricity by rate, in hundredths of a penny.
fn price_elements(rates: &[i16]) -> String {
    let rate = |(index, price): (usize, &i16)| format!("<TOUPrice index=\"{}\">{price}</TOUPrice>", index + 1);
    let rates: String = rates.iter().enumerate().map(rate).collect();
    format!(
        "<PriceElements><ElectricityPriceElements><StandingCharge>31</StandingCharge>\
         <StandingChargeScale>-2</StandingChargeScale><PriceScale>-4</PriceScale><TOUTariff>{rates}</TOUTariff>\
         </ElectricityPriceElements></PriceElements>"
    )
}

fn tariff(rates: &[i16]) -> String {
    let table = TABLE.replace("WEEK", &week()).replace("DATE", DATE);
    let special = format!("<SpecialDay><Date>{DATE}</Date><ReferencedDayName>1</ReferencedDayName></SpecialDay>");
    let thresholds: String = (1..=8)
        .map(|index| {
            format!("<Thresholds index=\"{index}\"><BlockThreshold index=\"1\">1000</BlockThreshold></Thresholds>")
        })
        .collect();
    format!(
        "<UpdateImportTariffPrimaryElement><ElecTariffElements><CurrencyUnits>ECB</CurrencyUnits>{table}<SpecialDays>{special}\
         </SpecialDays><ThresholdMatrix>{thresholds}</ThresholdMatrix></ElecTariffElements>{}\
         </UpdateImportTariffPrimaryElement>",
        price_elements(rates)
    )
}

fn price(amount: i64, scale: i8) -> Data {
    Data::Structure(vec![Data::Long64(amount), Data::Integer(scale)])
}

fn prices(currency: u8, standing: Data, rates: Vec<Data>) -> Data {
    Data::Structure(vec![Data::Enum(currency), standing, Data::Array(rates)])
}

/// What the S1SP is to write for [`tariff`].
fn written() -> Vec<(AttributeDescriptor, Data)> {
    let calendar = |number| attribute(20, CALENDAR, number);
    let date = [0xFF, 0xFF, 4, 0xFE, 0xFF];
    let start = [&date[..], &[0, 0, 0, 0, 0x80, 0, 0xFF]].concat();
    let season = Data::Structure(vec![Data::octets(*b"ALL"), Data::octets(start), Data::octets([2])]);
    let week = std::iter::once(Data::octets([2])).chain(std::iter::repeat_n(Data::Unsigned(1), 7));
    let switch = |hour: u8, minute: u8, rate| {
        let script = Data::octets([0, 0, 10, 0, 100, 255]);
        Data::Structure(vec![Data::octets([hour, minute, 0, 0]), script, Data::LongUnsigned(rate)])
    };
    let day = Data::Structure(vec![Data::Unsigned(1), Data::Array(vec![switch(0, 0, 2), switch(7, 30, 1)])]);
    let special = Data::Structure(vec![Data::LongUnsigned(1), Data::octets(date), Data::Unsigned(1)]);
    let thresholds = std::iter::repeat_n(Data::Array(vec![Data::Long64Unsigned(1000)]), 8).collect();
    vec![
        (calendar(6), Data::octets(*b"1.1.1")),
        (calendar(7), Data::Array(vec![season])),
        (calendar(8), Data::Array(vec![Data::Structure(week.collect())])),
        (calendar(9), Data::Array(vec![day])),
        (attribute(11, [0, 0, 11, 0, 0, 255], 2), Data::Array(vec![special])),
        (attribute(1, [0, 0, 96, 65, 4, 255], 2), Data::Array(thresholds)),
        (attribute(1, [0, 0, 96, 65, 3, 255], 2), prices(1, price(31, -2), vec![price(3000, -4), price(900, -4)])),
    ]
}

#[test]
fn a_tariff_is_written_as_the_request_has_it_and_then_activated() {
    let body = tariff(&[3000, 900]);
    alone(&body, Esme, &set_all(&written()));
    let names = ["calendar name", "seasons", "weeks", "days", "special days", "thresholds", "prices"];
    for (at, name) in names.into_iter().enumerate() {
        let mut other = written();
        other[at].1 = Data::Null;
        field(&body, Esme, &set_all(&other), name);
    }
    let mut fewer = written();
    fewer.pop();
    field(&body, Esme, &set_all(&fewer), "number of attributes");
    let activate = action(method(20, CALENDAR, 1), Data::Integer(0));
    alone(&body, Esme, &activate);
    field(&body, Gsme, &activate, "tariff elements");
    field(&tariff(&[3000]), Esme, &set_all(&written()), "prices");
}

#[test]
fn prices_are_written_as_the_request_has_them() {
    let at = attribute(1, [0, 0, 96, 65, 2, 255], 2);
    let body =
        |rates: &[i16]| format!("<UpdatePricePrimaryElement>{}</UpdatePricePrimaryElement>", price_elements(rates));
    let one = set(at, prices(0, price(31, -2), vec![price(-5, -4)]));
    alone(&body(&[-5]), Esme, &one);
    field(&body(&[-6]), Esme, &one, "prices");
    let gas = "<UpdatePricePrimaryElement><PriceElements><GasPriceElements><CurrencyUnits>GBP</CurrencyUnits>\
               <StandingCharge>27000</StandingCharge><TOUTariff><TOUPrice index=\"1\">3500</TOUPrice></TOUTariff>\
               </GasPriceElements></PriceElements></UpdatePricePrimaryElement>";
    alone(gas, Gsme, &set(at, prices(0, price(27_000, -5), vec![price(3500, -5)])));
    field(gas, Esme, &set(at, Data::Null), "price elements");
}

#[test]
fn the_auxiliary_load_switch_is_closed_beside_two_rates_alone() {
    let close = action(method(70, [0, 0, 96, 3, 20, 255], 2), Data::Integer(0));
    alone(&tariff(&[3000, 900]), Esme, &close);
    field(&tariff(&[3000]), Esme, &close, "method");
    let body =
        |rates: &[i16]| format!("<UpdatePricePrimaryElement>{}</UpdatePricePrimaryElement>", price_elements(rates));
    assert_eq!(judged(&body(&[900, 900]), Esme, &close), Ok("set prices"));
    field(&body(&[900]), Esme, &close, "method");
    let open = action(method(70, [0, 0, 96, 3, 20, 255], 1), Data::Integer(0));
    field(&body(&[900, 900]), Esme, &open, "method");
    field(DISABLE, Esme, &close, "method");
}
