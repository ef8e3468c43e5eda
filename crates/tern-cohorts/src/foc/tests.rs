//! The list of rows is what the tables say, and every altering row can be asked about and taken back.

use tern_flow::{Change, Lane};

use super::FOC;

#[test]
fn rows_stand_in_the_order_of_their_tables() {
    let rows: Vec<_> = FOC.steps.iter().map(|s| s.row).filter(|r| r.starts_with('B')).collect();
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    assert_eq!(rows, sorted);
}

#[test]
fn no_device_is_altered_before_the_hub_was_reached() {
    assert_eq!(FOC.steps.first().map(|s| s.change), Some(Change::Reads));
}

#[test]
fn the_key_package_is_put_in_force_last_once_the_smso_is_shut_out() {
    let lanes: Vec<_> = FOC.steps.iter().rev().take(2).map(|s| (s.lane, s.change)).collect();
    assert_eq!(lanes, [(Lane::Dco, Change::Alters), (Lane::Device, Change::Reads)]);
}
