//! Two who ask the DCO's process at the same moment, each over a connection of its own.

use std::sync::Barrier;

use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf};

use super::dual_control::transfer;
use super::robbed::{Robbed, Told, give, link};
use super::{Roles, migrate};
use crate::support::{Place, healthy};

#[test]
fn of_two_operations_that_are_asked_for_at_once_on_a_meters_keys_one_goes_on() {
    let place = Place::new(healthy(8));
    let mut roles = Roles::start(&place);
    migrate(&place);
    let meters: Vec<_> =
        Robbed::all(&place, &mut roles).iter().map(|robbed| robbed.order(replace(MasterKeyOf::Dco))).collect();
    let together = Barrier::new(2);
    let asks = |under| {
        let mut link = link(&place);
        let orders = meters.iter().map(|order| DcoOrder { what: replace(under), ..order.clone() });
        let told = orders.map(|order| {
            together.wait();
            give(&mut link, &[order]).remove(0)
        });
        told.collect::<Vec<Told>>()
    };
    let (back, forth) = std::thread::scope(|scope| {
        let back = scope.spawn(|| asks(MasterKeyOf::Dco));
        (asks(MasterKeyOf::Smso), back.join().expect("asks"))
    });
    let mut firsts = [0, 0];
    for (one, other) in back.iter().zip(&forth) {
        let (first, refused) = match (one, other) {
            (Ok(DcoReply::Critical { .. }), Err(refused)) => (0, refused),
            (Err(refused), Ok(DcoReply::Critical { .. })) => (1, refused),
            both => panic!("{both:?}"),
        };
        assert_eq!(refused.code, "P-dco-one-operation");
        firsts[first] += 1;
    }
    println!("first was the one {} times, the other {} times", firsts[0], firsts[1]);
    // Over whichever connection, and however often: until the meter has spoken. The very same order is the same operation.
    let again =
        [MasterKeyOf::Smso, MasterKeyOf::Dco].map(|under| DcoOrder { what: replace(under), ..meters[0].clone() });
    let answers = give(&mut link(&place), &again);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    roles.stop();
}

fn replace(under: MasterKeyOf) -> DcoRequest {
    DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[3]), under, not_below: 0 }
}
