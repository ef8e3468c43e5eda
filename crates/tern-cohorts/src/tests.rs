//! What holds of every cohort's rows, whatever its tables.

use std::collections::BTreeSet;

use tern_flow::Lane;
use tern_model::GroupId;

use super::cohort;

#[test]
fn a_row_has_one_name_in_its_cohort() {
    for group in GroupId::ALL {
        let steps = cohort(group).steps();
        let names: BTreeSet<_> = steps.iter().map(|s| s.row).collect();
        assert_eq!(names.len(), steps.len(), "{group}");
    }
}

#[test]
fn rows_stand_in_the_order_of_their_tables() {
    for group in GroupId::ALL {
        let rows: Vec<_> = cohort(group).steps().iter().map(|s| s.row).filter(|r| r.starts_with(['A', 'B'])).collect();
        assert!(rows.is_sorted(), "{group}: {rows:?}");
    }
}

#[test]
fn no_device_is_altered_before_the_hub_was_reached() {
    for group in GroupId::ALL {
        assert_eq!(cohort(group).steps().first().map(|s| s.change.alters()), Some(false), "{group}");
    }
}

#[test]
fn the_key_package_is_put_in_force_last_once_the_smso_is_shut_out() {
    for group in GroupId::ALL {
        let last: Vec<_> = cohort(group).steps().iter().rev().take(2).map(|s| (s.lane, s.change.alters())).collect();
        assert_eq!(last, [(Lane::Dco, true), (Lane::Device, false)], "{group}");
    }
}

#[test]
fn what_is_altered_is_altered_once() {
    for group in GroupId::ALL {
        let altered: Vec<_> =
            cohort(group).steps().iter().filter_map(|s| s.change.altered()).map(|a| (a.keeper, a.thing)).collect();
        let once: BTreeSet<_> = altered.iter().copied().collect();
        assert_eq!(once.len(), altered.len(), "{group}: {altered:?}");
    }
}
