//! What each body asks for, and how it is answered: bodies are judged by the published schema before, and answers after.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{DeviceKind, DeviceModel, Digest, Eui64, PartyId, Role};
use tern_requests::families::{self, CertificateUse, FAMILIES, Order, RemoteParty, Said, Work};
use tern_requests::registry::Handling;
use tern_requests::task::{
    CalendarDate, ClockStatus, Currency, ImportRegisters, Millipence, PaymentMode, PrepayValues, Price, ProfileEntry,
    SupplyCommand, SupplyState, Switch, Utrn,
};
use tern_requests::{ALL, Reason, Refusal, Task, TaskAnswer, find};
use tern_wire::duis::{self, Received, RequestId, SchemaVersion, Smets1Response};
use tern_wire::smki::issuing::{AuthorityRequest, Issuer, OrganisationRequest, Serial, Validity};
use tern_wire::smki::{Signer, Usage};
use tern_wire::xml::Limits;

const USER: Eui64 = Eui64(0x90B3_D51F_3001_0000);
const DEVICE: Eui64 = Eui64(0x00DB_1234_5678_90A0);

fn id() -> RequestId {
    RequestId { originator: USER, target: DEVICE, counter: 1_614_679_200_123 }
}

/// What a body asks for; the schema must allow the request around it.
#[track_caller]
fn plan(srv: &str, kind: DeviceKind, body: &str) -> Result<Work, Refusal> {
    let row = find(srv).expect("a variant");
    let xml = format!(
        "<sr:Request xmlns:sr=\"{}\" schemaVersion=\"5.1\"><sr:Header><sr:RequestID>{}</sr:RequestID>\
         <sr:CommandVariant>1</sr:CommandVariant><sr:ServiceReference>{}</sr:ServiceReference>\
         <sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant></sr:Header><sr:Body>{}</sr:Body></sr:Request>",
        duis::SR,
        id(),
        row.reference(),
        prefixed(body),
    );
    let received = Received::new("request.xml", xml.as_bytes(), &Limits::MESSAGE).expect("text");
    let incoming = received.parse().expect("XML");
    let request = incoming.request(SchemaVersion::V5_1).unwrap_or_else(|faults| panic!("{srv}: {faults:?}"));
    families::plan(&Order { srv: row, body: request.claimed().body(), kind, id: id() })
}

/// The body's tags in the namespace of DUIS.
fn prefixed(body: &str) -> String {
    body.replace("</", "\u{1}").replace('<', "<sr:").replace('\u{1}', "</sr:")
}

#[track_caller]
fn asks(srv: &str, kind: DeviceKind, body: &str, task: Task) {
    assert_eq!(plan(srv, kind, body), Ok(Work::Device(task)), "{srv}");
}

#[track_caller]
fn not_kept(srv: &str, kind: DeviceKind, body: &str, words: &str) {
    let refusal = plan(srv, kind, body).expect_err("refused");
    assert!(refusal.reason == Reason::BodyNotKept && refusal.text.contains(words), "{refusal}");
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

#[test]
fn every_processed_variant_has_one_family_and_no_other_has_any() {
    for srv in ALL {
        let is_read = srv.handling == Handling::Processed;
        let families = FAMILIES.iter().filter(|family| family.srvs.contains(&srv.number)).count();
        assert_eq!(families, usize::from(is_read), "{}", srv.number);
    }
    let order = find("3.1").expect("a variant");
    assert!(families::of(order).is_none());
}

#[test]
fn reads_ask_for_what_they_name() {
    let esme = DeviceKind::Esme;
    asks("4.1.1", esme, "<ReadInstantaneousImportRegisters/>", Task::ReadImportRegisters);
    asks("4.3", esme, "<ReadInstantaneousPrepayValues/>", Task::ReadPrepayValues);
    asks("4.18", esme, "<ReadMeterBalance/>", Task::ReadBalance);
    asks("7.4", esme, "<ReadSupplyStatus/>", Task::ReadSupply);
    asks("11.2", esme, "<ReadFirmwareVersion/>", Task::ReadFirmware);
    let (from, to) = (moment("2021-03-01T00:00:00Z"), moment("2021-03-02T00:00:00Z"));
    asks("4.8.1", esme, &profile("2021-03-01T00:00:00Z", "2021-03-02T00:00:00"), Task::ReadImportProfile { from, to });
    not_kept("4.8.1", esme, &profile("2021-03-02T00:00:00Z", "2021-03-01T00:00:00Z"), "before it begins");
    not_kept("4.8.1", esme, &profile("2019-01-01T00:00:00Z", "2021-03-01T00:00:00Z"), "19056");
}

fn profile(from: &str, to: &str) -> String {
    format!(
        "<ReadActiveImportProfileData><ReadLogPeriod><StartDateTime>{from}</StartDateTime><EndDateTime>{to}</EndDateTime>\
         </ReadLogPeriod></ReadActiveImportProfileData>"
    )
}

#[test]
fn orders_say_what_becomes_of_supply_clock_mode_trust_and_firmware() {
    let esme = DeviceKind::Esme;
    let supply = |command| Task::Supply { command };
    asks("7.1", esme, "<EnableSupply/>", supply(SupplyCommand::Enable));
    asks("7.2", esme, "<DisableSupply/>", supply(SupplyCommand::Disable));
    asks("7.3", esme, "<ArmSupply/>", supply(SupplyCommand::Arm));
    let clock = Task::SetClock { now: moment("2021-03-02T10:00:00Z"), tolerance_seconds: 10 };
    let times = "<CurrentDateTime>2021-03-02T10:00:00.00Z</CurrentDateTime><TolerancePeriod>10</TolerancePeriod>";
    for (srv, name) in [("6.11", "SynchroniseClock"), ("8.1.1", "CommissionDeviceSynchroniseClock")] {
        asks(srv, esme, &format!("<{name}>{times}</{name}>"), clock.clone());
    }
    let credit = Task::SetPaymentMode { mode: PaymentMode::Credit };
    asks("1.6", esme, "<UpdatePaymentMode><Credit/></UpdatePaymentMode>", credit);
    let mode = PaymentMode::Prepayment {
        suspend_debt_disabled: true,
        suspend_debt_emergency: false,
        disablement_threshold: Millipence(-500),
    };
    let prepayment = "<UpdatePaymentMode><Prepayment><SuspendDebtDisabled>true</SuspendDebtDisabled><SuspendDebtEmergency>0\
         </SuspendDebtEmergency><DisablementThreshold>-500</DisablementThreshold></Prepayment></UpdatePaymentMode>";
    asks("1.6", esme, prepayment, Task::SetPaymentMode { mode });
    let other = DEVICE.to_string().parse().expect("a Device ID");
    let join = |name: &str| format!("<{name}><OtherDeviceID>{DEVICE}</OtherDeviceID></{name}>");
    asks("8.7.1", esme, &join("JoinServiceCritical"), Task::JoinCritical { other });
    asks("8.7.2", DeviceKind::Ppmid, &join("JoinServiceNonCritical"), Task::JoinNonCritical { other });
    let hash = format!("<ActivateFirmware><FirmwareHash>{}</FirmwareHash></ActivateFirmware>", "AB".repeat(32));
    asks("11.3", esme, &hash, Task::ActivateFirmware { digest: Digest([0xAB; 32]) });
}

#[test]
fn the_dcc_makes_the_utrn_of_the_users_credit_and_the_requests_counter() {
    let body = |utrn: &str| format!("<TopUpDevice><UTRN>{utrn}</UTRN></TopUpDevice>");
    let users = Utrn::made(2_000, 77).expect("a UTRN");
    let utrn = Utrn::made(2_000, id().counter).expect("a UTRN");
    assert_ne!(users, utrn);
    asks("2.2", DeviceKind::Gsme, &body(users.as_str()), Task::TopUp { utrn });
    let mut wrong = users.as_str().to_owned();
    wrong.replace_range(19.., if wrong.ends_with('0') { "1" } else { "0" });
    not_kept("2.2", DeviceKind::Gsme, &body(&wrong), "check digit");
}

const OPEN_DATE: &str = "<Year><NonSpecifiedYear/></Year><Month><SpecifiedMonth>3</SpecifiedMonth></Month><DayOfMonth><LastDayOfMonth/>\
     </DayOfMonth><DayOfWeek><NonSpecifiedDayOfWeek/></DayOfWeek>";

fn electricity_tariff(prices: &str, action: &str) -> String {
    let days: String = (1..=7).map(|n| format!("<ReferencedDayName index=\"{n}\">1</ReferencedDayName>")).collect();
    let thresholds: String = (1..=8)
        .map(|n| format!("<Thresholds index=\"{n}\"><BlockThreshold index=\"1\">{n}000</BlockThreshold></Thresholds>"))
        .collect();
    format!(
        "<UpdateImportTariffPrimaryElement><ElecTariffElements><CurrencyUnits>GBP</CurrencyUnits><SwitchingTable><DayProfiles><DayProfile>\
         <DayName>1</DayName><ProfileSchedule><StartTime>00:00:00</StartTime><TOUTariffAction>1</TOUTariffAction></ProfileSchedule>\
         <ProfileSchedule><StartTime>07:30:00Z</StartTime>{action}</ProfileSchedule></DayProfile></DayProfiles>\
         <WeekProfiles><WeekProfile><WeekName>1</WeekName>{days}</WeekProfile></WeekProfiles><Seasons><Season><SeasonName>All\
         </SeasonName><SeasonStartDate>{OPEN_DATE}</SeasonStartDate><ReferencedWeekName>1</ReferencedWeekName></Season></Seasons>\
         </SwitchingTable><SpecialDays><SpecialDay><Date>{OPEN_DATE}</Date><ReferencedDayName>1</ReferencedDayName></SpecialDay>\
         </SpecialDays><ThresholdMatrix>{thresholds}</ThresholdMatrix></ElecTariffElements>{}</UpdateImportTariffPrimaryElement>",
        electricity_prices(prices)
    )
}

fn electricity_prices(prices: &str) -> String {
    format!(
        "<PriceElements><ElectricityPriceElements><StandingCharge>2500</StandingCharge><StandingChargeScale>-4\
         </StandingChargeScale><PriceScale>-5</PriceScale>{prices}</ElectricityPriceElements></PriceElements>"
    )
}

const TWO_RATES: &str =
    "<TOUTariff><TOUPrice index=\"2\">15000</TOUPrice><TOUPrice index=\"1\">9000</TOUPrice></TOUTariff>";

#[test]
fn a_tariff_is_read_whole() {
    let body = electricity_tariff(TWO_RATES, "<TOUTariffAction>2</TOUTariffAction>");
    let Ok(Work::Device(Task::SetTariff { tariff })) = plan("1.1.1", DeviceKind::Esme, &body) else {
        panic!("no tariff");
    };
    let price = |amount, scale| Price { amount, scale };
    assert_eq!(tariff.prices.rates, [price(9000, -5), price(15000, -5)], "by index");
    assert_eq!((tariff.prices.standing_charge, tariff.prices.currency), (price(2500, -4), Currency::Gbp));
    assert_eq!(tariff.days[0].schedule, [Switch { minute: 0, rate: 1 }, Switch { minute: 450, rate: 2 }]);
    assert_eq!((tariff.weeks[0].days, tariff.seasons[0].name.trim()), ([1; 7], "All"));
    let date = CalendarDate { year: None, month: Some(3), day: Some(0xFE), weekday: None };
    assert_eq!((tariff.seasons[0].start, tariff.special_days[0].date), (date, date));
    assert_eq!((tariff.thresholds.len(), tariff.thresholds[7][0]), (8, 8000));
}

#[test]
fn what_a_meter_cannot_keep_is_refused_plainly() {
    let esme = DeviceKind::Esme;
    let blocks =
        "<BlockTariff><BlockPrices index=\"1\"><BlockPrice index=\"1\">1</BlockPrice></BlockPrices></BlockTariff>";
    not_kept("1.1.1", esme, &electricity_tariff(blocks, "<TOUTariffAction>2</TOUTariffAction>"), "blocks");
    not_kept("1.1.1", esme, &electricity_tariff(TWO_RATES, "<BlockTariffAction>1</BlockTariffAction>"), "blocks");
    not_kept("1.1.1", esme, &electricity_tariff(TWO_RATES, "<TOUTariffAction>3</TOUTariffAction>"), "rate 3");
    not_kept("1.1.1", DeviceKind::Gsme, &electricity_tariff(TWO_RATES, "<TOUTariffAction>2</TOUTariffAction>"), "Gas");
    let price =
        |prices: &str| format!("<UpdatePricePrimaryElement>{}</UpdatePricePrimaryElement>", electricity_prices(prices));
    let gap = "<TOUTariff><TOUPrice index=\"1\">1</TOUPrice><TOUPrice index=\"3\">1</TOUPrice></TOUTariff>";
    not_kept("1.2.1", esme, &price(gap), "count from 1");
    let Ok(Work::Device(Task::SetPrice { prices })) = plan("1.2.1", esme, &price(TWO_RATES)) else {
        panic!("no prices")
    };
    assert!(prices.differ());
}

#[test]
fn gas_has_a_rate_a_day_and_prices_without_a_scale() {
    let days: String = (1..=7).map(|n| format!("<ReferencedDayName index=\"{n}\">2</ReferencedDayName>")).collect();
    let date = "<GasYearWithWildcards><SpecifiedYear>2021</SpecifiedYear></GasYearWithWildcards><GasMonthWithWildcards><NonSpecifiedMonth/>\
         </GasMonthWithWildcards><GasDayOfMonthWithWildcards><SpecifiedDayOfMonth>05</SpecifiedDayOfMonth>\
         </GasDayOfMonthWithWildcards><GasDayOfWeekWithWildcards><SpecifiedDayOfWeek>1</SpecifiedDayOfWeek>\
         </GasDayOfWeekWithWildcards>";
    let body = format!(
        "<UpdateImportTariffPrimaryElement><GasTariffElements><SwitchingTable><DayProfiles><DayProfile><DayName>2</DayName>\
         <TOUTariffAction>1</TOUTariffAction></DayProfile></DayProfiles><WeekProfiles><WeekProfile><WeekName>1</WeekName>{days}\
         </WeekProfile></WeekProfiles><Seasons><Season><SeasonStartDate>{date}</SeasonStartDate><ReferencedWeekName>1\
         </ReferencedWeekName></Season></Seasons></SwitchingTable><SpecialDays/><ThresholdMatrix><BlockThreshold index=\"1\">7\
         </BlockThreshold></ThresholdMatrix></GasTariffElements><PriceElements><GasPriceElements><CurrencyUnits>ECB</CurrencyUnits>\
         <StandingCharge>26000</StandingCharge><TOUTariff><TOUPrice index=\"1\">4100</TOUPrice></TOUTariff></GasPriceElements>\
         </PriceElements></UpdateImportTariffPrimaryElement>"
    );
    let Ok(Work::Device(Task::SetTariff { tariff })) = plan("1.1.1", DeviceKind::Gsme, &body) else {
        panic!("no tariff")
    };
    assert_eq!(tariff.prices.rates, [Price { amount: 4100, scale: -5 }]);
    assert_eq!((tariff.prices.currency, tariff.thresholds), (Currency::Ecb, vec![vec![7]]));
    assert_eq!(tariff.days[0].schedule, [Switch { minute: 0, rate: 1 }]);
    let start = CalendarDate { year: Some(2021), month: None, day: Some(5), weekday: Some(1) };
    assert_eq!(tariff.seasons[0].start, start);
}

#[test]
fn credentials_and_images_are_read() {
    let cos = "<UpdateSecurityCredentialsCoS><SupplierFloorSeqNumber>9</SupplierFloorSeqNumber><SupplierReplacementCertificates>\
         <DigitalSigningCertificate>AQID</DigitalSigningCertificate><KeyAgreementTopUpCertificate>BA==</KeyAgreementTopUpCertificate>\
         </SupplierReplacementCertificates><CertificationPathCertificates><Certificate>BQ==</Certificate>\
         </CertificationPathCertificates><ApplyTimeBasedCPVChecks>true</ApplyTimeBasedCPVChecks><ImportMPxN>2000012345678</ImportMPxN>\
         </UpdateSecurityCredentialsCoS>";
    let Ok(Work::Credentials(change)) = plan("6.23", DeviceKind::Esme, cos) else { panic!("no change") };
    assert!(change.change_of_supplier && change.party == RemoteParty::Supplier);
    let held = [(CertificateUse::DigitalSigning, vec![1, 2, 3]), (CertificateUse::KeyAgreementTopUp, vec![4])];
    assert_eq!((change.certificates.as_slice(), change.path, change.floor), (held.as_slice(), vec![vec![5]], Some(9)));
    assert_eq!(change.mpxn.as_deref(), Some("2000012345678"));
    let krp = "<UpdateSecurityCredentialsKRP><RemotePartyRole>NetworkOperator</RemotePartyRole><RemotePartyFloorSeqNumber>7\
         </RemotePartyFloorSeqNumber><ReplacementCertificates><SupplierOrNetworkOperatorCertificates><DigitalSigningCertificate>AQ==\
         </DigitalSigningCertificate></SupplierOrNetworkOperatorCertificates></ReplacementCertificates><CertificationPathCertificates>\
         <Certificate>BQ==</Certificate></CertificationPathCertificates><ApplyTimeBasedCPVChecks>false</ApplyTimeBasedCPVChecks>\
         </UpdateSecurityCredentialsKRP>";
    let Ok(Work::Credentials(change)) = plan("6.15.1", DeviceKind::Esme, krp) else { panic!("no change") };
    assert_eq!((change.party, change.floor, change.mpxn), (RemoteParty::NetworkOperator, Some(7), None));
    let update = format!(
        "<UpdateFirmware><FirmwareImage>AQIDBA==</FirmwareImage><FirmwareVersion>00010203</FirmwareVersion><DeviceIDList>{DEVICE},{USER},{DEVICE}\
         </DeviceIDList></UpdateFirmware>"
    );
    let Ok(Work::Firmware(update)) = plan("11.1", DeviceKind::Esme, &update.replace("\n", "")) else {
        panic!("no image")
    };
    assert_eq!((update.image.as_slice(), update.devices.len()), ([1, 2, 3, 4].as_slice(), 2));
    assert_eq!(format!("{update:?}"), "00010203 of 4 bytes for 2 devices");
}

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number: u8| Serial::from_random([number; 16]);
    let (root, _) =
        Issuer::root(&AuthorityRequest { common_name: "Root", validity, serial: serial(1) }).expect("a root");
    let z1 = AuthorityRequest { common_name: "Z1", validity, serial: serial(2) };
    let (authority, _) = root.issuing_authority(&z1).expect("an authority");
    let s1sp = OrganisationRequest {
        common_name: "S1SP",
        party: PartyId(USER),
        role: Role::S1sp,
        usage: Usage::Sign,
        validity,
        serial: serial(3),
    };
    let issued = authority.issue(&s1sp).expect("a certificate");
    Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("a signer")
});

/// The answer as it is signed, which the schemas of all versions must allow.
#[track_caller]
fn answered(srv: &str, kind: DeviceKind, said: Said<'_>) -> String {
    let draft = families::answer(find(srv).expect("a variant"), kind, said).expect("an answer");
    let response = Smets1Response {
        originator: DEVICE,
        target: USER,
        counter: 1,
        service: srv.parse().ok(),
        at: None,
        body: Smets1Response::data(draft),
    };
    let write = |version| {
        duis::smets1_response(&response, version, &SIGNER).unwrap_or_else(|fault| panic!("{srv} {kind}: {fault}"))
    };
    let written = SchemaVersion::ALL.map(write);
    let from = written[0].find("SMETSData>").expect("the data");
    written[0][from..].split("</ra:SMETSData>").next().expect("the data").to_owned()
}

#[test]
fn every_answer_and_every_refusal_is_of_the_schema() {
    for srv in ALL.iter().filter(|srv| srv.handling == Handling::Processed && !srv.is_non_device()) {
        for kind in srv.targets().filter_map(|allowed| allowed.target.device()) {
            let refused = answered(srv.number, kind, Said::Refused);
            assert!(refused.contains("MessageSuccess=\"false\""), "{}: {refused}", srv.number);
            for answer in answers() {
                answered(srv.number, kind, Said::Obeyed(&answer));
            }
        }
    }
    assert_eq!(families::answer(find("8.2").expect("a variant"), DeviceKind::Esme, Said::Refused), None);
}

fn answers() -> Vec<TaskAnswer> {
    let money = Millipence;
    let model = DeviceModel { manufacturer: "M".to_owned(), model: "X".to_owned(), firmware: "00010203".to_owned() };
    let start = moment("2021-03-01T23:30:00Z");
    let values = PrepayValues {
        balance: money(1),
        emergency_credit: money(2),
        accumulated_debt: money(3),
        payment_debt: money(4),
        time_debts: [money(5), money(6)],
        low_credit: false,
    };
    vec![
        TaskAnswer::Done,
        TaskAnswer::Registers(ImportRegisters::Electricity { active_wh: 123, rates_wh: vec![100, 23] }),
        TaskAnswer::Registers(ImportRegisters::Gas { litres: 4_005 }),
        TaskAnswer::PrepayValues(values),
        TaskAnswer::Profile { entries: vec![ProfileEntry { start, used: 1_007 }], gas: true },
        TaskAnswer::Profile { entries: vec![ProfileEntry { start, used: 250 }], gas: false },
        TaskAnswer::Balance { balance: money(-20), mode: PaymentMode::Credit },
        TaskAnswer::Supply { state: SupplyState::Armed, battery_days: Some(4_000) },
        TaskAnswer::Clock { reads: start, status: ClockStatus::Reliable },
        TaskAnswer::Firmware { model },
        TaskAnswer::AlreadyUsed,
    ]
}

#[test]
fn answers_say_what_the_device_said() {
    let (esme, gsme) = (DeviceKind::Esme, DeviceKind::Gsme);
    let all = answers();
    let said = |srv: &str, kind: DeviceKind, at: usize| answered(srv, kind, Said::Obeyed(&all[at]));
    #[track_caller]
    fn holds(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    holds(&said("4.1.1", esme, 1), &["<ra:Value>123</ra:Value><ra:ActiveEnergyUnit>Wh<", "MessageSuccess=\"true\""]);
    holds(&said("4.1.1", gsme, 2), &["<ra:Value>4.005</ra:Value><ra:Unit>m3<"]);
    holds(&said("4.3", esme, 3), &["<ra:TimeDebtRegister2>6<", "<ra:MeterBalance>1<"]);
    holds(&said("4.8.1", gsme, 4), &["<ra:Timestamp>2021-03-01T23:30:00Z<", "<ra:Gas><ra:PrimaryValue>1.007<"]);
    holds(&said("4.8.1", esme, 5), &["<ra:Electricity><ra:PrimaryValue>250<"]);
    holds(&said("4.18", esme, 6), &["<ra:MeterBalance>-20<"]);
    holds(&said("4.18", gsme, 6), &["<ra:Gas><ra:MeterBalancePrepaymentMode>-20<"]);
    holds(&said("7.4", gsme, 7), &["<ra:SupplyState>Armed<", "<ra:RemainingBatteryCapacity>4000<"]);
    assert!(!said("7.4", esme, 7).contains("Battery"));
    holds(&said("6.11", esme, 8), &["<ra:TimeStatus>reliable<", "TimeStatusCode=\"0\""]);
    holds(&said("8.1.1", gsme, 8), &["<ra:GasClockTimeStatus ResponseCode=\"0\"><ra:ASN1Status>reliable<"]);
    holds(&said("11.2", DeviceKind::Ppmid, 9), &["<ra:FirmwareVersion>00010203<"]);
    holds(&said("11.3", esme, 9), &["<ra:ASN1Status>success<", "<ra:FirmwareVersion>00010203<"]);
    holds(&said("2.2", gsme, 10), &["MessageSuccess=\"false\""]);
    holds(&answered("8.7.1", esme, Said::Refused), &["<ra:ASN1Status>otherFailure<"]);
}

#[test]
fn a_top_up_that_no_device_took_is_told_by_an_alert_with_the_utrn_that_the_dcc_made() {
    let utrn = Utrn::made(1000, 7).expect("a UTRN");
    let task = Task::TopUp { utrn: utrn.clone() };
    assert_eq!(families::utrn_of(&task), Some(&utrn));
    for (said, told) in [
        (Said::Obeyed(&TaskAnswer::Done), None),
        (Said::Obeyed(&TaskAnswer::AlreadyUsed), Some(Reason::TopUpFailed)),
        (Said::Refused, Some(Reason::TopUpFailed)),
    ] {
        assert_eq!(families::told_by_alert(&task, said).map(|refusal| refusal.reason), told);
    }
    assert_eq!(families::told_by_alert(&Task::ReadBalance, Said::Refused), None, "others have a response for it");
    assert_eq!(families::utrn_of(&Task::ReadBalance), None);
}
