//! Every GroupID: which numbers bind it, and that what is judged alike is judged under its own number.

use tern_model::{Cohort, GroupId, Role};
use tern_wire::migration::FileKind;

use super::support::Says::{Finding, NotApplicable, Pass};
use super::support::*;

const JUDGES: [Role; 4] = [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco];
const EARLIER: [GroupId; 5] = [GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA];

/// Scope, S1SP Required File Set and DCO Required File Set of each group.
const OWN: [(GroupId, [&str; 3]); 8] = [
    (GroupId::AA, ["12.1", "12.4", "12.5"]),
    (GroupId::BA, ["13", "13.6", "13.7"]),
    (GroupId::CA, ["14.1", "14.5", "14.6"]),
    (GroupId::CB, ["14.1", "14.5", "14.6"]),
    (GroupId::DA, ["P-secure", "P-secure-s1sp-files", "P-secure-dco-files"]),
    (GroupId::EA, ["15.1", "15.4", "15.5"]),
    (GroupId::EB, ["15.1", "15.4", "15.5"]),
    (GroupId::EC, ["15.1", "15.4", "15.5"]),
];

#[test]
fn a_healthy_set_of_every_group_is_clean_for_everyone() {
    for (group, role) in GroupId::ALL.into_iter().flat_map(|group| JUDGES.map(|role| (group, role))) {
        let judgement = healthy_of(group, 2).judge(role);
        let unclean: Vec<_> =
            judgement.installations.iter().flat_map(|i| i.unclean()).chain(judgement.unclean()).collect();
        assert!(judgement.is_clean() && judgement.set_is_clean(), "{group}, {role}: {unclean:#?}");
    }
}

#[test]
fn a_groups_own_numbers_bind_it_and_no_other() {
    for (group, numbers) in OWN {
        let world = healthy_of(group, 1);
        for (other, [scope, s1sp, dco]) in OWN {
            let says = if numbers[0] == scope { Pass } else { NotApplicable };
            check_set(&world, Role::Dsp, scope, &[says]);
            check_set(&world, Role::S1sp, s1sp, &[says]);
            check_set(&world, Role::Dco, dco, &[says]);
            assert!(numbers[0] != scope || other.cohort().value == group.cohort().value || numbers[0] == "14.1");
        }
    }
}

#[test]
fn a_set_without_its_validation_is_incomplete_under_the_groups_own_numbers() {
    for (group, [_, s1sp, dco]) in OWN {
        let mut world = healthy_of(group, 1);
        world.absent.push(FileKind::MigrationCommonValidationFile);
        let says = [Finding("", "has no Migration Common Validation File")];
        check_set(&world, Role::S1sp, s1sp, &says);
        check_set(&world, Role::Dco, dco, &says);
    }
}

#[test]
fn what_is_judged_alike_is_found_under_the_groups_own_number() {
    for group in GroupId::ALL {
        let foc = group.cohort().value == Cohort::Foc;
        let number = |of_foc: &'static str, earlier: &'static str| if foc { of_foc } else { earlier };
        let world = |change: fn(&mut World)| {
            let mut world = healthy_of(group, 1);
            change(&mut world);
            world
        };
        let missing = world(|w| w.encrypted.installations[0].encrypted_master_key = None);
        let says = [Finding("Installation[1]", "has no EncryptedMasterKey")];
        check(&missing, Role::Dsp, number("15.3", "P-encrypted-elements"), &says);
        let imsi = world(|w| w.group.installations[0].chf_details.imsi = text("23415"));
        check(&imsi, Role::S1sp, number("15.6", "P-group-file"), &[Finding("CHFDetails/IMSI", "is no IMSI")]);
        let master = world(|w| w.master_keys = Some(vec![Some(Ok(master_key(5)))]));
        let place = "EncryptedMasterKey/EncryptedKey";
        check(&master, Role::Dco, number("15.7", "P-master-key"), &[Finding(place, "is another device's")]);
        let keys = world(|w| w.group_information = Some(vec![Some(Ok(group_information(5)))]));
        let says = [Finding("EncryptedS1SPGroupInformation", "another installation's keys")];
        check(&keys, Role::S1sp, number("15.8", "P-device-keys"), &says);
    }
}

#[test]
fn what_is_focs_alone_binds_nobody_else() {
    for group in EARLIER {
        let world = healthy_of(group, 1);
        for clause in ["15.2", "5.1(c)"] {
            check(&world, Role::Dsp, clause, &[NotApplicable]);
        }
        for clause in ["15.11", "P-device-certificate"] {
            check(&world, Role::S1sp, clause, &[NotApplicable]);
        }
    }
    let mut world = healthy(1);
    world.group.installations[0].chf_details.device_certificate = None;
    check(&world, Role::S1sp, "P-device-certificate", &[Finding("CHFDetails", "has no DeviceCertificate")]);
}
