//! The private table: one row a key, rows of a subject in order, nothing left behind.

use tern_store::{Scratch, ScratchRow};

fn row(subject: i64, kind: u8, rest: &str, number: u64) -> ScratchRow {
    ScratchRow { subject, kind, rest: rest.to_owned(), number, text: format!("{subject} {kind} {rest} {number}") }
}

#[test]
fn the_first_row_of_a_key_stays_and_is_told() {
    let scratch = Scratch::new().unwrap();
    let mut filling = scratch.fill().unwrap();
    let rows = [row(1, 1, "b", 2), row(1, 0, "a", 9), row(1, 1, "a", 3), row(-1, 0, "a", 1), row(i64::MIN, 0, "", 0)];
    for row in &rows {
        assert_eq!(filling.put(row).unwrap(), None);
    }
    assert_eq!(filling.put(&row(1, 1, "a", 8)).unwrap(), Some((3, "1 1 a 3".to_owned())));
    filling.finish().unwrap();
    assert_eq!(scratch.rows_of(1).unwrap(), [rows[1].clone(), rows[0].clone(), rows[2].clone()]);
    assert_eq!(scratch.rows_of(-1).unwrap(), [rows[3].clone()]);
    assert_eq!(scratch.rows_of(i64::MIN).unwrap(), [rows[4].clone()]);
    assert_eq!(scratch.rows_of(2).unwrap(), []);
}

#[test]
fn more_rows_than_memory_may_hold_come_back() {
    let scratch = Scratch::new().unwrap();
    let mut filling = scratch.fill().unwrap();
    let long = "x".repeat(500);
    // 20 MB beside a cache of 8, in an order that is not the key's.
    let subject = |n: u64| (n * 7919 % 40_000).cast_signed();
    for n in 0..40_000 {
        assert_eq!(filling.put(&row(subject(n), 0, &long, n)).unwrap(), None);
    }
    filling.finish().unwrap();
    for n in (0..40_000).step_by(97) {
        assert_eq!(scratch.rows_of(subject(n)).unwrap(), [row(subject(n), 0, &long, n)]);
    }
}
