//! Devices within a set, across sets, and in the inventory.

use tern_model::facts::InventoryRecord;
use tern_model::{DeviceId, DeviceKind, GroupId, Role, SetId};
use tern_rules::InstallationJudgement;
use tern_wire::migration::Ihd;

use super::pki::REQUESTING_PARTY;
use super::support::Says::{Finding, NotApplicable, Pass};
use super::support::*;

const THIS_SET: SetId = SetId { requesting_party: REQUESTING_PARTY, group: GroupId::EA, counter: 42 };
const OTHER_SET: SetId = SetId { counter: 41, ..THIS_SET };

#[test]
fn the_same_chf_twice_refuses_both_entries_and_no_other() {
    let mut world = healthy(3);
    let twin = chf(0);
    world.common.installations[2].chf_identifier = twin;
    world.group.installations[2].chf_identifier = twin;
    world.encrypted.installations[2].chf_identifier = twin;
    let judgement = world.judge(Role::Dsp);
    let unclean = |at: usize| {
        judgement.installations[at].unclean().map(|j| j.rule.clause).filter(|c| *c == "P-duplicate-chf").count()
    };
    assert_eq!([unclean(0), unclean(1), unclean(2)], [1, 0, 1]);
    assert!(judgement.installations[1].is_clean() && judgement.set_is_clean());
    let finding = judgement.installations[2].findings().into_iter().find(|f| f.clause == "P-duplicate-chf").unwrap();
    assert_eq!(finding.found, "also in Installation[1]");
}

#[test]
fn a_chf_that_another_set_is_migrating_is_refused() {
    let mut world = healthy(1);
    world.installations.being_migrated.insert(chf(0), OTHER_SET);
    for role in [Role::Dsp, Role::S1sp] {
        check(&world, role, "P-duplicate-chf", &[Finding("CHFIdentifier", "by another set")]);
    }
    world.installations.being_migrated.insert(chf(0), THIS_SET);
    check(&world, Role::Dsp, "P-duplicate-chf", &[Pass]);
}

#[test]
fn a_device_id_stands_once_in_a_set() {
    let mut world = healthy(1);
    world.first().ihds.push(Ihd { device_id: device(0, 1) });
    let judgement = world.judge(Role::RequestingParty);
    let found: Vec<_> = judgement.installations[0].findings().into_iter().map(|f| (f.place.xpath, f.found)).collect();
    let xpath = |path: &str| format!("MigrationCommonFile/Installation[1]/{path}");
    assert_eq!(
        found,
        [
            (xpath("GPF/DeviceID"), "also IHD of Installation[1]".to_owned()),
            (xpath("IHD[1]/DeviceID"), "also GPF of Installation[1]".to_owned()),
        ]
    );
    let mut world = healthy(2);
    world.common.installations[1].ihds.push(Ihd { device_id: chf(0).into() });
    let judgement = world.judge(Role::Dsp);
    assert!(judgement.installations[0].is_clean(), "the CHF's own entry is not to blame");
    assert_eq!(judgement.installations[1].findings()[0].found, "also CHF of Installation[1]");
}

#[test]
fn a_finding_names_the_first_few_of_many_and_counts_the_rest() {
    const MANY: u64 = 300;
    let mut world = healthy(MANY);
    world.common.installations.iter_mut().for_each(|i| i.gpf.device_id = device(0, 1));
    let judgement = world.judge(Role::Dsp);
    let found = |at: usize| judgement.installations[at].findings().into_iter().map(|f| f.found).collect::<Vec<_>>();
    assert_eq!(
        found(1),
        ["also GPF of Installation[1], GPF of Installation[3], GPF of Installation[4] and 296 more".to_owned()]
    );
    assert_eq!(
        found(299),
        ["also GPF of Installation[1], GPF of Installation[2], GPF of Installation[3] and 296 more".to_owned()]
    );
    assert!((0..MANY as usize).all(|at| found(at).len() == 1), "one finding in each entry");
}

/// Every entry is the same: whatever a rule may count up, there are hundreds of it.
#[test]
fn no_finding_of_any_rule_grows_with_its_set() {
    let mut world = healthy(200);
    let ihds = (0..8).map(|_| Ihd { device_id: device(0, 1) });
    world.first().ihds.extend(ihds);
    let (common, group, encrypted) = (
        world.common.installations[0].clone(),
        world.group.installations[0].clone(),
        world.encrypted.installations[0].clone(),
    );
    world.common.installations.fill(common);
    world.group.installations.fill(group);
    world.encrypted.installations.fill(encrypted);
    let files = world.files();
    for role in [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco] {
        let judgement = world.judge_files(role, &files);
        let findings: Vec<_> = judgement.installations.iter().flat_map(InstallationJudgement::findings).collect();
        assert!(
            findings.iter().filter(|f| f.clause == "P-duplicate-chf").count() == 200,
            "{role}: every entry is told"
        );
        let longest = findings.iter().map(|f| [&f.message, &f.found, &f.expected, &f.suggestion].map(String::len));
        let longest = longest.map(|lengths| lengths.iter().sum::<usize>()).max();
        assert!(longest < Some(600), "{role}: {longest:?} bytes");
        let most = judgement.installations.iter().map(|i| i.findings().len()).max();
        assert!(most <= Some(20), "{role}: {most:?} findings in one entry");
    }
}

fn recorded(device: DeviceId, kind: DeviceKind, by_set: Option<SetId>) -> World {
    let mut world = healthy(1);
    let status = "Commissioned".to_owned();
    world.inventory.push(InventoryRecord { row: ROW, device, kind, chf: chf(0), status, by_set });
    world
}

#[test]
fn what_the_inventory_holds_is_not_migrated_again_unless_this_very_set_put_it_there() {
    let hub = |by| recorded(chf(0).into(), DeviceKind::Chf, by);
    check(&hub(None), Role::Dsp, "P-chf-inventory", &[Finding("CHFIdentifier", "inventory.csv row 7")]);
    check(&hub(Some(OTHER_SET)), Role::Dsp, "P-chf-inventory", &[Finding("CHFIdentifier", "by set")]);
    check(&hub(Some(THIS_SET)), Role::Dsp, "P-chf-inventory", &[Pass]);
    let meter = |by| recorded(device(0, 2), DeviceKind::Esme, by);
    check(&meter(None), Role::Dsp, "P-device-inventory", &[Finding("ESME/DeviceID", "already holds ESME")]);
    check(&meter(Some(THIS_SET)), Role::Dsp, "P-device-inventory", &[Pass]);
    check(&meter(None), Role::RequestingParty, "P-device-inventory", &[NotApplicable]);
}

#[test]
fn without_the_inventory_nothing_is_said_in_favour() {
    let mut world = healthy(1);
    world.not_given.push("inventory.csv");
    let judgement = world.judge(Role::Dsp);
    let unclean: Vec<_> = judgement.installations[0].unclean().map(|j| j.rule.clause).collect();
    assert!(unclean.contains(&"P-chf-inventory") && unclean.contains(&"P-device-inventory"), "{unclean:?}");
    assert!(world.judge(Role::RequestingParty).is_clean(), "the Requesting Party has no inventory to ask");
}

#[test]
fn the_files_speak_of_the_same_devices() {
    let change = |change: fn(&mut World)| {
        let mut world = healthy(1);
        change(&mut world);
        world
    };
    let esme = change(|w| w.group.installations[0].esme_detail.device_id = device(9, 2));
    check(&esme, Role::Dsp, "P-devices-agree", &[Finding("Installation[1]/ESMEDetail/DeviceID", "ESME 00-DB")]);
    let gsme = change(|w| w.group.installations[0].gsme_detail = None);
    check(&gsme, Role::Dsp, "P-devices-agree", &[Finding("MigrationGroupFile/Installation[1]", "no GSME")]);
    let master = change(|w| {
        w.encrypted.installations[0].encrypted_master_key.as_mut().unwrap().device_id = device(9, 2);
    });
    let found = Finding("Installation[1]/EncryptedMasterKey/DeviceID", "ESME 00-DB");
    check(&master, Role::Dsp, "P-devices-agree", &[found]);
    check(&master, Role::Dco, "P-devices-agree", &[found]);
}
