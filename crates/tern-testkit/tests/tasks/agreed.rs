//! S1SP and DCO read the same request, each by code of its own: what the one makes of it the other permits, and nothing of
//! another request.

use jiff::Timestamp;
use tern_cohorts::{Addressee, Conditions, cohort};
use tern_model::{Behaviour, DeviceKind};
use tern_requests::families::{Order, Work, plan};
use tern_wire::duis::Received;
use tern_wire::xml::Limits;

use super::bench::GROUPS;

fn now() -> Timestamp {
    "2021-03-02T09:00:00Z".parse().expect("a moment")
}

/// What is found of a request of this variant with this body.
fn of<T>(srv: &str, body: &str, find: impl FnOnce(Order<'_>) -> T) -> T {
    let reference =
        srv.rsplit_once('.').filter(|_| srv.matches('.').count() == 2).map_or(srv, |(reference, _)| reference);
    let text = format!(
        "<Request xmlns=\"http://www.dccinterface.co.uk/ServiceUserGateway\" schemaVersion=\"5.1\"><Header>\
         <RequestID>90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1000</RequestID><CommandVariant>1</CommandVariant>\
         <ServiceReference>{reference}</ServiceReference><ServiceReferenceVariant>{srv}</ServiceReferenceVariant>\
         </Header><Body>{body}</Body></Request>"
    );
    let received = Received::new("request", text.as_bytes(), &Limits::MESSAGE).expect("text");
    let incoming = received.parse().expect("a document");
    let version = incoming.version().expect("a version");
    let request = incoming.request(version).unwrap_or_else(|faults| panic!("{srv}: {}", faults[0]));
    let request = request.claimed();
    let (srv, id) = (tern_requests::find(srv).expect("is known"), request.header().request_id);
    find(Order { srv, body: request.body(), kind: DeviceKind::Esme, id })
}

/// What every cohort's S1SP would have a device hear for a request, the auxiliary load switch included.
fn instructions(srv: &str, body: &str, kind: DeviceKind) -> Vec<Vec<u8>> {
    let who = match kind {
        DeviceKind::Esme => Addressee::Esme,
        _ => Addressee::Gsme,
    };
    of(srv, body, |order| {
        let Ok(Work::Device(task)) = plan(&Order { kind, ..order }) else { panic!("{srv} asks nothing of a {kind}") };
        assert!(task.is_critical(), "{srv}");
        let behaviours = &[Behaviour::SwitchClosesAtTwoRates];
        let all = GROUPS.map(|group| {
            let conditions = Conditions { at: now(), behaviours };
            cohort(group).instructions(&task, who, &conditions).unwrap_or_else(|why| panic!("{srv}: {why}"))
        });
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "one protocol for all cohorts");
        all.into_iter().next().expect("instructions")
    })
}

fn permits(srv: &str, body: &str, kind: DeviceKind, instruction: &[u8]) -> Result<&'static str, String> {
    of(srv, body, |order| tern_dco::permits(order.body, kind, now(), instruction))
}

const DATES: [&str; 3] = [
    "<Year><NonSpecifiedYear/></Year><Month><NonSpecifiedMonth/></Month><DayOfMonth><NonSpecifiedDayOfMonth/></DayOfMonth>\
     <DayOfWeek><NonSpecifiedDayOfWeek/></DayOfWeek>",
    "<Year><SpecifiedYear>2021</SpecifiedYear></Year><Month><SpecifiedMonth>12</SpecifiedMonth></Month><DayOfMonth>\
     <SpecifiedDayOfMonth>25</SpecifiedDayOfMonth></DayOfMonth><DayOfWeek><NonSpecifiedDayOfWeek/></DayOfWeek>",
    "<Year><NonSpecifiedYear/></Year><Month><SpecifiedMonth>3</SpecifiedMonth></Month><DayOfMonth><LastDayOfMonth/></DayOfMonth>\
     <DayOfWeek><SpecifiedDayOfWeek>7</SpecifiedDayOfWeek></DayOfWeek>",
];

/// The same in the names that gas has for it, which knows no last day.
fn gas_date(date: &str) -> String {
    let mut date = date.to_owned();
    for part in ["Year", "Month", "DayOfMonth", "DayOfWeek"] {
        date = date.replace(&format!("<{part}>"), &format!("<Gas{part}WithWildcards>"));
        date = date.replace(&format!("</{part}>"), &format!("</Gas{part}WithWildcards>"));
    }
    date.replace("<NonSpecifiedDayOfMonth/>", "<GasNonSpecifiedDayOfMonth/>")
}

fn week(days: [u8; 7]) -> String {
    let day =
        |(index, day): (usize, &u8)| format!("<ReferencedDayName index=\"{}\">{day}</ReferencedDayName>", index + 1);
    days.iter().enumerate().map(day).collect()
}

fn electricity_prices(rates: &[i16]) -> String {
    let rate = |(at, price): (usize, &i16)| format!("<TOUPrice index=\"{}\">{price}</TOUPrice>", at + 1);
    let rates: String = rates.iter().enumerate().map(rate).collect();
    format!(
        "<PriceElements><ElectricityPriceElements><StandingCharge>-3</StandingCharge>\
         <StandingChargeScale>-1</StandingChargeScale><PriceScale>-4</PriceScale><TOUTariff>{rates}</TOUTariff>\
         </ElectricityPriceElements></PriceElements>"
    )
}

fn gas_prices(rates: &[u32]) -> String {
    let rate = |(at, price): (usize, &u32)| format!("<TOUPrice index=\"{}\">{price}</TOUPrice>", at + 1);
    let rates: String = rates.iter().enumerate().map(rate).collect();
    format!(
        "<PriceElements><GasPriceElements><CurrencyUnits>ECB</CurrencyUnits><StandingCharge>270</StandingCharge><TOUTariff>\
         {rates}</TOUTariff></GasPriceElements></PriceElements>"
    )
}

fn electricity_tariff() -> String {
    let switch = |time: &str, rate| {
        format!(
            "<ProfileSchedule><StartTime>{time}</StartTime><TOUTariffAction>{rate}</TOUTariffAction></ProfileSchedule>"
        )
    };
    let day = |name, switches: String| format!("<DayProfile><DayName>{name}</DayName>{switches}</DayProfile>");
    let days = day(1, switch("00:00:00.00Z", 2) + &switch("07:30:00.00Z", 1)) + &day(2, switch("00:00:00.00Z", 1));
    let seasons: String = DATES
        .iter()
        .map(|date| {
            format!(
                "<Season><SeasonName>S 1</SeasonName><SeasonStartDate>{date}</SeasonStartDate>\
                 <ReferencedWeekName>3</ReferencedWeekName></Season>"
            )
        })
        .collect();
    let special: String = DATES
        .iter()
        .map(|date| format!("<SpecialDay><Date>{date}</Date><ReferencedDayName>2</ReferencedDayName></SpecialDay>"))
        .collect();
    // In an order of their own: the index says where each stands.
    let thresholds: String = (1..=8)
        .rev()
        .map(|index| {
            format!(
                "<Thresholds index=\"{index}\"><BlockThreshold index=\"2\">{index}2</BlockThreshold>\
                 <BlockThreshold index=\"1\">{index}1</BlockThreshold></Thresholds>"
            )
        })
        .collect();
    format!(
        "<UpdateImportTariffPrimaryElement><ElecTariffElements><CurrencyUnits>ECB</CurrencyUnits><SwitchingTable>\
         <DayProfiles>{days}</DayProfiles><WeekProfiles><WeekProfile><WeekName>3</WeekName>{}</WeekProfile></WeekProfiles>\
         <Seasons>{seasons}</Seasons></SwitchingTable><SpecialDays>{special}</SpecialDays><ThresholdMatrix>{thresholds}\
         </ThresholdMatrix></ElecTariffElements>{}</UpdateImportTariffPrimaryElement>",
        week([1, 1, 1, 1, 1, 2, 2]),
        electricity_prices(&[3000, 900])
    )
}

fn gas_tariff() -> String {
    let dates = DATES[..2].iter().map(|date| gas_date(date)).collect::<Vec<_>>();
    let seasons: String = dates
        .iter()
        .map(|date| {
            format!(
                "<Season><SeasonStartDate>{date}</SeasonStartDate><ReferencedWeekName>1</ReferencedWeekName></Season>"
            )
        })
        .collect();
    let special: String = dates
        .iter()
        .map(|date| format!("<SpecialDay><Date>{date}</Date><ReferencedDayName>2</ReferencedDayName></SpecialDay>"))
        .collect();
    let day = |name, rate| {
        format!("<DayProfile><DayName>{name}</DayName><TOUTariffAction>{rate}</TOUTariffAction></DayProfile>")
    };
    format!(
        "<UpdateImportTariffPrimaryElement><GasTariffElements><SwitchingTable><DayProfiles>{}</DayProfiles><WeekProfiles>\
         <WeekProfile><WeekName>1</WeekName>{}</WeekProfile></WeekProfiles><Seasons>{seasons}</Seasons></SwitchingTable>\
         <SpecialDays>{special}</SpecialDays><ThresholdMatrix><BlockThreshold index=\"1\">4000</BlockThreshold>\
         </ThresholdMatrix></GasTariffElements>{}</UpdateImportTariffPrimaryElement>",
        day(1, 1) + &day(2, 2),
        week([1, 1, 1, 1, 1, 2, 2]),
        gas_prices(&[3500, 3100])
    )
}

/// A request of every critical variant that a meter is asked, for each kind of meter that it is for.
fn requests() -> Vec<(&'static str, String, DeviceKind)> {
    use DeviceKind::{Esme, Gsme};
    let mut all = vec![
        ("1.1.1", electricity_tariff(), Esme),
        ("1.1.1", gas_tariff(), Gsme),
        (
            "1.2.1",
            format!("<UpdatePricePrimaryElement>{}</UpdatePricePrimaryElement>", electricity_prices(&[7, -7])),
            Esme,
        ),
        ("1.2.1", format!("<UpdatePricePrimaryElement>{}</UpdatePricePrimaryElement>", gas_prices(&[7])), Gsme),
        ("7.1", "<EnableSupply/>".to_owned(), Esme),
        (
            "11.3",
            format!("<ActivateFirmware><FirmwareHash>{}</FirmwareHash></ActivateFirmware>", "0a".repeat(32)),
            Esme,
        ),
    ];
    let both = [
        ("1.6", "<UpdatePaymentMode><Credit/></UpdatePaymentMode>"),
        (
            "1.6",
            "<UpdatePaymentMode><Prepayment><SuspendDebtDisabled>0</SuspendDebtDisabled><SuspendDebtEmergency>true\
             </SuspendDebtEmergency><DisablementThreshold>-2147483648</DisablementThreshold></Prepayment>\
             </UpdatePaymentMode>",
        ),
        ("7.2", "<DisableSupply/>"),
        ("7.3", "<ArmSupply/>"),
        (
            "6.11",
            "<SynchroniseClock><CurrentDateTime>2021-03-02T08:59:59.5Z</CurrentDateTime><TolerancePeriod>1\
             </TolerancePeriod></SynchroniseClock>",
        ),
        ("8.7.1", "<JoinServiceCritical><OtherDeviceID>00-db-12-34-56-78-90-a4</OtherDeviceID></JoinServiceCritical>"),
    ];
    all.extend(both.iter().flat_map(|(srv, body)| [Esme, Gsme].map(|kind| (*srv, (*body).to_owned(), kind))));
    all
}

#[test]
fn what_the_s1sp_makes_of_a_request_the_dco_permits_and_under_no_other() {
    let requests = requests();
    let close_auxiliary = |instruction: &[u8]| instruction.windows(6).any(|name| name == [0, 0, 96, 3, 20, 255]);
    for (at, (srv, body, kind)) in requests.iter().enumerate() {
        for instruction in instructions(srv, body, *kind) {
            permits(srv, body, *kind, &instruction).unwrap_or_else(|why| panic!("{srv} for a {kind}: {why}"));
            for (other, (theirs, body, of)) in requests.iter().enumerate() {
                if other == at || of != kind || close_auxiliary(&instruction) {
                    continue;
                }
                assert!(permits(theirs, body, *of, &instruction).is_err(), "{srv} for a {kind} under {theirs}");
            }
        }
    }
}

/// The switch is closed beside two prices, whoever asks, and beside nothing else.
#[test]
fn the_auxiliary_load_switch_is_permitted_beside_two_rates_alone() {
    let two = instructions("1.1.1", &electricity_tariff(), DeviceKind::Esme).pop().expect("the switch");
    for (srv, body, kind) in requests() {
        let closes = kind == DeviceKind::Esme && body.contains("TOUPrice index=\"2\"");
        assert_eq!(permits(srv, &body, kind, &two).is_ok(), closes, "{srv} for a {kind}");
    }
}
