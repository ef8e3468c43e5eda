//! A folder of simulated devices: who may read it, who holds it, and its fault script.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tern_world::WorldError;
use tern_world::devices::{self, Estate, FaultKind, Times, World, write_faults};

use crate::support::{DUAL, SINGLE, fault, world};

#[test]
fn files_with_keys_are_their_owners_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let _world = world(dir.path());
    for file in [devices::INITIAL_FILE, devices::LOG_FILE] {
        let mode = fs::metadata(dir.path().join(file)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
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
fn a_script_is_read_as_it_was_written_and_what_is_none_is_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = dir.path().join(devices::FAULTS_FILE);
    let faults = vec![
        fault(DUAL, FaultKind::Fail, "set-apn@2", Times::Count(2)),
        fault(SINGLE, FaultKind::LostAnswer, "import-certificate/esme", Times::Always),
    ];
    write_faults(&script, &faults).expect("writes");
    assert_eq!(devices::read_faults(&script).expect("reads"), faults);
    drop(world(dir.path()));
    fs::write(&script, "chf_identifier,fault,row,times\n00-DB-12-34-00-00-00-01,explode,set-apn,1\n").expect("writes");
    let Err(WorldError::Malformed { line, reason, .. }) = World::open(dir.path()) else { panic!("opened") };
    assert_eq!(line, 2);
    assert!(reason.contains("expected a fault"), "{reason}");
}
