//! Role, group and date, before any rule is asked.

use jiff::civil::date;
use tern_model::{GroupId, Role};
use tern_rules::groups::Standing;
use tern_rules::{Check, rules};

use super::support::Says::{Finding, NotApplicable, NotYetInForce, Pass};
use super::support::*;

const JUDGES: [Role; 4] = [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco];

#[test]
fn a_healthy_set_is_clean_for_everyone() {
    for role in JUDGES {
        let judgement = healthy(3).judge(role);
        let unclean: Vec<_> =
            judgement.installations.iter().flat_map(|i| i.unclean()).chain(judgement.unclean()).collect();
        assert!(judgement.is_clean(), "{role}: {unclean:#?}");
        assert_eq!(judgement.tmad.map(|v| v.version.version), Some("FOC text"));
        assert_eq!(judgement.installations[2].entry, 2);
    }
}

#[test]
fn every_rule_is_heard_of_once_in_every_judgement() {
    for role in JUDGES {
        let judgement = healthy(1).judge(role);
        let all =
            judgement.whole.set.iter().chain(&judgement.whole.set_aside).chain(&judgement.installations[0].judged);
        let mut heard: Vec<&str> = all.map(|j| j.rule.clause).collect();
        let mut wanted: Vec<&str> = rules().map(|r| r.clause).collect();
        heard.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(heard, wanted, "{role}");
    }
}

#[test]
fn every_rule_that_is_judged_is_judged_by_the_roles_that_it_names_and_no_other() {
    for role in JUDGES {
        let judgement = healthy(1).judge(role);
        let judged =
            judgement.whole.set.iter().chain(&judgement.installations[0].judged).chain(&judgement.whole.set_aside);
        for one in judged.filter(|j| !matches!(j.rule.check, Check::Explained(_) | Check::Code(_))) {
            let asked = one.verdict.word() == "PASS";
            let wanted = one.rule.roles.contains(&role) && one.rule.groups.bind(GroupId::EA);
            assert_eq!(asked, wanted, "{} by {role}: {}", one.rule.clause, one.verdict.word());
        }
    }
}

#[test]
fn a_rule_of_another_role_is_not_applicable() {
    check(&healthy(1), Role::Dsp, "15.6", &[NotApplicable]);
    check(&healthy(1), Role::S1sp, "5.10.10", &[NotApplicable]);
    check(&healthy(1), Role::RequestingParty, "P-chf-inventory", &[NotApplicable]);
    check_set(&healthy(1), Role::RequestingParty, "P-counter", &[NotApplicable]);
}

#[test]
fn before_clause_15_its_groups_are_not_yet_in_force_and_do_not_go_on() {
    let mut world = healthy(1);
    world.books_on = date(2020, 11, 28);
    check_set(&world, Role::Dsp, "P-group", &[NotYetInForce]);
    check_set(&world, Role::Dsp, "15.1", &[NotYetInForce]);
    check(&world, Role::S1sp, "15.8", &[NotYetInForce]);
    let judgement = world.judge(Role::Dsp);
    assert_eq!(judgement.standing, Some(Standing::NotYetInForce));
    assert!(!judgement.set_is_clean() && !judgement.is_clean());
    world.books_on = date(2020, 11, 29);
    check_set(&world, Role::Dsp, "P-group", &[Pass]);
    assert!(world.judge(Role::Dsp).is_clean());
}

#[test]
fn a_group_whose_cohort_is_not_served_is_refused() {
    let mut world = healthy_of(GroupId::AA, 1);
    world.settings.served = GroupId::FOC.to_vec();
    check_set(&world, Role::Dsp, "P-group", &[Finding("MigrationHeader/GroupID", "is not yet served")]);
    assert!(!world.judge(Role::Dsp).set_is_clean());
}

#[test]
fn an_unreadable_set_gets_a_judgement_too() {
    use tern_wire::migration::FileKind::{MigrationCommonFile, MigrationGroupEncryptedFile, MigrationGroupFile};
    let mut world = healthy(1);
    world.unreadable = vec![MigrationCommonFile, MigrationGroupFile, MigrationGroupEncryptedFile];
    let judgement = world.judge(Role::Dsp);
    assert_eq!((judgement.group, judgement.standing, judgement.installations.len()), (None, None, 0));
    assert!(!judgement.set_is_clean(), "a set of which nothing could be read is not clean");
}
