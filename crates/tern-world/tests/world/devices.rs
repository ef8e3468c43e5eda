//! Each row of the simulated devices, what they refuse, what they remember, and how they fail.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::*;
use tern_model::{CertificateId, DeviceId, Eui64, Secret};
use tern_wire::device_link::{AssociationKeys, DeviceError, Proof, Reply, Row, master_key_proof};
use tern_world::devices::{
    Change, EffectRecord, Estate, FaultKind, Fingerprint, LogRecord, Times, World, read_log, read_snapshots,
    write_faults,
};
use tern_world::{WorldError, devices};

fn effects(world: &World) -> Vec<EffectRecord> {
    let records = read_log(&world.dir().join(devices::LOG_FILE)).expect("a log");
    records.into_iter().filter_map(|r| if let LogRecord::Effect(e) = r { Some(e) } else { None }).collect()
}

fn new_certificate() -> CertificateId {
    CertificateId::from_parts(90, "CN=Z1,OU=07")
}

#[test]
fn the_hub_takes_an_apn_and_a_whitelist_and_tells_them() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let whitelist = vec![esme(DUAL), gsme(DUAL)];
    let set = Row::SetApn { apn: "s1sp.apn".to_owned() };
    assert_eq!(ask(&world, DUAL, &key(DUAL, "W1", "do", 1), set), Some(Ok(Reply::Done)));
    let set = Row::SetWhitelist { devices: whitelist.clone() };
    assert_eq!(ask(&world, DUAL, &key(DUAL, "15.11", "do", 1), set), Some(Ok(Reply::Done)));
    let Some(Ok(Reply::Hub(hub))) = ask(&world, DUAL, "probe", Row::ReadHub) else { panic!("no hub") };
    assert_eq!(
        (hub.device, hub.apn.as_str(), hub.whitelist, hub.certificate),
        (DeviceId(DUAL.0), "s1sp.apn", whitelist, smso_certificate())
    );
    let other = world.snapshot(SINGLE).expect("is there");
    assert_eq!(other.apn, "smso.apn");
    assert_eq!(effects(&world).iter().map(|e| e.row.as_str()).collect::<Vec<_>>(), ["set-apn", "set-whitelist"]);
}

#[test]
fn the_esme_opens_and_tells_of_itself_to_the_holder_of_its_keys_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let proof = smso_keys().prove(esme(DUAL), "a", Row::CONTENT_ASSOCIATE);
    assert_eq!(ask(&world, DUAL, "a", Row::Associate { proof: proof.clone() }), Some(Ok(Reply::Done)));
    let rejected = Some(Err(DeviceError::KeyRejected));
    assert_eq!(ask(&world, DUAL, "b", Row::Associate { proof: proof.clone() }), rejected, "another effect");
    assert_eq!(ask(&world, DUAL, "a", Row::ReadEsme { proof: proof.clone() }), rejected, "another content");
    assert_eq!(ask(&world, SINGLE, "a", Row::Associate { proof }), rejected, "another device");
    let mut one_bit = [1; 16];
    one_bit[15] ^= 1;
    let wrong = AssociationKeys { authentication: Secret::new(one_bit), ..smso_keys() };
    let proof = wrong.prove(esme(DUAL), "a", Row::CONTENT_ASSOCIATE);
    assert_eq!(ask(&world, DUAL, "a", Row::Associate { proof }), rejected, "one key bit");
    let proof = smso_keys().prove(esme(DUAL), "r", Row::CONTENT_READ);
    let Some(Ok(Reply::Esme(status))) = ask(&world, DUAL, "r", Row::ReadEsme { proof }) else { panic!("no status") };
    assert_eq!((status.device, status.model.model.as_str()), (esme(DUAL), "meter"));
    assert!(effects(&world).is_empty(), "reading changes nothing");
}

#[test]
fn the_esme_proves_its_master_key_and_the_gsme_tells_of_itself() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let challenge = [9; 16];
    let answer = ask(&world, DUAL, "c", Row::ChallengeMasterKey { challenge });
    let expected = master_key_proof(&smso_master(), esme(DUAL), &challenge);
    assert_eq!(answer, Some(Ok(Reply::MasterKeyProof { proof: expected })));
    let Some(Ok(Reply::Gsme(status))) = ask(&world, DUAL, "g", Row::ReadGsme) else { panic!("no GSME") };
    assert_eq!(status.device, gsme(DUAL));
    assert_eq!(ask(&world, SINGLE, "g", Row::ReadGsme), Some(Err(DeviceError::NoSuchDevice)));
}

#[test]
fn a_certificate_is_put_in_charge_of_hub_and_meters_and_of_no_stranger() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let set = |device| Row::SetCertificate { device, certificate: new_certificate() };
    for (n, device) in (0..).zip([DeviceId(DUAL.0), esme(DUAL), gsme(DUAL)]) {
        assert_eq!(ask(&world, DUAL, &key(DUAL, "B6.4", "do", n), set(device)), Some(Ok(Reply::Done)));
    }
    let now = world.snapshot(DUAL).expect("is there");
    assert_eq!((now.chf_certificate, now.esme_certificate), (new_certificate(), new_certificate()));
    assert_eq!(now.gsme_certificate, Some(new_certificate()));
    let stranger = DeviceId(Eui64(5));
    assert_eq!(ask(&world, DUAL, "s", set(stranger)), Some(Err(DeviceError::NoSuchDevice)));
    assert_eq!(ask(&world, SINGLE, "s", set(gsme(DUAL))), Some(Err(DeviceError::NoSuchDevice)));
    assert_eq!(effects(&world).len(), 3);
}

#[test]
fn new_keys_need_the_proof_and_the_master_key_in_force() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let before = world.snapshot(DUAL).expect("is there");
    let other_master = Secret::new([4; 16]);
    let row = replace_keys(DUAL, "k", &new_keys(), &smso_master(), &new_keys());
    assert_eq!(ask(&world, DUAL, "k", row), Some(Err(DeviceError::KeyRejected)));
    let row = replace_keys(DUAL, "k", &smso_keys(), &other_master, &new_keys());
    assert_eq!(ask(&world, DUAL, "k", row), Some(Err(DeviceError::UnwrapFailed)));
    let row = replace_master(DUAL, "m", &new_keys(), &smso_master(), &other_master);
    assert_eq!(ask(&world, DUAL, "m", row), Some(Err(DeviceError::KeyRejected)));
    let row = replace_master(DUAL, "m", &smso_keys(), &other_master, &other_master);
    assert_eq!(ask(&world, DUAL, "m", row), Some(Err(DeviceError::UnwrapFailed)));
    let proof = smso_keys().prove(esme(DUAL), "m", &[1, 2, 3]);
    let row = Row::ReplaceMasterKey { proof, master: vec![1, 2, 3] };
    assert_eq!(ask(&world, DUAL, "m", row), Some(Err(DeviceError::UnwrapFailed)), "a key cut short");
    assert_eq!(world.snapshot(DUAL), Some(before));
    assert!(effects(&world).is_empty());
}

#[test]
fn after_a_replacement_the_old_keys_are_refused_and_the_new_ones_hold() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let row = replace_keys(DUAL, "k", &smso_keys(), &smso_master(), &new_keys());
    assert_eq!(ask(&world, DUAL, "k", row), Some(Ok(Reply::Done)));
    let associate =
        |keys: &AssociationKeys| Row::Associate { proof: keys.prove(esme(DUAL), "a", Row::CONTENT_ASSOCIATE) };
    assert_eq!(ask(&world, DUAL, "a", associate(&smso_keys())), Some(Err(DeviceError::KeyRejected)));
    assert_eq!(ask(&world, DUAL, "a", associate(&new_keys())), Some(Ok(Reply::Done)));
    let new_master = Secret::new([13; 16]);
    let row = replace_master(DUAL, "m", &new_keys(), &smso_master(), &new_master);
    assert_eq!(ask(&world, DUAL, "m", row), Some(Ok(Reply::Done)));
    let row = replace_keys(DUAL, "k2", &new_keys(), &smso_master(), &smso_keys());
    assert_eq!(ask(&world, DUAL, "k2", row), Some(Err(DeviceError::UnwrapFailed)), "the old master key");
    let row = replace_keys(DUAL, "k3", &new_keys(), &new_master, &smso_keys());
    assert_eq!(ask(&world, DUAL, "k3", row), Some(Ok(Reply::Done)), "and back again");
    let now = world.snapshot(DUAL).expect("is there");
    assert_eq!(now.association_keys, Fingerprint::of_association(&smso_keys()));
    assert_eq!(now.master_key, Fingerprint::of_key(&new_master));
}

#[test]
fn an_effect_that_is_asked_for_again_is_answered_again_and_happens_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let apn = |apn: &str| Row::SetApn { apn: apn.to_owned() };
    let keys = replace_keys(DUAL, "k", &smso_keys(), &smso_master(), &new_keys());
    for _ in 0..3 {
        assert_eq!(ask(&world, DUAL, "w", apn("s1sp.apn")), Some(Ok(Reply::Done)));
        assert_eq!(ask(&world, DUAL, "k", keys.clone()), Some(Ok(Reply::Done)));
    }
    assert_eq!(effects(&world).len(), 2);
    assert_eq!(ask(&world, DUAL, "w back", apn("smso.apn")), Some(Ok(Reply::Done)));
    assert_eq!(ask(&world, DUAL, "w", apn("s1sp.apn")), Some(Ok(Reply::Done)), "the state moved on");
    assert_eq!(world.snapshot(DUAL).expect("is there").apn, "smso.apn");
    assert!(matches!(ask(&world, DUAL, "w", apn("third.apn")), Some(Err(DeviceError::Failed { .. }))));
    assert_eq!(ask(&world, SINGLE, "w", apn("third.apn")), Some(Ok(Reply::Done)), "another device's effect");
    assert_eq!(effects(&world).len(), 4);
}

#[test]
fn a_restart_brings_back_every_effect_and_what_was_asked_before() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let new_master = Secret::new([13; 16]);
    let certificate = Row::SetCertificate { device: esme(DUAL), certificate: new_certificate() };
    let rows = [
        ("w", Row::SetApn { apn: "s1sp.apn".to_owned() }),
        ("c", certificate),
        ("k", replace_keys(DUAL, "k", &smso_keys(), &smso_master(), &new_keys())),
        ("m", replace_master(DUAL, "m", &new_keys(), &smso_master(), &new_master)),
        ("k2", replace_keys(DUAL, "k2", &new_keys(), &new_master, &smso_keys())),
        ("l", Row::SetWhitelist { devices: vec![] }),
    ];
    for (key, row) in rows.clone() {
        assert_eq!(ask(&world, DUAL, key, row), Some(Ok(Reply::Done)), "{key}");
    }
    let before = [world.snapshot(DUAL), world.snapshot(SINGLE)].map(|s| s.expect("is there"));
    assert_eq!(read_snapshots(dir.path()).expect("reads while it runs"), before);
    drop(world);
    let log = dir.path().join(devices::LOG_FILE);
    let whole = fs::read(&log).expect("a log");
    fs::write(&log, [whole.as_slice(), b"{\"record\":\"effect\",\"ch"].concat()).expect("writes");
    let world = World::open(dir.path()).expect("opens");
    assert_eq!(world.snapshot(DUAL), Some(before[0].clone()));
    for (key, row) in rows {
        assert_eq!(ask(&world, DUAL, key, row), Some(Ok(Reply::Done)), "{key} again");
    }
    assert_eq!(fs::read(&log).expect("a log"), whole, "a cut line is dropped and nothing is logged twice");
}

#[test]
fn files_with_keys_are_their_owners_alone_and_the_log_shows_no_key() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    ask(&world, DUAL, "k", replace_keys(DUAL, "k", &smso_keys(), &smso_master(), &new_keys()));
    ask(&world, DUAL, "m", replace_master(DUAL, "m", &new_keys(), &smso_master(), &Secret::new([13; 16])));
    for file in [devices::INITIAL_FILE, devices::LOG_FILE] {
        let mode = fs::metadata(dir.path().join(file)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let log = fs::read_to_string(dir.path().join(devices::LOG_FILE)).expect("a log");
    for byte in ["01", "02", "03", "0b", "0c", "0d"] {
        assert!(!log.contains(&byte.repeat(16)), "{log}");
    }
    let Change::AssociationKeys { from, to, .. } = &effects(&world)[0].change else { panic!("not the keys") };
    assert_eq!(from, &Fingerprint::of_association(&smso_keys()));
    assert_eq!(to, &Fingerprint::of_association(&new_keys()));
}

#[test]
fn one_process_holds_a_directory_and_a_world_is_not_written_over() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = world(dir.path());
    assert!(matches!(World::open(dir.path()), Err(WorldError::Locked { .. })));
    assert!(World::create(dir.path(), &Estate::of(Vec::new())).is_err());
    drop(first);
    World::open(dir.path()).expect("opens");
}

#[test]
fn without_wan_nothing_is_reached_and_nothing_happens() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    assert!(world.arm(fault(DUAL, FaultKind::NoWan, "*", Times::Count(2))));
    let no_wan = Some(Err(DeviceError::NoWan));
    let set = Row::SetApn { apn: "s1sp.apn".to_owned() };
    assert_eq!(ask(&world, DUAL, &key(DUAL, "W1", "do", 1), set.clone()), no_wan);
    assert_eq!(ask(&world, SINGLE, &key(SINGLE, "W1", "do", 1), set.clone()), Some(Ok(Reply::Done)));
    assert_eq!(ask(&world, DUAL, "probe", Row::ReadHub), no_wan);
    assert_eq!(world.snapshot(DUAL).expect("is there").apn, "smso.apn");
    assert_eq!(ask(&world, DUAL, &key(DUAL, "W1", "do", 2), set), Some(Ok(Reply::Done)), "twice is over");
    let stranger = tern_model::ChfIdentifier(Eui64(1));
    assert_eq!(ask(&world, stranger, "k", Row::ReadHub), no_wan);
}

#[test]
fn a_gas_han_error_is_gt01_where_the_gsme_is_asked_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    world.arm(fault(DUAL, FaultKind::GasHanError, "", Times::Always));
    world.arm(fault(SINGLE, FaultKind::GasHanError, "", Times::Always));
    assert_eq!(ask(&world, DUAL, "g", Row::ReadGsme), Some(Err(DeviceError::GasHan)));
    assert_eq!(ask(&world, SINGLE, "g", Row::ReadGsme), Some(Err(DeviceError::NoSuchDevice)));
    assert!(matches!(ask(&world, DUAL, "h", Row::ReadHub), Some(Ok(Reply::Hub(_)))));
}

#[test]
fn an_inventory_refusal_is_another_device_id_at_b5_1_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    world.arm(fault(DUAL, FaultKind::InventoryRefusal, "", Times::Always));
    let device = |key: &str| match ask(&world, DUAL, key, Row::ReadHub) {
        Some(Ok(Reply::Hub(hub))) => hub.device,
        other => panic!("no hub: {other:?}"),
    };
    assert_ne!(device(&key(DUAL, "B5.1", "do", 1)), DeviceId(DUAL.0));
    assert_eq!(device(&key(DUAL, "W1", "probe", 1)), DeviceId(DUAL.0));
}

#[test]
fn a_lost_answer_leaves_its_effect_and_a_failure_leaves_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    world.arm(fault(DUAL, FaultKind::LostAnswer, "W1/do", Times::Count(1)));
    world.arm(fault(SINGLE, FaultKind::Fail, "set-apn", Times::Count(1)));
    let set = Row::SetApn { apn: "s1sp.apn".to_owned() };
    let (lost, failing) = (key(DUAL, "W1", "do", 1), key(SINGLE, "W1", "do", 1));
    assert_eq!(ask(&world, DUAL, &lost, set.clone()), None);
    assert_eq!(world.snapshot(DUAL).expect("is there").apn, "s1sp.apn");
    assert_eq!(ask(&world, DUAL, &lost, set.clone()), Some(Ok(Reply::Done)));
    assert!(matches!(ask(&world, SINGLE, &failing, set.clone()), Some(Err(DeviceError::Failed { .. }))));
    assert_eq!(world.snapshot(SINGLE).expect("is there").apn, "smso.apn");
    assert_eq!(ask(&world, SINGLE, &failing, set), Some(Ok(Reply::Done)));
    assert_eq!(effects(&world).len(), 2);
}

#[test]
fn faults_name_rows_by_kind_part_and_direction() {
    let row = Row::SetApn { apn: String::new() };
    let strikes = |name: &str, key: &str| fault(DUAL, FaultKind::Fail, name, Times::Always).strikes(key, &row);
    let (ahead, back) = (key(DUAL, "W1", "do", 1), key(DUAL, "W1", "undo", 1));
    for (name, expected) in [
        ("W1", [true, true]),
        ("W1/do", [true, false]),
        ("W1/undo", [false, true]),
        ("set-apn", [true, true]),
        ("*", [true, true]),
        ("B2.1", [false, false]),
        ("W", [false, false]),
    ] {
        assert_eq!([strikes(name, &ahead), strikes(name, &back)], expected, "{name}");
    }
}

#[test]
fn a_script_is_read_as_it_was_written_and_counts_across_restarts() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = dir.path().join(devices::FAULTS_FILE);
    let faults = vec![
        fault(DUAL, FaultKind::Fail, "W1", Times::Count(2)),
        fault(SINGLE, FaultKind::LostAnswer, "B6.1/undo", Times::Always),
    ];
    write_faults(&script, &faults).expect("writes");
    assert_eq!(devices::read_faults(&script).expect("reads"), faults);
    let set = Row::SetApn { apn: "s1sp.apn".to_owned() };
    let failed = |world: &World| {
        matches!(ask(world, DUAL, &key(DUAL, "W1", "do", 1), set.clone()), Some(Err(DeviceError::Failed { .. })))
    };
    let first = world(dir.path());
    assert!(failed(&first));
    drop(first);
    let second = World::open(dir.path()).expect("opens");
    assert!(failed(&second));
    assert!(!failed(&second), "twice is over");
    drop(second);
    fs::write(&script, "chf_identifier,fault,row,times\n00-DB-12-34-00-00-00-01,explode,W1,1\n").expect("writes");
    let Err(WorldError::Malformed { line, reason, .. }) = World::open(dir.path()) else { panic!("opened") };
    assert_eq!(line, 2);
    assert!(reason.contains("expected a fault"), "{reason}");
}

#[test]
fn a_proof_that_is_noise_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = world(dir.path());
    let row = Row::Associate { proof: Proof([0; 32]) };
    assert_eq!(ask(&world, DUAL, "a", row), Some(Err(DeviceError::KeyRejected)));
}
