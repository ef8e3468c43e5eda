//! What the DCO does on the S1SP's orders, seen from both of its sides: the S1SP's and the device's.

use crate::desk::{
    self, CHF, Desk, ESME, GET, GSME, MASTER, Meter, PPMID, TITLE, moment, opened, replace, sealed, set, transfer,
    wrapped,
};
use crate::support::{hex, python};
use tern_dco::{Package, PackageState};
use tern_dlms::Data;
use tern_dlms::apdu::ActionResult;
use tern_dlms::security::Form;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, Role, SetId};
use tern_store::{SqliteStore, StoreView};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal, MasterKeyOf};

fn make(under: MasterKeyOf, not_below: u32) -> DcoRequest {
    DcoRequest::MakeCritical { instruction: GET.to_vec(), under, not_below }
}

fn verify(under: MasterKeyOf, answer: Vec<u8>) -> DcoRequest {
    DcoRequest::VerifyCritical { under, answer }
}

pub fn code(answer: Result<DcoReply, LinkRefusal>) -> String {
    answer.expect_err("refused").code
}

/// Gives the meter the DCO's master key; what it was.
pub fn next_master(desk: &mut Desk) -> [u8; 16] {
    assert_eq!(desk.ask(DcoRequest::PrepareMasterKey), Ok(DcoReply::Done));
    let forward = protected(desk, replace(MasterKeyOf::Smso));
    opened(&MASTER, &Meter::holding(&MASTER).takes(&forward).1)
}

/// The meter says how it stands, under the one or the other master key.
fn believes(desk: &mut Desk, meter: &mut Meter, under: MasterKeyOf) {
    critical(desk, under, 0);
    assert_eq!(desk.ask(verify(under, meter.answers())), Ok(DcoReply::MasterKeyHolds));
}

fn restore(evidence: Vec<u8>) -> DcoRequest {
    DcoRequest::RestoreMasterKey { evidence }
}

/// The SMSO's master key is the meter's again.
pub fn goes_back(desk: &mut Desk, meter: &mut Meter) {
    protected(desk, replace(MasterKeyOf::Dco));
    meter.holds(&MASTER);
    critical(desk, MasterKeyOf::Smso, 0);
    assert_eq!(desk.ask(restore(meter.answers())), Ok(DcoReply::Done));
}

fn in_force(dco: bool, next: bool) -> Result<DcoReply, LinkRefusal> {
    Ok(DcoReply::InForce { dco, next })
}

fn protected(desk: &mut Desk, what: DcoRequest) -> Vec<u8> {
    match desk.ask(what).expect("protects") {
        DcoReply::Critical { apdu } => apdu,
        other => panic!("{other:?}"),
    }
}

pub fn critical(desk: &mut Desk, under: MasterKeyOf, not_below: u32) -> Vec<u8> {
    protected(desk, make(under, not_below))
}

#[test]
fn a_meter_is_asked_re_keyed_and_put_in_force() {
    let mut desk = Desk::new();
    let mut meter = Meter::holding(&MASTER);
    let asked = critical(&mut desk, MasterKeyOf::Smso, 500);
    assert_eq!(meter.hears(&asked), Some(500));
    assert_eq!(desk.ask(verify(MasterKeyOf::Smso, meter.answers())), Ok(DcoReply::MasterKeyHolds));
    let keys: Vec<u8> = (0..64).collect();
    let instruction = transfer(&[0, 2]);
    let reply = desk.ask(DcoRequest::FillKeyTransfer { instruction, sealed: sealed(&keys) }).expect("fills");
    let DcoReply::Transfer { forward, back } = reply else { panic!("{reply:?}") };
    // Sealed are authentication before encryption; the standard's ids are 0 for encryption, 2 for authentication.
    for (apdu, first) in [(forward, 0_usize), (back, 32)] {
        let keys_of = |from: usize| keys[first + from..first + from + 16].to_vec();
        let given: Vec<_> = wrapped(&apdu).iter().map(|(id, w)| (*id, opened(&MASTER, w).to_vec())).collect();
        assert_eq!(given, [(0, keys_of(16)), (2, keys_of(0))]);
    }
    let next = next_master(&mut desk);
    assert_eq!(next_master(&mut desk), next, "asked again, the same key");
    assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(false, true));
    meter.holds(&next);
    let asked = critical(&mut desk, MasterKeyOf::Dco, 0);
    assert_eq!(meter.hears(&asked), Some(503), "the meter counts once for all keys: two transfers came before");
    let evidence = meter.answers();
    assert_eq!(desk.ask(DcoRequest::Activate { evidence: evidence.clone() }), Ok(DcoReply::Done));
    assert_eq!(desk.ask(DcoRequest::Activate { evidence }), Ok(DcoReply::Done), "asked again");
    assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(true, true));
    let package = desk.package(ESME).expect("a package");
    let states: Vec<_> = package.versions().iter().map(|v| (v.of, v.state)).collect();
    let expected = [(MasterKeyOf::Smso, PackageState::Retired), (MasterKeyOf::Dco, PackageState::Active)];
    assert_eq!(states, expected);
}

#[test]
fn a_package_goes_back_only_where_the_meter_itself_says_that_it_did() {
    let mut desk = Desk::new();
    let mut meter = Meter::holding(&MASTER);
    critical(&mut desk, MasterKeyOf::Smso, 0);
    let (asked_before, kept_back) = (meter.answers(), meter.answers());
    assert_eq!(desk.ask(verify(MasterKeyOf::Smso, asked_before.clone())), Ok(DcoReply::MasterKeyHolds));
    let next = next_master(&mut desk);
    meter.holds(&next);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    assert_eq!(desk.ask(DcoRequest::Activate { evidence: meter.answers() }), Ok(DcoReply::Done));
    // Nobody's word, an old answer, one that was kept back, the DCO's own key's: none of them is the meter's.
    critical(&mut desk, MasterKeyOf::Smso, 0);
    for evidence in [Vec::new(), asked_before, kept_back, meter.answers()] {
        assert_eq!(code(desk.ask(restore(evidence))), "P-critical-answer");
        assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(true, true));
    }
    let back = protected(&mut desk, replace(MasterKeyOf::Dco));
    assert_eq!(opened(&next, &meter.takes(&back).1), MASTER, "the way back");
    let done = meter.did(ActionResult::Success);
    assert_eq!(code(desk.ask(restore(done))), "P-critical-answer", "that it took a key, under the key before");
    meter.holds(&MASTER);
    critical(&mut desk, MasterKeyOf::Smso, 0);
    let done = meter.did(ActionResult::Success);
    assert_eq!(code(desk.ask(restore(done))), "P-critical-answer", "no Device ID");
    let evidence = meter.answers();
    for _ in 0..2 {
        assert_eq!(desk.ask(restore(evidence.clone())), Ok(DcoReply::Done));
        assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(false, false));
    }
    // It can still be probed under the key that it had; what went back comes again in a new set only.
    let asked = critical(&mut desk, MasterKeyOf::Dco, 0);
    meter.holds(&next);
    assert!(meter.hears(&asked).is_some());
    assert_eq!(code(desk.ask(DcoRequest::Activate { evidence: meter.answers() })), "P-dco-consent");
    for under in [MasterKeyOf::Smso, MasterKeyOf::Dco] {
        assert_eq!(code(desk.ask(replace(under))), "P-dco-consent");
    }
}

#[test]
fn the_smsos_master_key_is_kept_until_the_rollback_window_closes_and_then_destroyed() {
    let mut desk = Desk::new();
    let next = next_master(&mut desk);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    let evidence = Meter::holding(&next).answers();
    assert_eq!(desk.ask(DcoRequest::Activate { evidence }), Ok(DcoReply::Done));
    let kept = |desk: &Desk| desk.package(ESME).expect("a package").versions()[0].kek().is_some();
    for (moment_of, there) in [("2021-03-16T23:59:59Z", true), ("2021-03-17T00:00:00Z", false)] {
        desk.now = moment(moment_of);
        assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(true, true));
        assert_eq!(kept(&desk), there, "{moment_of}");
    }
    let mut desk = desk.reopened();
    assert_eq!(code(desk.ask(restore(Meter::holding(&MASTER).answers()))), "P-dco-consent");
    assert_eq!(code(desk.ask(make(MasterKeyOf::Smso, 0))), "P-dual-control");
    for under in [MasterKeyOf::Smso, MasterKeyOf::Dco] {
        assert_eq!(code(desk.ask(replace(under))), "P-dual-control", "there is no way back any more");
    }
    critical(&mut desk, MasterKeyOf::Dco, 0);
    desk.store.verify_audit().expect("whole");
    // What went back within the window keeps it.
    let mut desk = Desk::new();
    let next = next_master(&mut desk);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    let mut meter = Meter::holding(&next);
    assert_eq!(desk.ask(DcoRequest::Activate { evidence: meter.answers() }), Ok(DcoReply::Done));
    goes_back(&mut desk, &mut meter);
    desk.now = moment("2022-01-01T00:00:00Z");
    assert_eq!(desk.ask(DcoRequest::QueryMasterKey), in_force(false, false));
    assert!(kept(&desk));
}

#[test]
fn an_order_is_of_one_set_one_hub_and_one_device() {
    let mut desk = Desk::new();
    let order = Desk::order(make(MasterKeyOf::Smso, 0));
    let others = [
        DcoOrder { set: SetId { counter: 2, ..set() }, ..order.clone() },
        DcoOrder { chf: ChfIdentifier(Eui64(CHF.0.0 ^ 1)), ..order.clone() },
        DcoOrder { device: DeviceId(Eui64(ESME.0.0 ^ 1)), ..order.clone() },
        DcoOrder { device: GSME, ..order.clone() },
    ];
    for other in others {
        assert_eq!(code(desk.obey(std::slice::from_ref(&other)).remove(0)), "P-dco-consent", "{other:?}");
    }
    let refused = desk.dco.obey(&mut desk.store, &[order], &|_, _| Ok(false), desk.now).expect("answers").remove(0);
    assert_eq!(code(refused), "P-dco-consent");
}

#[test]
fn an_instruction_that_is_another_is_refused_and_nothing_is_done() {
    let mut desk = Desk::new();
    // Opens the supply: class 70, 0.0.96.3.10.255, method 1.
    let supply = vec![0xC3, 0x01, 0xC1, 0x00, 0x46, 0x00, 0x00, 0x60, 0x03, 0x0A, 0xFF, 0x01, 0x00];
    let (under, keys) = (MasterKeyOf::Smso, sealed(&[1; 64]));
    let asks = [
        DcoRequest::MakeCritical { instruction: supply.clone(), under, not_below: 0 },
        DcoRequest::MakeCritical { instruction: transfer(&[3]), under, not_below: 0 },
        DcoRequest::MakeCritical { instruction: Vec::new(), under, not_below: 0 },
        make(under, u32::MAX - 10),
        make(MasterKeyOf::Dco, 0),
        DcoRequest::FillKeyTransfer { instruction: supply.clone(), sealed: keys.clone() },
        DcoRequest::FillKeyTransfer { instruction: transfer(&[3]), sealed: keys.clone() },
        DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed: vec![0; 256] },
        DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed: sealed(&[1; 63]) },
        DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[0, 2]), under, not_below: 0 },
        DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[2]), under, not_below: 0 },
        DcoRequest::FillMasterKeyTransfer { instruction: GET.to_vec(), under, not_below: 0 },
        // The next master key was not made yet.
        replace(MasterKeyOf::Smso),
        replace(MasterKeyOf::Dco),
    ];
    let before = desk.package(ESME);
    for ask in asks {
        assert_eq!(code(desk.ask(ask.clone())), "P-dual-control", "{ask:?}");
    }
    assert_eq!(desk.package(ESME), before);
    assert_eq!(desk.ask(DcoRequest::PrepareMasterKey), Ok(DcoReply::Done));
    let instruction = transfer(&[3]);
    let last = DcoRequest::FillMasterKeyTransfer { instruction, under, not_below: u32::MAX - 10 };
    assert_eq!(code(desk.ask(last)), "P-dual-control", "too few numbers are left");
}

#[test]
fn a_meter_says_under_its_keys_that_it_took_a_master_key_and_that_alone_puts_none_in_force() {
    let mut desk = Desk::new();
    let next = next_master(&mut desk);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    let (mut before, mut after) = (Meter::holding(&MASTER), Meter::holding(&next));
    let smso = MasterKeyOf::Smso;
    for not_done in [ActionResult::ReadWriteDenied, ActionResult::OtherReason] {
        assert_eq!(code(desk.ask(verify(smso, before.did(not_done)))), "P-critical-answer");
    }
    assert_eq!(code(desk.ask(verify(smso, after.did(ActionResult::Success)))), "P-critical-answer", "other keys");
    let done = before.did(ActionResult::Success);
    assert_eq!(desk.ask(verify(smso, done)), Ok(DcoReply::MasterKeyHolds));
    after.counter = before.counter;
    let evidence = after.did(ActionResult::Success);
    assert_eq!(code(desk.ask(DcoRequest::Activate { evidence })), "P-critical-answer");
    assert_eq!(desk.ask(DcoRequest::Activate { evidence: after.answers() }), Ok(DcoReply::Done));
}

#[test]
fn an_answer_is_believed_from_its_device_under_its_keys_and_once() {
    let mut desk = Desk::new();
    let mut meter = Meter::holding(&MASTER);
    let refused = |desk: &mut Desk, answer: Vec<u8>| {
        assert_eq!(code(desk.ask(verify(MasterKeyOf::Smso, answer))), "P-critical-answer");
    };
    refused(&mut desk, meter.answers());
    critical(&mut desk, MasterKeyOf::Smso, 0);
    let good = meter.answers();
    for at in 0..good.len() {
        let mut other = good.clone();
        other[at] ^= 0x10;
        refused(&mut desk, other);
        refused(&mut desk, good[..at].to_vec());
    }
    refused(&mut desk, Meter::holding(&[9; 16]).answers());
    refused(&mut desk, meter.tells(Data::octets(GSME.0.0.to_be_bytes())));
    refused(&mut desk, meter.tells(Data::Null));
    let newest = meter.answers();
    assert_eq!(desk.ask(verify(MasterKeyOf::Smso, newest.clone())), Ok(DcoReply::MasterKeyHolds));
    assert_eq!(desk.ask(verify(MasterKeyOf::Smso, newest)), Ok(DcoReply::MasterKeyHolds), "asked again");
    refused(&mut desk, good);
    // Other bytes under a number that was heard, after a crash too; in the form of one service an answer counts as well.
    let mut desk = desk.reopened();
    meter.counter -= 1;
    refused(&mut desk, meter.answers_in(Form::Global));
    assert_eq!(desk.ask(verify(MasterKeyOf::Smso, meter.answers_in(Form::Global))), Ok(DcoReply::MasterKeyHolds));
}

#[test]
fn an_invocation_counter_is_durable_before_it_leaves() {
    let mut desk = Desk::new();
    let meter = Meter::holding(&MASTER);
    let mut numbers = Vec::new();
    for _ in 0..5 {
        for _ in 0..3 {
            numbers.push(meter.hears(&critical(&mut desk, MasterKeyOf::Smso, 0)).expect("opens"));
        }
        desk = desk.reopened();
    }
    numbers.push(meter.hears(&critical(&mut desk, MasterKeyOf::Smso, 7_000)).expect("opens"));
    numbers.push(meter.hears(&critical(&mut desk, MasterKeyOf::Smso, 3)).expect("opens"));
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    assert_eq!(numbers[numbers.len() - 2..], [7_000, 7_001]);
    // Two askings in one batch are two numbers.
    let both = desk.obey(&[Desk::order(make(MasterKeyOf::Smso, 0)), Desk::order(make(MasterKeyOf::Smso, 0))]);
    assert_ne!(both[0], both[1]);
}

#[test]
fn one_operation_on_the_keys_of_a_device_at_a_time_whoever_asks() {
    let mut desk = Desk::new();
    let later = SetId { counter: 2, ..set() };
    desk.has_a_package_under(later);
    let of_later = |what| DcoOrder { set: later, ..Desk::order(what) };
    let keys = || DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed: sealed(&[1; 64]) };
    let mut meter = Meter::holding(&MASTER);
    for what in [DcoRequest::PrepareMasterKey, keys()] {
        desk.ask(what).expect("is over when it is answered");
    }
    desk.obey(&[of_later(DcoRequest::PrepareMasterKey)]).remove(0).expect("does nothing to the device");
    protected(&mut desk, replace(MasterKeyOf::Smso));
    // In the same batch, in another, after a crash, of another set: until the meter has spoken.
    for _ in 0..2 {
        let asks = [keys(), replace(MasterKeyOf::Dco)].map(Desk::order);
        let asks = [&asks[..], &[of_later(keys()), of_later(replace(MasterKeyOf::Smso))]].concat();
        for answer in desk.obey(&asks) {
            assert_eq!(code(answer), "P-dco-one-operation");
        }
        desk = desk.reopened();
    }
    protected(&mut desk, replace(MasterKeyOf::Smso));
    believes(&mut desk, &mut meter, MasterKeyOf::Smso);
    let mut both = desk.obey(&[of_later(replace(MasterKeyOf::Smso)), Desk::order(replace(MasterKeyOf::Smso))]);
    assert_eq!(code(both.remove(1)), "P-dco-one-operation", "the later set was first");
    both.remove(0).expect("is obeyed");
    // A meter that answers under a later set has heard of no earlier one any more.
    let ask = make(MasterKeyOf::Smso, 0);
    desk.obey(&[of_later(ask)]).remove(0).expect("protects");
    let answered = desk.obey(&[of_later(verify(MasterKeyOf::Smso, meter.answers()))]).remove(0);
    assert_eq!(answered, Ok(DcoReply::MasterKeyHolds));
    desk.ask(keys()).expect("nothing is under way");
    // What was refused did not begin.
    let instruction = transfer(&[2]);
    let under = MasterKeyOf::Smso;
    let other = DcoRequest::FillMasterKeyTransfer { instruction, under, not_below: 0 };
    assert_eq!(code(desk.ask(other)), "P-dual-control");
    desk.ask(keys()).expect("nothing is under way");
}

#[test]
fn joins_make_a_package_for_each_device_of_the_file_set_and_a_ppmids_from_the_system_change_on() {
    let devices = vec![
        (CHF.into(), DeviceKind::Chf),
        (ESME, DeviceKind::Esme),
        (GSME, DeviceKind::Gsme),
        (PPMID, DeviceKind::Ppmid),
    ];
    for (day, ppmid) in
        [("2020-09-24T22:59:59Z", false), ("2020-09-24T23:00:00Z", true), ("2021-03-02T12:00:00Z", true)]
    {
        let mut desk = Desk::new();
        desk.now = moment(day);
        let join = DcoRequest::Join { devices: devices.clone() };
        assert_eq!(desk.ask(join.clone()), Ok(DcoReply::Done));
        let there = |device| desk.package(device).is_some();
        assert_eq!([there(CHF.into()), there(GSME), there(PPMID)], [true, true, ppmid], "{day}");
        let state =
            |package: Option<Package>| package.map(|p| p.versions().iter().map(|v| v.state).collect::<Vec<_>>());
        let before = desk.package(GSME);
        assert_eq!(state(before.clone()), Some(vec![PackageState::New]));
        assert_eq!(desk.ask(join), Ok(DcoReply::Done), "asked again");
        assert_eq!(desk.package(GSME), before);
        // They follow the ESME's.
        let next = next_master(&mut desk);
        critical(&mut desk, MasterKeyOf::Dco, 0);
        let mut meter = Meter::holding(&next);
        assert_eq!(desk.ask(DcoRequest::Activate { evidence: meter.answers() }), Ok(DcoReply::Done));
        assert_eq!(state(desk.package(GSME)), Some(vec![PackageState::Active]));
        goes_back(&mut desk, &mut meter);
        assert_eq!(state(desk.package(GSME)), Some(vec![PackageState::Retired]));
    }
    let mut desk = Desk::new();
    for stranger in [(DeviceId(Eui64(9)), DeviceKind::Ppmid), (PPMID, DeviceKind::Gsme)] {
        let join = DcoRequest::Join { devices: vec![(GSME, DeviceKind::Gsme), stranger] };
        assert_eq!(code(desk.ask(join)), "P-dual-control", "{stranger:?}");
    }
    assert_eq!(desk.package(GSME), None);
}

const OPEN: &str = "
import hashlib, hmac, sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
master, title, *apdus = (bytes.fromhex(text) for text in sys.argv[1:5])
key = lambda name: hmac.new(master, name + title, hashlib.sha256).digest()[:16]
ek, ak = key(b'tern critical encryption'), key(b'tern critical authentication')
for apdu in apdus:
    assert apdu[0] == 0xDB and apdu[1] == 8 and apdu[10] == len(apdu) - 11
    sender, control, counter, body = apdu[2:10], apdu[11:12], apdu[12:16], apdu[16:]
    opener = Cipher(algorithms.AES(ek), modes.GCM(sender + counter, body[-12:], min_tag_length=12)).decryptor()
    opener.authenticate_additional_data(control + ak)
    plain = opener.update(body[:-12]) + opener.finalize()
    print(sender.hex(), control.hex(), int.from_bytes(counter, 'big'), plain[:21].hex())
print(len(aes_key_unwrap(master, plain[21:])))
";

#[test]
fn python_opens_what_the_dco_protects_and_wraps() {
    let mut desk = Desk::new();
    let apdu = critical(&mut desk, MasterKeyOf::Smso, 77);
    assert_eq!(desk.ask(DcoRequest::PrepareMasterKey), Ok(DcoReply::Done));
    let forward = protected(&mut desk, replace(MasterKeyOf::Smso));
    let arguments = [&MASTER[..], &ESME.0.0.to_be_bytes(), &apdu, &forward].map(hex);
    if let Some(said) = python("python_opens_what_the_dco_protects_and_wraps", OPEN, &arguments) {
        let (title, head) = (hex(&TITLE.0.to_be_bytes()), hex(&transfer(&[3])[..21]));
        assert_eq!(said, format!("{title} 30 77 {}\n{title} 30 78 {head}\n16", hex(&GET)));
    }
}

#[test]
fn a_store_of_the_release_before_opens_and_its_keys_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let copy = dir.path().join("dco.sqlite");
    std::fs::write(&copy, std::fs::read(desk::committed("packages-v1/dco.sqlite")).expect("reads")).expect("writes");
    let content = crate::support::secret(&std::fs::read(desk::committed("packages-v1/dco.seal")).expect("reads"));
    let custody = tern_dco::custody::FileCustody::new(&content).expect("a key");
    let mut store = SqliteStore::open(&copy, Role::Dco).expect("opens");
    let records = store.scan("package", None, 100).expect("reads");
    assert_eq!(records.len(), 11);
    let dco = desk::dco(Box::new(custody));
    let mut commissioned = 0;
    for (_, record) in &records {
        let package = Package::read(record).expect("reads");
        let order = |what| DcoOrder { set: package.set, chf: package.chf, device: package.device, what };
        let orders = [
            order(make(MasterKeyOf::Smso, 0)),
            order(DcoRequest::PrepareMasterKey),
            order(DcoRequest::QueryMasterKey),
            order(DcoRequest::Join { devices: vec![(package.device, DeviceKind::Esme)] }),
        ];
        let mut obey = |orders: &[DcoOrder]| {
            dco.obey(&mut store, orders, &|_, _| Ok(true), moment("2021-03-02T12:00:00Z")).expect("answers")
        };
        let answers = obey(&orders);
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let filled = obey(&[order(replace(package.in_force()))]).remove(0);
        assert!(matches!(filled, Ok(DcoReply::Critical { .. })), "{filled:?}");
        assert_eq!(answers[2], in_force(package.in_force() == MasterKeyOf::Dco, true));
        commissioned += usize::from(package.in_force() == MasterKeyOf::Dco);
    }
    assert_eq!(commissioned, 9, "as the demo that wrote it said: nine were commissioned");
    let again = store.scan("package", None, 100).expect("reads");
    assert!(again.iter().all(|(_, record)| record.version == 2), "what was touched is of this release");
}
