//! What is ordered while a world runs: it strikes, ends and goes back, over restarts too, and touches nothing else.

use std::time::{Duration, Instant};

use tern_dlms::Data;
use tern_model::DeviceId;
use tern_world::devices::{FaultKind, SupplyState, Times, read_installations};
use tern_world::dlms::server;

use super::support::*;

fn switch(world: &Served<'_>, chf: tern_model::ChfIdentifier, on: i8) {
    let mut meter = world.critical(chf, &smso_master());
    meter.action(method((70, SUPPLY, 1 + on)), Some(Data::Integer(0))).expect("switches");
}

fn supply(dir: &std::path::Path, chf: tern_model::ChfIdentifier) -> SupplyState {
    let installations = read_installations(dir).expect("a world");
    installations.iter().find(|i| i.hub.chf == chf).expect("is there").electricity.meter.supply
}

#[test]
fn an_ordered_fault_outlives_the_process_until_it_is_used_up_or_ended() {
    let dir = tempfile::tempdir().expect("a folder");
    let reads = |world: &Served<'_>| world.public(DUAL, server::ESME).is_ok();
    served(dir.path(), |world| {
        world.world.order(fault(DUAL, FaultKind::NoWan, "", Times::Count(2))).expect("ordered");
        assert!(!reads(world), "once");
    });
    again(dir.path(), |world| {
        assert!(!reads(world), "twice, over a restart");
        assert!(reads(world), "and never again");
        // The same once more is not used up by what struck before.
        world.world.order(fault(DUAL, FaultKind::NoWan, "", Times::Count(1))).expect("ordered");
    });
    again(dir.path(), |world| {
        assert_eq!(world.world.faults(DUAL).len(), 1);
        assert!(!reads(world) && reads(world));
        world.world.order(fault(DUAL, FaultKind::NoWan, "", Times::Always)).expect("ordered");
        assert!(!reads(world) && world.public(SINGLE, server::ESME).is_ok(), "the neighbour is reached");
        world.world.end_faults(DUAL, vec!["*".to_owned()]).expect("ended");
    });
    again(dir.path(), |world| assert!(reads(world) && world.world.faults(DUAL).is_empty()));
}

#[test]
fn a_slow_device_answers_late_and_a_garbled_answer_is_no_answer() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.order(fault(DUAL, FaultKind::Slow, "*/esme", Times::Count(1))).expect("ordered");
        let since = Instant::now();
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        assert!(since.elapsed() >= Duration::from_secs(1), "it came at once");
        world.world.order(fault(DUAL, FaultKind::WrongAnswer, "*/esme", Times::Count(1))).expect("ordered");
        assert!(meter.get(attribute((1, DEVICE_ID, 2))).is_err(), "nobody believes it");
        assert!(world.public(DUAL, server::CHF).is_ok(), "the hub is another device");
    });
}

#[test]
fn devices_go_back_to_what_was_kept_and_no_other_does() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        assert!(world.world.reset(DUAL, &[esme(DUAL)]).is_err(), "nothing was kept yet");
        switch(world, DUAL, 0);
        world.world.keep_baseline().expect("kept");
        switch(world, DUAL, 1);
        switch(world, SINGLE, 0);
        assert!(world.world.reset(DUAL, &[DeviceId::from(DUAL)]).expect("done"));
    });
    assert_eq!(supply(dir.path(), DUAL), SupplyState::Enabled, "the hub went back and its meter did not");
    again(dir.path(), |world| {
        assert!(world.world.has_baseline());
        world.world.reset(DUAL, &[esme(DUAL)]).expect("done");
    });
    assert_eq!(supply(dir.path(), DUAL), SupplyState::Disabled, "as it was when it was kept");
    assert_eq!(supply(dir.path(), SINGLE), SupplyState::Disabled, "the neighbour is as it was");
    // Its counters did not go back: it hears nothing twice, and goes on.
    again(dir.path(), |world| switch(world, DUAL, 1));
    assert_eq!(supply(dir.path(), DUAL), SupplyState::Enabled);
}
