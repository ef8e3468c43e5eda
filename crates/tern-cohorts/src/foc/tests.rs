//! The list of rows is what the tables say, and every altering row can be asked about and taken back.

use tern_flow::Change;

use super::steps::STEPS;

#[test]
fn rows_stand_in_the_order_of_their_tables() {
    let rows: Vec<_> = STEPS.iter().map(|s| s.row).filter(|r| r.starts_with('B')).collect();
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    assert_eq!(rows, sorted);
}

#[test]
fn no_device_is_altered_before_the_hub_was_reached_and_nothing_alters_after_the_last_check() {
    assert_eq!(STEPS.first().map(|s| s.change), Some(Change::Reads));
    assert_eq!(STEPS.last().map(|s| s.change), Some(Change::Reads));
}
