//! Every processed Service Request end to end, through the real service's gateway, on an installation of each cohort: checked by what
//! the devices hold, and by what they say.

mod bodies;
mod changes;
mod estate;
mod reads;
mod site;

use std::collections::BTreeMap;

use tern_model::{DeviceKind, GroupId};
use tern_requests::ALL;
use tern_requests::registry::{Handling, Target};
use tern_wire::duis::Draft;
use tern_world::devices::{Installation, read_installations};

use super::{Served, outside};
use crate::support::Place;
use estate::{Estate, GROUPS, Users};
use site::Site;

/// What the images bring.
const VERSION: &str = "2.0";
/// Processed variants that other tests carry out end to end, and which.
const ELSEWHERE: [(&str, &str); 3] = [
    ("6.15.1", "tern-testkit, gateway/credentials.rs: on ESME and GSME of each cohort"),
    ("6.23", "tern-testkit, gateway/credentials.rs: on ESME and GSME of each cohort"),
    ("11.1", "tern-testkit, gateway/distribution.rs: to ESME, GSME, hub and PPMID of each cohort"),
];

/// Images on devices, by their kind and group: the digest of each.
type Images = BTreeMap<(DeviceKind, GroupId), String>;

/// Sends each kind of device that takes images one, of each cohort's installation that has all kinds.
fn images(place: &Place) -> Images {
    let mut images = Images::new();
    for (at, one) in read_installations(&place.path("world")).expect("the devices").iter().enumerate() {
        let group = GROUPS[at % GROUPS.len()];
        if !has_all_kinds(one) || images.contains_key(&(DeviceKind::Esme, group)) {
            continue;
        }
        let devices = [
            (DeviceKind::Esme, one.esme.device),
            (DeviceKind::Gsme, one.gsme.as_ref().expect("a gas meter").device),
            (DeviceKind::Chf, one.hub.chf.into()),
            (DeviceKind::Ppmid, one.ppmids[0].device),
        ];
        for (kind, device) in devices {
            let (device, file) = (device.to_string(), format!("image-{kind}-{group}.bin"));
            place.run(&["world", "--image", &device, "--version", VERSION, "--out", &file]).clean();
            let digest = tern_wire::dsig::sha256(&std::fs::read(place.path(&file)).expect("an image"));
            images.insert((kind, group), digest.to_string().to_uppercase());
            if (kind, group) != (DeviceKind::Ppmid, GroupId::EA) {
                place.run(&["firmware", "send", "--device", &device, "--image", &file]).clean();
            }
        }
    }
    images
}

fn has_all_kinds(one: &Installation) -> bool {
    one.gsme.is_some() && !one.ppmids.is_empty()
}

/// What must be asked: each processed variant of each of its targets in each group.
fn due() -> Vec<(String, String, GroupId)> {
    let processed = ALL.iter().filter(|srv| srv.handling == Handling::Processed);
    let here = processed.filter(|srv| ELSEWHERE.iter().all(|(number, _)| *number != srv.number));
    let targets = here.flat_map(|srv| {
        let of = |target: &Target| (srv.number.to_owned(), target.device().map_or("DCC".to_owned(), |d| d.to_string()));
        let targets: Vec<_> = srv.targets().map(|allowed| of(&allowed.target)).collect();
        if srv.is_non_device() { vec![(srv.number.to_owned(), "DCC".to_owned())] } else { targets }
    });
    targets.flat_map(|(srv, target)| GROUPS.map(|group| (srv.clone(), target.clone(), group))).collect()
}

#[test]
fn every_processed_request_is_carried_out_on_each_cohort() {
    const TEST: &str = "every_processed_request_is_carried_out_on_each_cohort";
    let place = estate::place();
    let images = images(&place);
    let users = Users::of(&place);
    // The system change is over, as it is for sites of months ago.
    let mut served = Served::start(&place, &(users.configuration() + &estate::system_change("2021-03-01")));
    let estate = Estate::new(&place, &users, served.gateway);
    std::thread::scope(|scope| {
        for (at, group) in GROUPS.into_iter().enumerate() {
            let (estate, images) = (&estate, &images);
            scope.spawn(move || {
                let site = Site::first(estate, (group, at), has_all_kinds);
                reads::all(&site);
                changes::top_ups(&site);
                changes::payment_modes(&site);
                changes::tariffs(&site);
                changes::supplies(&site);
                changes::clocks(&site);
                changes::joins(&site);
                changes::activations(&site, |kind| images[&(kind, group)].clone());
                changes::inventory(&site, at);
            });
        }
    });
    let asked = estate.asked();
    let missing: Vec<_> = due().into_iter().filter(|due| !asked.contains(due)).collect();
    assert!(missing.is_empty(), "processed, and asked by no test: {missing:?}");

    // RQ7: with the keys that it lacked a PPMID uses its image.
    served.kill();
    place.run(&["dco", "backfill"]).clean();
    served.start_again();
    let estate = estate.moved_to(served.gateway);
    for (at, group) in GROUPS.into_iter().enumerate().filter(|(_, group)| *group != GroupId::EA) {
        let site = Site::first(&estate, (group, at), has_all_kinds);
        changes::activates(&site, DeviceKind::Ppmid, &images[&(DeviceKind::Ppmid, group)]);
    }

    // By the books of other days (RQ8, RQ9, RQ14).
    served.kill();
    served.start_again_with(&["--as-of", "2020-11-20"]);
    let estate = estate.moved_to(served.gateway);
    let ioc = Site::first(&estate, (GroupId::CA, 0), has_all_kinds);
    let other = Site::first(&estate, (GroupId::CA, 0), |one| !has_all_kinds(one));
    let read = || Draft::new("ReadFirmwareVersion");
    let (_, words) = ioc.told("11.2", DeviceKind::Ppmid, read()).alert();
    assert!(words.contains("11.2"), "{words}");
    changes::tariff_before_the_release(&other);
    served.kill();
    served.start_again_with(&["--as-of", "2020-10-01"]);
    let estate = estate.moved_to(served.gateway);
    let ioc = Site::first(&estate, (GroupId::CA, 0), has_all_kinds);
    for kind in [DeviceKind::Ppmid, DeviceKind::Gpf] {
        assert_eq!(ioc.refused(ioc.supplier(kind), ("11.2", kind), read()), "E11", "{kind} before Uplift 1.2");
    }
    served.stop();
    outside::find_nothing_wrong(TEST, &place, &estate.messages());
}
