//! Critical requests in two steps, as SMETS2 clients send them: a pre-command is returned (Command Variant 4), and goes on once its
//! User has signed it (5). Nothing else that is signed does.

use jiff::{SignedDuration, Timestamp};
use tern_model::{DeviceId, GroupId};
use tern_service::clock::Clock;
use tern_testkit::{Letterbox, Served, ServedPlan, UserClient};
use tern_wire::Verified;
use tern_wire::duis::{CommandVariant, Draft, Response, SchemaVersion, body_of, signed_pre_command};
use tern_world::devices::{Change, EffectRecord, LOG_FILE, LogRecord, SupplyState, read_log};

use crate::bench::{Bench, COUNTER, GROUPS, bench, log_bytes, read_registers, reply, served};
use crate::python::Judge;

const TRANSFORM: CommandVariant = CommandVariant::TRANSFORM;
const SIGNED: CommandVariant = CommandVariant::SEND_SIGNED;

/// A User that works in two steps.
struct TwoSteps<'b> {
    bench: &'b Bench,
    user: UserClient,
    letterbox: Letterbox,
}

/// The service as configured for it.
fn plan(bench: &Bench) -> ServedPlan {
    let mut plan = bench.plan();
    plan.config.gateway.pre_commands = true;
    plan
}

fn disable() -> Draft {
    Draft::new("DisableSupply")
}

impl<'b> TwoSteps<'b> {
    fn open(bench: &'b Bench, name: &str) -> (TwoSteps<'b>, Served) {
        let letterbox = bench.letterbox(name);
        let service = served(bench, plan(bench).reached_at(name, letterbox.address));
        (TwoSteps { bench, user: service.user(name), letterbox }, service)
    }

    fn now(&self) -> Timestamp {
        self.bench.clock.now()
    }

    /// What the transform service answers.
    #[track_caller]
    fn transformed(&self, device: DeviceId, counter: u64, srv: &str, body: Draft) -> Verified<Response> {
        let request = self.user.request((device.0, TRANSFORM), counter, srv, body);
        self.user.asks("serviceT", &request, self.now())
    }

    /// The payload that is returned of a request.
    #[track_caller]
    fn payload(&self, device: DeviceId, counter: u64, srv: &str, body: Draft) -> Vec<u8> {
        let answer = self.transformed(device, counter, srv, body);
        assert_eq!(answer.header().code.as_str(), "I0", "{srv}");
        answer.pre_command().expect("a pre-command")
    }

    /// The code on what is said of a signed pre-command.
    #[track_caller]
    fn signed(&self, device: DeviceId, counter: u64, srv: &str, pre_command: Draft) -> String {
        let request = self.user.request((device.0, SIGNED), counter, srv, pre_command);
        self.user.asks("serviceS", &request, self.now()).header().code.to_string()
    }

    #[track_caller]
    fn reply(&self) -> String {
        reply(&self.user, &self.letterbox, self.bench).root().source().to_owned()
    }
}

/// How a meter's supply changed, by its own log.
fn supplies(bench: &Bench, device: DeviceId) -> Vec<SupplyState> {
    let log = read_log(&bench.lab.world.dir().join(LOG_FILE)).expect("the log");
    let to = |record: LogRecord| match record {
        LogRecord::Effect(effect) if effect.device == Some(device) => state(&effect),
        _ => None,
    };
    log.into_iter().filter_map(to).collect()
}

fn state(effect: &EffectRecord) -> Option<SupplyState> {
    match &effect.change {
        Change::Supply { to, .. } => Some(*to),
        Change::Gas { change } => match &**change {
            Change::Supply { to, .. } => Some(*to),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_meter_of_every_cohort_obeys_a_pre_command_once_its_user_has_signed_it() {
    let bench = bench();
    for (counter, group) in (COUNTER..).step_by(100_000_000).zip(GROUPS) {
        let home = bench.home(group);
        let (steps, service) = TwoSteps::open(&bench, &home.supplier);
        let (user, before) = (&steps.user, log_bytes(&bench.lab));
        let request = user.request((home.esme.0, TRANSFORM), counter, "7.2", disable());
        let returned = user.tries("serviceT", &request).expect("an answer");
        let answer = user.believes(&returned.body, steps.now()).expect("a response");
        let pre_command = answer.body().child("PreCommand").expect("a pre-command");
        let body = body_of(pre_command).expect("the request's own body");
        assert_eq!(body.root().first().map(|asked| asked.name()), Some("DisableSupply"), "{group}");
        assert_eq!(user.tries("serviceT", &request).expect("an answer").body, returned.body, "the stored answer");
        assert_eq!((log_bytes(&bench.lab), supplies(&bench, home.esme)), (before, vec![]), "{group}: nothing was done");

        // Meanwhile others came, with counters far ahead.
        let later = user.request_to(home.esme, counter + 90_000_000, "4.1.1", read_registers());
        assert_eq!(user.asks("serviceS", &later, steps.now()).header().code.as_str(), "I99");
        assert!(steps.reply().contains("ReadInstantaneousImportRegistersRsp"), "{group}");

        let signed = signed_pre_command(&answer.pre_command().expect("a payload"), None);
        let request = user.request((home.esme.0, SIGNED), counter, "7.2", signed);
        let said = user.tries("serviceS", &request).expect("an answer");
        assert_eq!(user.believes(&said.body, steps.now()).expect("a response").header().code.as_str(), "I99");
        let told = steps.reply();
        assert!(told.contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""), "{group}: {told}");
        assert_eq!(supplies(&bench, home.esme), [SupplyState::Disabled], "{group}");
        // The same bytes again get the same answer, and what was signed once more is another message.
        assert_eq!(user.tries("serviceS", &request).expect("an answer").body, said.body, "{group}");
        let again = signed_pre_command(&answer.pre_command().expect("a payload"), Some(steps.now()));
        assert_eq!(steps.signed(home.esme, counter, "7.2", again), "E1000", "{group}");
        service.stop().expect("a clean end");
        assert_eq!(supplies(&bench, home.esme), [SupplyState::Disabled], "{group}: once");
    }
}

#[test]
fn a_signed_pre_command_is_held_until_the_moment_that_it_names() {
    let bench = bench();
    let home = bench.home(GroupId::EA);
    let (steps, service) = TwoSteps::open(&bench, &home.supplier);
    let prepayment = Draft::new("Prepayment")
        .with(Draft::leaf("SuspendDebtDisabled", true))
        .with(Draft::leaf("SuspendDebtEmergency", 0))
        .with(Draft::leaf("DisablementThreshold", -500));
    let mode = Draft::new("UpdatePaymentMode").with(prepayment);
    let payload = steps.payload(home.esme, COUNTER, "1.6", mode);
    // What was returned outlives the service that returned it.
    service.stop().expect("a clean end");
    drop(steps);
    let (steps, service) = TwoSteps::open(&bench, &home.supplier);
    let at = steps.now() + SignedDuration::from_hours(2);
    let before = log_bytes(&bench.lab);
    assert_eq!(steps.signed(home.esme, COUNTER, "1.6", signed_pre_command(&payload, Some(at))), "I99");
    bench.clock.step(SignedDuration::from_hours(1));
    assert_eq!(steps.letterbox.next_within(std::time::Duration::from_millis(1_500)), None, "it is not due");
    assert_eq!(log_bytes(&bench.lab), before, "nothing was done");
    bench.clock.step(SignedDuration::from_hours(1));
    let told = steps.reply();
    assert!(told.contains("<ra:UpdatePaymentModeRsp MessageSuccess=\"true\""), "{told}");
    assert!(log_bytes(&bench.lab) > before, "it was done");
    // A service that waits for no moment does not do so as a pre-command either.
    let payload = steps.payload(home.esme, COUNTER + 1, "7.2", disable());
    let at = steps.now() + SignedDuration::from_hours(2);
    assert_eq!(steps.signed(home.esme, COUNTER + 1, "7.2", signed_pre_command(&payload, Some(at))), "E1000");
    service.stop().expect("a clean end");
}

#[test]
fn nothing_but_what_was_returned_goes_on() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let (steps, service) = TwoSteps::open(&bench, &home.supplier);
    let (esme, gsme) = (home.esme, home.gsme.expect("a gas meter"));
    let disable_payload = steps.payload(esme, COUNTER, "7.2", disable());
    let enable_payload = steps.payload(esme, COUNTER + 1, "7.1", Draft::new("EnableSupply"));
    let before = log_bytes(&bench.lab);
    let sign = |payload: &[u8]| signed_pre_command(payload, None);

    let spaced = [&disable_payload[..], b" "].concat();
    let refused = [
        ("nothing was returned under the RequestID", COUNTER + 9, esme, "7.2", sign(&disable_payload)),
        ("of another device", COUNTER, gsme, "7.2", sign(&disable_payload)),
        ("another pre-command's payload", COUNTER, esme, "7.2", sign(&enable_payload)),
        ("under another service", COUNTER, esme, "7.1", sign(&disable_payload)),
        ("a byte more", COUNTER, esme, "7.2", sign(&spaced)),
        ("no XML", COUNTER, esme, "7.2", sign(b"\x01\x02 <a>")),
        ("nothing", COUNTER, esme, "7.2", sign(b"")),
        ("XML of no Body", COUNTER, esme, "7.2", sign(b"<DisableSupply/>")),
        ("the request's body itself", COUNTER, esme, "7.2", disable()),
    ];
    for (why, counter, device, srv, body) in refused {
        assert_eq!(steps.signed(device, counter, srv, body), "E1000", "{why}");
    }
    // By another schema it might say something else.
    let mut other = steps.user.clone();
    other.version = SchemaVersion::V5_4;
    let request = other.request((esme.0, SIGNED), COUNTER, "7.2", sign(&disable_payload));
    assert_eq!(other.asks("serviceS", &request, steps.now()).header().code.as_str(), "E1000");

    // What is not critical has no pre-command, nor has what the DCC answers; each goes to its own web service.
    let code =
        |service: &str, request: String| steps.user.asks(service, &request, steps.now()).header().code.to_string();
    let request =
        |variant, target: DeviceId, srv: &str, body| steps.user.request((target.0, variant), COUNTER + 20, srv, body);
    assert_eq!(code("serviceT", request(TRANSFORM, esme, "4.1.1", read_registers())), "E12");
    let dcc = DeviceId(steps.user.dcc);
    let inventory = Draft::new("ReadInventory").with(Draft::leaf("DeviceID", esme));
    assert_eq!(code("serviceT", request(TRANSFORM, dcc, "8.2", inventory)), "E12");
    assert_eq!(code("serviceS", request(TRANSFORM, esme, "7.2", disable())), "E13");
    assert_eq!(code("serviceT", request(SIGNED, esme, "7.2", sign(&disable_payload))), "E13");
    // One that is refused returns nothing that could be signed.
    let others = bench.homes.iter().find(|other| other.supplier != home.supplier).expect("another's home");
    let refused = steps.transformed(others.esme, COUNTER + 21, "7.2", disable());
    assert_eq!((refused.header().code.as_str(), refused.pre_command()), ("E4", None));
    assert_eq!(steps.signed(others.esme, COUNTER + 21, "7.2", sign(&disable_payload)), "E1000");
    assert_eq!(log_bytes(&bench.lab), before, "no device heard of anything");

    // After all that the true one goes on, and that of a gas meter too.
    assert_eq!(steps.signed(esme, COUNTER, "7.2", sign(&disable_payload)), "I99");
    assert!(steps.reply().contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""));
    service.stop().expect("a clean end");
    let gas = home.gas_supplier.as_deref().expect("a gas supplier");
    let (steps, service) = TwoSteps::open(&bench, gas);
    let counter = COUNTER + 100;
    let payload = steps.payload(gsme, counter, "7.2", disable());
    assert_eq!(steps.signed(gsme, counter, "7.2", sign(&payload)), "I99");
    assert!(steps.reply().contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""));
    service.stop().expect("a clean end");
    assert_eq!(supplies(&bench, esme), [SupplyState::Disabled]);
    assert_eq!(supplies(&bench, gsme), [SupplyState::Disabled]);
}

#[test]
fn without_the_option_critical_requests_come_signed_once() {
    let bench = bench();
    let home = bench.home(GroupId::CB);
    let service = served(&bench, bench.plan());
    let user = service.user(&home.supplier);
    let code = |service: &str, variant, body| {
        let request = user.request((home.esme.0, variant), COUNTER, "7.2", body);
        user.asks(service, &request, bench.clock.now()).header().code.to_string()
    };
    assert_eq!(code("serviceT", TRANSFORM, disable()), "E12");
    assert_eq!(code("serviceS", SIGNED, signed_pre_command(b"anything", None)), "E12");
    assert_eq!(code("serviceS", CommandVariant::SEND, disable()), "I99");
    service.stop().expect("a clean end");
}

#[test]
fn the_published_schemas_allow_every_pre_command_that_is_returned() {
    const TEST: &str = "the_published_schemas_allow_every_pre_command_that_is_returned";
    let bench = bench();
    let home = bench.home(GroupId::DA);
    let (steps, service) = TwoSteps::open(&bench, &home.supplier);
    let wishes = crate::wishes::wishes(home);
    let critical = |wish: &&crate::wishes::Wish| {
        wish.of == crate::wishes::Of::Esme && tern_requests::find(wish.srv).is_some_and(|srv| srv.critical)
    };
    let mut emitted = Vec::new();
    for version in SchemaVersion::ALL {
        let mut user = steps.user.clone();
        user.version = version;
        for wish in wishes.iter().filter(critical) {
            let unsigned = wish.unsigned(&user, home, COUNTER + emitted.len() as u64);
            let unsigned = unsigned.replace("<CommandVariant>1<", "<CommandVariant>4<");
            let request = tern_wire::dsig::sign(&unsigned, &user.signer).expect("signed");
            let said = user.tries("serviceT", &request).expect("an answer").body;
            let answer = user.believes(&said, steps.now()).expect("a response");
            assert_eq!(answer.version(), version);
            let returned = answer.body().child("PreCommand").and_then(body_of);
            let asked = returned.as_ref().and_then(|body| body.root().first());
            assert_eq!(asked.map(|asked| asked.name()), tern_requests::find(wish.srv).map(|srv| srv.body));
            emitted.push((version, said));
        }
    }
    service.stop().expect("a clean end");
    assert!(emitted.len() > 12, "{} pre-commands", emitted.len());
    let Some(judge) = Judge::new(TEST) else { return };
    let versions = judge.versions();
    emitted.retain(|(version, _)| versions.contains(version));
    let verdicts = judge.judge(emitted.iter().map(|(version, text)| (*version, text.as_str()))).verdicts();
    assert_eq!(verdicts, "V".repeat(emitted.len()));
}
