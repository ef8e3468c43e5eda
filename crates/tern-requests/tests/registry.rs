//! The registry's own promises: totals of the published description, and what holds for every row.

use std::collections::BTreeSet;

use tern_model::{DeviceKind, UserRole};
use tern_requests::command_variant::{self, WebService};
use tern_requests::registry::{Evidence, FutureDating, Handling, Srv, Target};
use tern_requests::{ALL, find};

fn count(wanted: impl Fn(&Srv) -> bool) -> usize {
    ALL.iter().filter(|srv| wanted(srv)).count()
}

#[test]
fn the_totals_are_those_of_the_published_description() {
    assert_eq!(count(|_| true), 129);
    assert_eq!(ALL.iter().map(Srv::reference).collect::<BTreeSet<_>>().len(), 95);
    assert_eq!(count(|srv| srv.critical), 37);
    assert_eq!(count(|srv| srv.on_demand), 112);
    assert_eq!(count(Srv::is_non_device), 16);
    assert_eq!(count(|srv| srv.schedulable), 14);
    let dated = |by: FutureDating| count(|srv| srv.future_dating == by);
    use FutureDating::{ByBoth, ByDevice, ByDsp, Never};
    assert_eq!([dated(ByDsp), dated(ByDevice), dated(ByBoth), dated(Never)], [45, 11, 1, 72]);
    let open_to = |role: UserRole| count(|srv| srv.roles.contains(&role));
    assert_eq!(UserRole::ALL.map(open_to), [111, 16, 83, 18, 38, 21, 25]);
}

#[test]
fn numbers_and_bodies_are_unique_and_in_order() {
    let parts = |srv: &Srv| srv.number.split('.').map(|part| part.parse().expect("a number")).collect::<Vec<u32>>();
    assert!(ALL.windows(2).all(|pair| parts(&pair[0]) < parts(&pair[1])));
    assert_eq!(ALL.iter().map(|srv| srv.body).collect::<BTreeSet<_>>().len(), ALL.len());
    assert!(ALL.iter().all(|srv| find(srv.number) == Some(srv)));
}

#[test]
fn what_is_processed_is_what_was_promised_and_the_rest_is_refused_plainly() {
    let processed: Vec<&str> =
        ALL.iter().filter(|srv| srv.handling == Handling::Processed).map(|srv| srv.number).collect();
    let promised = [
        "1.1.1", "1.2.1", "1.6", "2.2", "4.1.1", "4.3", "4.8.1", "4.18", "6.11", "6.15.1", "6.23", "7.1", "7.2", "7.3",
        "7.4", "8.1.1", "8.2", "8.4", "8.7.1", "8.7.2", "11.1", "11.2", "11.3", "12.2",
    ];
    assert_eq!(processed, promised);
    for srv in ALL {
        assert_eq!(srv.handling == Handling::NotForSmets1, srv.evidence == Evidence::Unlikely, "{}", srv.number);
    }
    assert_eq!(find("11.4").map(|srv| srv.handling), Some(Handling::NotForSmets1));
}

#[test]
fn what_is_processed_has_a_sender_a_target_and_a_way() {
    for srv in ALL.iter().filter(|srv| srv.handling == Handling::Processed) {
        assert!(!srv.roles.is_empty(), "{}", srv.number);
        assert!(srv.targets().all(|allowed| allowed.target.is_of_smets1()), "{}", srv.number);
        let services: Vec<WebService> = srv.command_variants().map(|row| row.service).collect();
        let expected: &[WebService] = match (srv.is_non_device(), srv.critical) {
            (true, _) => &[WebService::NonDevice],
            (false, false) => &[WebService::SendCommand],
            (false, true) => &[WebService::SendCommand, WebService::Transform, WebService::SendCommand],
        };
        assert_eq!(services, expected, "{}", srv.number);
    }
}

#[test]
fn targets_are_what_is_shown_and_what_must_be_added() {
    let targets = |number: &str| -> Vec<Target> {
        find(number).expect("a variant").targets().map(|allowed| allowed.target).collect()
    };
    assert_eq!(targets("11.3"), [Target::Esme, Target::Gsme, Target::Chf, Target::Ppmid]);
    assert_eq!(targets("11.2"), [Target::Esme, Target::Gsme, Target::Ppmid, Target::Gpf, Target::Chf]);
    assert_eq!(targets("8.7.1"), [Target::Esme, Target::Gsme], "a SMETS1 installation has no HCALCS");
    assert!(find("6.23").is_some_and(|srv| srv.is_for(DeviceKind::Gsme) && !srv.is_for(DeviceKind::Ihd)));
    for srv in ALL {
        let all: Vec<Target> = srv.targets().map(|allowed| allowed.target).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: none twice", srv.number);
        let gas_alone = srv.roles.iter().all(|role| matches!(role, UserRole::Gs | UserRole::Gt));
        assert!(srv.roles.is_empty() || !gas_alone || !all.contains(&Target::Esme), "{}", srv.number);
    }
}

#[test]
fn a_command_variant_goes_to_one_web_service() {
    let service = |number: u8| command_variant::find(number).map(|row| row.service);
    assert_eq!([1, 3, 5, 7].map(service), [Some(WebService::SendCommand); 4]);
    assert_eq!([2, 6, 8].map(service), [Some(WebService::NonDevice); 3]);
    assert_eq!(service(4), Some(WebService::Transform));
    assert_eq!([0, 9].map(service), [None; 2]);
    assert!(WebService::ALL.into_iter().all(|service| WebService::of_path(service.path()) == Some(service)));
    assert_eq!(WebService::of_path("/api/v1/serviceX"), None);
}

/// The list in the test that breaks each facet of them.
#[test]
fn each_processed_body_is_among_those_of_which_each_facet_is_broken() {
    let broken = include_str!("../../tern-wire/tests/duis/differential/mod.rs");
    let (_, list) = broken.split_once("const PROCESSED").expect("its list");
    let (list, _) = list.split_once("];").expect("its end");
    for srv in ALL.iter().filter(|srv| srv.handling == Handling::Processed) {
        assert!(list.contains(&format!("\"{}\"", srv.body)), "{} {}", srv.number, srv.body);
    }
}
