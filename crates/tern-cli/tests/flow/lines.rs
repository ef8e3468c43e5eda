//! A world of its own: named by `[world] address`, and one that goes away.

use crate::settled::{planted_is_found, settled};
use crate::support::{Place, healthy};

#[test]
fn a_world_that_stands_already_is_used_where_it_is_named() {
    let place = Place::new(healthy(3));
    let world = place.start_world("127.0.0.1:0");
    place.configure(&format!("[world]\naddress = \"{}\"\ndir = \"nowhere\"\nwan = \"world/wan.csv\"\n", world.address));
    assert_eq!(place.migrate().code, Some(0));
    assert!(!place.log().is_empty(), "it did what was asked");
    drop(world);
    settled(&place);
}

#[test]
fn a_world_that_stands_already_is_found_by_its_address_file() {
    let place = Place::new(healthy(3));
    let mut world = place.start(&["world"]);
    world.meanwhile("it listens", || place.path("world/address").exists());
    assert_eq!(place.migrate().code, Some(0));
    world.signal("TERM");
    assert_eq!(world.ended().code, Some(0));
    settled(&place);
}

#[test]
fn a_world_that_goes_away_fails_the_run_and_the_next_one_finishes() {
    let place = Place::everything();
    let world = place.start_world("127.0.0.1:0");
    let address = world.address.to_string();
    place.configure(&format!("[world]\naddress = \"{address}\"\n"));
    let mut run = place.start(&["migrate", "sets"]);
    place.wait_for_log(5, &mut run);
    world.kill();
    run.ended().fails("the link to the devices failed", "the next `tern migrate`");
    place.run(&["migrate", "sets"]).fails(&address, "check that `tern world` runs");
    let world = place.start_world(&address);
    place.migrate();
    drop(world);
    planted_is_found(&place, &settled(&place));
}

#[test]
fn no_devices_at_all_is_said_at_once() {
    let place = Place::new(healthy(1));
    std::fs::rename(place.path("world"), place.path("elsewhere")).expect("moved");
    place.run(&["migrate", "sets"]).fails("world is no folder", "tern corpus");
    std::fs::rename(place.path("elsewhere"), place.path("world")).expect("moved");
    assert_eq!(place.migrate().code, Some(0));
    settled(&place);
}
