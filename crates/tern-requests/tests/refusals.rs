//! Every reason of every stage has a case that is refused for it, beside one that differs in that alone and passes.

#[path = "shared/at_the_gateway.rs"]
mod at_the_gateway;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tern_model::{Behaviour, DeviceId, DeviceKind, Eui64, InventoryStatus, PartyId, Place, UserRole};
use tern_requests::asked::{Asked, SIGNED_PRE_COMMAND};
use tern_requests::codes::{self, Basis, Codes, CodesProblem, DccAlert, Form, REASONS, Reason, Told};
use tern_requests::command_variant::WebService;
use tern_requests::families::{self, Said};
use tern_requests::stages::access_control::{self, AccessFacts, TargetDevice, User, UserStatus};
use tern_requests::stages::receipt::{self, PreCommand, ReceiptFacts, Seen, Signature};
use tern_requests::stages::s1sp::{self, S1spFacts};
use tern_requests::stages::{Limits, STAGES, Stage, countersign, dco, equivalent_steps, hold, respond};
use tern_requests::task::Utrn;
use tern_requests::{Refusal, Task};
use tern_wire::duis::{CommandVariant, RequestHeader, RequestId};
use tern_wire::{FaultKind, WireFault};

use at_the_gateway::AT_THE_GATEWAY;

const USER: &str = "90-B3-D5-1F-30-01-00-00";
const DCC: &str = "90-B3-D5-1F-30-00-00-02";
const METER: &str = "00-DB-12-34-56-78-90-A0";

fn eui(text: &str) -> Eui64 {
    text.parse().expect("an EUI-64")
}

fn now() -> Timestamp {
    "2021-03-02T10:00:00Z".parse().expect("a moment")
}

/// A request as the header says, to a meter.
fn asked(srv: &str, cv: u8, service: WebService) -> Asked {
    let target = if cv == 8 { DCC } else { METER };
    let id = RequestId { originator: eui(USER), target: eui(target), counter: 1_000_000_000 };
    let cv = CommandVariant::new(cv).expect("a Command Variant");
    let header = RequestHeader::new(id, cv, srv.parse().expect("a variant"));
    let body = tern_requests::find(srv).map_or("Nothing", |srv| srv.body);
    Asked::new(&header, body, None, service).expect("the registry knows it")
}

fn read() -> Asked {
    asked("4.1.1", 1, WebService::SendCommand)
}

fn received() -> ReceiptFacts {
    ReceiptFacts {
        signature: Signature::Good,
        connection: Some(PartyId(eui(USER))),
        seen: Seen::Never,
        highest_counter: Some(1_000_000_001),
        pre_command: PreCommand::Unknown,
    }
}

fn known() -> AccessFacts {
    AccessFacts {
        now: now(),
        dcc: eui(DCC),
        user: Some(User { roles: vec![UserRole::Is], status: UserStatus::Live }),
        device: Some(device()),
    }
}

fn device() -> TargetDevice {
    TargetDevice {
        kind: DeviceKind::Esme,
        status: Some(InventoryStatus::Commissioned),
        behaviours: Vec::new(),
        registered: vec![UserRole::Is],
    }
}

fn receipt_with(change: impl FnOnce(&mut Asked, &mut ReceiptFacts)) -> Option<Refusal> {
    let (mut asked, mut facts) = (read(), received());
    change(&mut asked, &mut facts);
    receipt::judge(&asked, &facts, &Limits::default()).err()
}

fn access_with(change: impl FnOnce(&mut Asked, &mut AccessFacts)) -> Option<Refusal> {
    let (mut asked, mut facts) = (read(), known());
    change(&mut asked, &mut facts);
    access_control::judge(&asked, &facts, &Limits::default()).err()
}

fn behaves(facts: &mut AccessFacts, kind: DeviceKind, behaviour: Behaviour) {
    facts.device = Some(TargetDevice { kind, behaviours: vec![behaviour], ..device() });
}

fn fine() -> S1spFacts {
    let (countersignature, signature) = (Signature::Good, Signature::Good);
    S1spFacts { countersignature, signature, behaviours: Some(Vec::new()), top_up_floor: None }
}

fn s1sp_with(change: impl FnOnce(&mut S1spFacts)) -> Option<Refusal> {
    let mut facts = fine();
    change(&mut facts);
    s1sp::judge(&read(), &facts, &Limits::default()).err()
}

fn fault(kind: FaultKind) -> WireFault {
    WireFault {
        kind,
        place: Place::document("request.xml"),
        message: "something is wrong".to_owned(),
        found: String::new(),
        expected: String::new(),
        suggestion: String::new(),
    }
}

fn some(found: &str) -> Signature {
    match found {
        "bad" => Signature::Bad(found.to_owned()),
        "certificate" => Signature::Certificate(found.to_owned()),
        _ => Signature::OfAnother(found.to_owned()),
    }
}

/// The refusal of a case made for a reason.
fn case(reason: Reason) -> Option<Refusal> {
    match reason {
        Reason::NotARequest => Some(receipt::not_a_request(&fault(FaultKind::Form))),
        Reason::Schema => Some(receipt::schema(&[fault(FaultKind::Schema), fault(FaultKind::Schema)])),
        Reason::ServiceMismatch => receipt_with(|asked, _| asked.body = "ReadMeterBalance".to_owned()),
        Reason::CommandVariant => receipt_with(|asked, _| *asked = self::asked("4.1.1", 3, WebService::SendCommand)),
        Reason::WebService => receipt_with(|asked, _| asked.service = WebService::NonDevice),
        Reason::Signature => receipt_with(|_, facts| facts.signature = some("bad")),
        Reason::Certificate => receipt_with(|_, facts| facts.signature = some("certificate")),
        Reason::Originator => receipt_with(|_, facts| facts.connection = Some(PartyId(eui(METER)))),
        Reason::RequestIdReused => receipt_with(|_, facts| facts.seen = Seen::ForOtherBytes),
        Reason::PreCommand => receipt_with(|asked, _| *asked = signed_pre_command()),
        Reason::CounterBehind => receipt_with(|_, facts| facts.highest_counter = Some(1_086_400_001)),
        Reason::UnknownUser => access_with(|_, facts| facts.user = None),
        Reason::UserRole => access_with(|_, facts| facts.user.as_mut().expect("a User").roles = vec![UserRole::Ou]),
        Reason::UserStatus => {
            access_with(|_, facts| facts.user.as_mut().expect("a User").status = UserStatus::Suspended)
        }
        Reason::NotForSmets1 => access_with(|asked, _| *asked = self::asked("11.4", 8, WebService::NonDevice)),
        Reason::NotYetProcessed => access_with(|asked, _| *asked = self::asked("3.1", 1, WebService::SendCommand)),
        Reason::NotTheDcc => access_with(|asked, _| {
            *asked = self::asked("8.2", 8, WebService::NonDevice);
            asked.id.target = eui(METER);
        }),
        Reason::UnknownDevice => access_with(|_, facts| facts.device = None),
        Reason::NotRegistered => access_with(|_, facts| {
            facts.device = Some(TargetDevice { registered: vec![UserRole::Gs], ..device() });
        }),
        Reason::ElectricitySupplierAlone => access_with(|asked, facts| {
            *asked = self::asked("11.3", 1, WebService::SendCommand);
            facts.user.as_mut().expect("a User").roles = vec![UserRole::Gs];
            behaves(facts, DeviceKind::Chf, Behaviour::ElectricitySupplierAlone);
            facts.device.as_mut().expect("a device").registered = vec![UserRole::Gs];
        }),
        Reason::DeviceStatus => access_with(|_, facts| {
            facts.device.as_mut().expect("a device").status = Some(InventoryStatus::Suspended);
        }),
        Reason::DeviceKind => access_with(|_, facts| facts.device.as_mut().expect("a device").kind = DeviceKind::Ppmid),
        Reason::UnsupportedOnDay => access_with(|asked, facts| {
            *asked = self::asked("11.2", 1, WebService::SendCommand);
            behaves(facts, DeviceKind::Ppmid, Behaviour::Unsupported);
        }),
        Reason::ExecutionTime => {
            access_with(|asked, _| asked.execution = Some(now() + SignedDuration::from_hours(31 * 24)))
        }
        Reason::HeldTooLong => hold::overdue(now(), now() + SignedDuration::from_hours(25), &Limits::default()).err(),
        Reason::NoS1sp => countersign::s1sp(DeviceId(eui(DCC)), None).err(),
        Reason::Countersignature => s1sp_with(|facts| facts.signature = some("bad")),
        Reason::UnknownToS1sp => s1sp_with(|facts| facts.behaviours = None),
        Reason::Credentials => {
            let facts = S1spFacts { top_up_floor: Some(1_000_000_000), ..fine() };
            s1sp::judge(&asked("2.2", 1, WebService::SendCommand), &facts, &Limits::default()).err()
        }
        Reason::NotProcessed => s1sp_with(|facts| facts.behaviours = Some(vec![Behaviour::NotProcessed])),
        Reason::AlertInstead => s1sp_with(|facts| facts.behaviours = Some(vec![Behaviour::AlertInsteadOfResponse])),
        Reason::BodyNotKept => Some(equivalent_steps::Failed::NotKept("blocks".to_owned()).into()),
        Reason::DeviceUnreachable => Some(equivalent_steps::Failed::Unreachable("no WAN".to_owned()).into()),
        Reason::TopUpFailed => {
            let utrn = Utrn::made(500, 7).expect("a UTRN");
            families::told_by_alert(&Task::TopUp { utrn }, Said::Refused)
        }
        Reason::DeviceSilent => Some(equivalent_steps::Failed::Silent.into()),
        Reason::NotCorresponding => Some(dco::DcoSaid::No("another supply state".to_owned()).into()),
        Reason::KeysMissing => Some(dco::DcoSaid::KeysMissing("no package".to_owned()).into()),
        Reason::DcoSilent => Some(dco::DcoSaid::Nothing.into()),
        Reason::NoResponse => respond::awaited(now(), now()).err(),
        Reason::NoDeviceLeft => families::distribution::sort(&[], |_| true).err(),
        _ => None,
    }
}

/// A signed pre-command, whose transformed request is unknown here.
fn signed_pre_command() -> Asked {
    let mut asked = asked("7.1", 5, WebService::SendCommand);
    asked.body = SIGNED_PRE_COMMAND.to_owned();
    asked
}

#[test]
fn every_reason_has_a_case_that_is_refused_for_it() {
    for row in REASONS {
        if AT_THE_GATEWAY.contains(&row.reason) {
            assert_eq!(row.stage, Stage::NonDevice, "{}", row.key);
            continue;
        }
        let refusal = case(row.reason).unwrap_or_else(|| panic!("{}: passes", row.key));
        assert_eq!(refusal.reason, row.reason, "{refusal}");
        assert_eq!(refusal.stage(), row.stage, "{refusal}");
        assert!(!refusal.text.is_empty() && !refusal.suggestion().is_empty(), "{refusal}");
    }
}

#[test]
fn the_same_cases_pass_where_nothing_is_wrong() {
    assert_eq!(receipt_with(|_, _| {}), None);
    assert_eq!(access_with(|_, _| {}), None);
    assert_eq!(s1sp_with(|_| {}), None);
    assert_eq!(receipt_with(|_, facts| facts.highest_counter = Some(1_086_400_000)), None, "exactly the window");
    let returned = receipt_with(|asked, facts| {
        *asked = signed_pre_command();
        facts.pre_command = PreCommand::Returned;
        facts.highest_counter = Some(u64::MAX);
    });
    assert_eq!(returned, None, "a signed pre-command bears an old counter");
    let altered = receipt_with(|asked, facts| {
        *asked = signed_pre_command();
        facts.pre_command = PreCommand::Altered;
    });
    assert_eq!(altered.map(|refusal| refusal.reason), Some(Reason::PreCommand));
    assert_eq!(access_with(|asked, _| asked.execution = Some(now() + SignedDuration::from_hours(30 * 24))), None);
    assert_eq!(access_with(|asked, _| asked.execution = "3000-12-31T00:00:00Z".parse().ok()), None, "takes back");
    assert_eq!(countersign::s1sp(DeviceId(eui(DCC)), Some(PartyId(eui(DCC)))), Ok(PartyId(eui(DCC))));
    assert_eq!(respond::awaited(now(), now() - SignedDuration::from_secs(1)), Ok(()));
    assert_eq!(hold::overdue(now(), now() + SignedDuration::from_hours(24), &Limits::default()), Ok(()));
}

#[test]
fn a_list_of_checks_asks_what_its_stage_has_in_the_order_of_the_table() {
    let of = |stage: Stage| REASONS.iter().filter(move |row| row.stage == stage).map(|row| row.reason);
    let receipt: Vec<Reason> = receipt::CHECKS.iter().map(|check| check.reason).collect();
    let read_elsewhere = [Reason::NotARequest, Reason::Schema];
    assert_eq!(receipt, of(Stage::Receipt).filter(|r| !read_elsewhere.contains(r)).collect::<Vec<_>>());
    let access: Vec<Reason> = access_control::CHECKS.iter().map(|check| check.reason).collect();
    assert_eq!(access, of(Stage::AccessControl).collect::<Vec<_>>());
    let s1sp: Vec<Reason> = s1sp::CHECKS.iter().map(|check| check.reason).collect();
    assert_eq!(s1sp, of(Stage::S1sp).collect::<Vec<_>>());
    let stages: Vec<Stage> = REASONS.iter().map(|row| row.stage).collect();
    assert!(stages.is_sorted());
    assert!(STAGES.iter().all(|row| row.stage.row() == row));
    assert!(REASONS.iter().all(|row| row.reason.row() == row));
    let off: Vec<Stage> = STAGES.iter().filter(|row| !row.is_on).map(|row| row.stage).collect();
    assert_eq!(off, [Stage::AnomalyDetection]);
}

#[test]
fn codes_are_known_and_those_that_nobody_confirmed_are_configuration() {
    assert_eq!(codes::KNOWN.len(), 194);
    assert_eq!(codes::KNOWN.iter().collect::<BTreeSet<_>>().len(), 194);
    let later =
        ["E050111", "E050112", "E062305", "E062306", "E081406", "E110106", "E120103", "E65", "E66", "E67", "E68"];
    for row in REASONS {
        match row.form {
            Form::Response => {
                assert!(codes::is_known(row.code) && !later.contains(&row.code), "{}: {}", row.key, row.code);
                assert_eq!(
                    codes::meaning(row.code).is_some(),
                    row.basis != Basis::Unconfirmed || row.code == "E11",
                    "{}",
                    row.key
                );
            }
            Form::S1spAlert => assert_eq!(row.code, format!("P-{}", row.key)),
        }
    }
    let codes = Codes::overridden([("schema", "E1001"), ("device-silent", "X1")]).expect("both are configuration");
    assert_eq!(codes.of(Reason::Schema), Told::Response("E1001".parse().expect("a code")));
    assert_eq!(codes.of(Reason::DeviceSilent), Told::S1spAlert("X1".to_owned()));
    assert_eq!(codes.code(Reason::WebService), "E13");
    let codes = Codes::overridden([("alert-s1sp", "N999")]).expect("it is configuration");
    assert_eq!((codes.alert(DccAlert::S1spAlert), codes.alert(DccAlert::HubFirmwareRequested)), ("N999", "N56"));
    assert!(["N0", "N32", "N66", "N07", "X1", "AD2"].into_iter().all(|code| !codes::is_alert_code(code)));
    let problem = |key: &str, code: &str| Codes::overridden([(key, code)]).err();
    assert_eq!(problem("web-service", "E12"), Some(CodesProblem::Confirmed("web-service".to_owned())));
    assert_eq!(problem("schema", "E32"), Some(CodesProblem::UnknownCode("E32".to_owned())));
    assert_eq!(problem("alert-s1sp", "N32"), Some(CodesProblem::UnknownCode("N32".to_owned())));
    assert_eq!(problem("shema", "E40"), Some(CodesProblem::UnknownReason("shema".to_owned())));
}
