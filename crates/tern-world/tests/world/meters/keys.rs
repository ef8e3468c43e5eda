//! The keys of the management association and the master key: who may replace them, and what holds afterwards.

use std::path::Path;

use tern_dlms::Data;
use tern_dlms::apdu::ActionResult;
use tern_dlms::client::ClientError;
use tern_dlms::security::{Key, wrap_key};
use tern_model::{ChfIdentifier, Secret};
use tern_wire::role_link::AssociationKeys;
use tern_world::devices::{Fingerprint, Protected};

use super::support::*;

fn wrapped(master: &Secret<16>, key: &Secret<16>) -> Vec<u8> {
    let key = Key::new(*key.expose());
    wrap_key(&Key::new(*master.expose()), &key).expect("wraps").to_vec()
}

fn key_data(keys: &[(u8, Vec<u8>)]) -> Data {
    Data::Array(keys.iter().map(|(id, w)| Data::Structure(vec![Data::Enum(*id), Data::octets(w.clone())])).collect())
}

fn transfer(
    world: &Served<'_>,
    chf: ChfIdentifier,
    by: &AssociationKeys,
    keys: &[(u8, Vec<u8>)],
) -> Result<(), ClientError> {
    world.management(chf, by)?.action(method((64, SECURITY, 2)), Some(key_data(keys))).map(|_| ())
}

/// The same on the critical association under this master key.
fn critical_transfer(world: &Served<'_>, master: &Secret<16>, keys: &[(u8, Vec<u8>)]) -> Result<(), ClientError> {
    world.critical(DUAL, master).action(method((64, SECURITY, 2)), Some(key_data(keys))).map(|_| ())
}

fn both(master: &Secret<16>, new: &AssociationKeys) -> [(u8, Vec<u8>); 2] {
    [(0, wrapped(master, &new.encryption)), (2, wrapped(master, &new.authentication))]
}

#[test]
fn the_smsos_keys_open_the_meter_before_a_key_transfer_and_not_after_it() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        assert!(world.management(DUAL, &new_keys()).is_err(), "keys that it never saw");
        transfer(world, DUAL, &smso_keys(), &both(&smso_master(), &new_keys())).expect("replaces");
        assert!(world.management(DUAL, &smso_keys()).is_err(), "the SMSO is out");
        let mut meter = world.management(DUAL, &new_keys()).expect("opens");
        assert!(meter.get(attribute((3, IMPORT, 2))).is_ok());
        assert!(world.management(SINGLE, &smso_keys()).is_ok(), "the neighbour's keys are its own");
        transfer(world, DUAL, &new_keys(), &both(&smso_master(), &smso_keys())).expect("and back");
        assert!(world.management(DUAL, &smso_keys()).is_ok());
    });
}

#[test]
fn new_keys_need_the_master_key_in_force_and_a_transfer_that_is_one() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let before = world.world.snapshot(DUAL);
        let other = Secret::new([99; 16]);
        let denied = ActionResult::ReadWriteDenied;
        not_done(transfer(world, DUAL, &smso_keys(), &both(&other, &new_keys())), denied);
        not_done(critical_transfer(world, &smso_master(), &[(3, wrapped(&other, &other))]), denied);
        not_done(transfer(world, DUAL, &smso_keys(), &[(0, vec![0; 24])]), denied);
        let one = wrapped(&smso_master(), &other);
        for odd in [
            vec![],
            vec![(1, one.clone())],
            vec![(0, one.clone()), (0, one.clone())],
            vec![(0, one.clone()), (2, one.clone()), (1, one.clone())],
        ] {
            not_done(transfer(world, DUAL, &smso_keys(), &odd), ActionResult::TypeUnmatched);
        }
        for odd in [vec![(0, one.clone()), (3, one.clone())], vec![(3, one.clone()), (3, one.clone())]] {
            not_done(critical_transfer(world, &smso_master(), &odd), ActionResult::TypeUnmatched);
        }
        assert_eq!(world.world.snapshot(DUAL), before);
        transfer(world, DUAL, &smso_keys(), &[(2, one)]).expect("one key alone");
        let mixed = AssociationKeys { authentication: other, ..smso_keys() };
        assert!(world.management(DUAL, &mixed).is_ok());
    });
}

#[test]
fn a_wrapped_association_key_is_no_master_key_whatever_number_it_is_given() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let before = world.world.snapshot(DUAL);
        let denied = ActionResult::ReadWriteDenied;
        // The S1SP knows these keys, and was given them wrapped under the master key in force.
        let given = both(&smso_master(), &new_keys());
        for (_, key) in &given {
            not_done(transfer(world, DUAL, &smso_keys(), &[(3, key.clone())]), denied);
            not_done(transfer(world, DUAL, &smso_keys(), &[(0, key.clone()), (3, key.clone())]), denied);
        }
        // Nor does whoever holds the master key alone replace the association's.
        not_done(critical_transfer(world, &smso_master(), &given), denied);
        for key in given.clone() {
            not_done(critical_transfer(world, &smso_master(), &[key]), denied);
        }
        assert_eq!(world.world.snapshot(DUAL), before);
        assert_eq!(log(dir.path()), "", "nothing took place");
        transfer(world, DUAL, &smso_keys(), &given).expect("as what they are, they open");
        let taken = &given[0].1;
        not_done(transfer(world, DUAL, &new_keys(), &[(3, taken.clone())]), denied);
        critical_transfer(world, &smso_master(), &[(3, taken.clone())]).expect("to the DCO's keys the bytes are a key");
    });
}

fn log(dir: &Path) -> String {
    std::fs::read_to_string(dir.join(tern_world::devices::LOG_FILE)).unwrap_or_default()
}

#[test]
fn a_restart_brings_back_keys_and_counters_and_the_log_shows_no_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let next = Secret::new([13; 16]);
    let mut heard = 0;
    served(dir.path(), |world| {
        transfer(world, DUAL, &smso_keys(), &both(&smso_master(), &new_keys())).expect("replaces");
        critical_transfer(world, &smso_master(), &[(3, wrapped(&smso_master(), &next))]).expect("replaces");
        heard = world.world.counters(DUAL).expect("is there").own(Protected::Management);
    });
    again(dir.path(), |world| {
        let now = world.world.snapshot(DUAL).expect("is there");
        assert_eq!(now.association_keys, Fingerprint::of_association(&new_keys()));
        assert_eq!(now.master_key, Fingerprint::of_key(&next));
        let meter = world.management(DUAL, &new_keys()).expect("opens");
        assert!(meter.heard().expect("a counter") > heard, "its own counters go on");
        drop(meter);
        transfer(world, DUAL, &new_keys(), &both(&next, &smso_keys())).expect("under the new master key");
    });
    let log = log(dir.path());
    assert!(!log.is_empty());
    for byte in ["01", "02", "03", "0b", "0c", "0d"] {
        assert!(!log.contains(&byte.repeat(16)), "{log}");
    }
}
