//! 3.25: the Installing Supplier of a gas meter of CA, to whom its revised PIN can be encrypted.

use jiff::civil::date;
use tern_model::{GroupId, Role};
use tern_rules::{Rulebook, revises_pin};
use tern_wire::schema::SchemaVersion;

use super::support::Says::{Finding, Missing, NotApplicable, NotYetInForce, Pass};
use super::support::*;

const CLAUSE: &str = "3.25";

#[track_caller]
fn check_ca(change: impl Fn(&mut World), says: Says) {
    let mut world = healthy_of(GroupId::CA, 1);
    change(&mut world);
    for role in [Role::RequestingParty, Role::Dsp, Role::S1sp] {
        check(&world, role, CLAUSE, &[says]);
    }
}

#[test]
fn whoever_installed_the_gas_meter_can_be_encrypted_to_responsible_or_not() {
    check_ca(|_| {}, Pass);
    check_ca(|w| w.installing_suppliers[0].supplier = SUPPLIER, Pass);
    check_ca(
        |w| w.encrypted_to.retain(|supplier| *supplier != OTHER_SUPPLIER),
        Finding("installing_suppliers.csv", "could be encrypted to nobody"),
    );
}

#[test]
fn nobody_recorded_is_never_clean() {
    check_ca(|w| w.installing_suppliers.clear(), Missing("no Installing Supplier of GSME"));
    check_ca(|w| w.installing_suppliers[0].device = device(0, 2), Missing("installing_suppliers.csv"));
}

#[test]
fn electricity_alone_other_groups_and_the_days_before_have_no_such_pin() {
    check_ca(without_gas, NotApplicable);
    for (day, says) in [(date(2020, 10, 28), NotYetInForce), (date(2020, 10, 29), Pass)] {
        // Before the FOC text, so in the version of the schema that was taken then.
        check_ca(|w| (w.books_on, w.schema) = (day, SchemaVersion::Before12), says);
    }
    for group in GroupId::ALL {
        let mut world = healthy_of(group, 1);
        world.installing_suppliers.clear();
        let says = if group == GroupId::CA { Missing("no Installing Supplier") } else { NotApplicable };
        check(&world, Role::Dsp, CLAUSE, &[says]);
        let book = Rulebook::published();
        for (day, from) in [(date(2020, 10, 28), false), (date(2020, 10, 29), true)] {
            assert_eq!(revises_pin(book.on(day), group), from && group == GroupId::CA, "{group} on {day}");
        }
    }
}
