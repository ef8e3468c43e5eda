//! The numbers of the wordings as the rows give them, days, and how a day's capacity is shared.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::GroupId;
use tern_model::working_day::is_working_day;

/// AC7: the day from which S002's changes hold.
pub(super) const FOC_TEXT: Date = date(2020, 11, 29);

/// PL6, AC7: the day from which 4.26 reaches to planned entries (S003: 4 September 2020).
pub(super) const EARLY_FIRMWARE_TEXT: Date = date(2020, 9, 4);

/// AC7: the day from which a group is covered.
pub(super) fn covered_from(group: GroupId, foc_text: Date) -> Date {
    match group {
        GroupId::AA | GroupId::BA | GroupId::CA => date(2019, 7, 28),
        GroupId::CB => date(2020, 6, 15),
        GroupId::DA => date(2020, 9, 18),
        GroupId::EA | GroupId::EB | GroupId::EC => foc_text,
    }
}

pub(super) fn is_foc(group: GroupId) -> bool {
    matches!(group, GroupId::EA | GroupId::EB | GroupId::EC)
}

/// PL1: Working Days for the notices of 4.29 and 4.30.
pub(super) fn notice_days(clause: &str, recent: bool) -> u16 {
    match (clause, recent) {
        ("4.29", true) => 2,
        ("4.30", true) => 8,
        _ => 15,
    }
}

/// PL4: the window of 5.10.10 and 5.10.15.
pub(super) fn window(day: Date, foc_text: Date) -> i64 {
    if day < foc_text { 7 } else { 2 }
}

pub(super) fn plus(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).expect("a day")
}

/// The `count`th Working Day after a day.
pub(super) fn working_days_after(day: Date, count: u16) -> Date {
    let (mut at, mut left) = (day, count);
    while left > 0 {
        at = plus(at, 1);
        if is_working_day(at).expect("within the table") {
            left -= 1;
        }
    }
    at
}

/// A day's capacity, one place after the other where there is a fraction (PL13).
pub(super) fn share(capacity: u64, dmin: u64, waiting: &[u64]) -> Vec<u64> {
    let flat: Vec<u64> = waiting.iter().map(|waiting| (*waiting).min(dmin)).collect();
    let all: u64 = flat.iter().sum();
    if all > capacity {
        return in_proportion(capacity, &flat);
    }
    let unmet: Vec<u64> = waiting.iter().zip(&flat).map(|(waiting, flat)| waiting - flat).collect();
    let rest = (capacity - all).min(unmet.iter().sum());
    in_proportion(rest, &unmet).iter().zip(&flat).map(|(rest, flat)| rest + flat).collect()
}

fn in_proportion(amount: u64, wanted: &[u64]) -> Vec<u64> {
    let all: u64 = wanted.iter().sum::<u64>().max(1);
    let mut shares: Vec<u64> = wanted.iter().map(|wanted| wanted * amount / all).collect();
    let mut remainders: Vec<u64> = wanted.iter().map(|wanted| wanted * amount % all).collect();
    while shares.iter().sum::<u64>() < amount {
        let most = remainders.iter().copied().max().expect("someone wants something");
        let first = remainders.iter().position(|remainder| *remainder == most).expect("it is there");
        shares[first] += 1;
        remainders[first] = 0;
    }
    shares
}
