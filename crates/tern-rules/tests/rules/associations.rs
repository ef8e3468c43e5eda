//! Application Association G: the Group File's names against what is known of the ESME's model.

use tern_model::Role;

use super::support::Says::{Finding, Missing, Pass};
use super::support::*;

/// The file's entry of the meter.
const METER: &str = "Installation[1]/ESMEDetail";

#[track_caller]
fn check_names(names: &[&'static str], says: &[Says]) {
    let mut world = healthy(1);
    let detail = &mut world.group.installations[0].esme_detail;
    detail.application_associations = names.iter().map(|name| text(name)).collect();
    check(&world, Role::S1sp, "B1", says);
}

#[test]
fn each_name_is_one_of_the_model_and_those_that_commissioning_needs_are_there() {
    check_names(&["Supply", "Read and write"], &[Pass]);
    check_names(&["Supply", "Reads", "Read and write"], &[Pass]);
    let third = "Installation[1]/ESMEDetail/ApplicationAssociation[3]";
    check_names(&["Read and write", "Supply", "Maintenance"], &[Finding(third, "of no association")]);
    let first = "Installation[1]/ESMEDetail/ApplicationAssociation[1]";
    check_names(&["read and write", "Supply"], &[Finding(first, "of no association"), Finding(METER, "not open")]);
    check_names(&["Read and write"], &[Finding(METER, "not open to the DCC")]);
    check_names(&[], &[Finding(METER, "not open to the DCC"), Finding(METER, "not open to the DCC")]);
}

#[test]
fn a_model_without_the_dcos_association_is_not_commissioned() {
    let mut world = healthy(1);
    world.settings.associations.configured.models[0].associations.pop();
    world.group.installations[0].esme_detail.application_associations.pop();
    check(&world, Role::S1sp, "B1", &[Finding(METER, "not open to the DCC")]);
}

#[test]
fn a_model_of_which_nothing_is_known_is_never_clean() {
    let mut world = healthy(1);
    world.settings.associations.configured.models[0].model.push('x');
    check(&world, Role::S1sp, "B1", &[Missing("add a table")]);
}
