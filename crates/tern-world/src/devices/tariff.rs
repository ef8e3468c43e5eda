//! What an activity calendar's day profiles mean for the registers: which half-hours count in the second rate.

use tern_dlms::{Codec, Data};

use super::loads::{SLOT_SECONDS, SecondRate};

/// The script that switches to the second rate.
const SECOND_RATE_SCRIPT: u16 = 2;

/// The half-hours of the second rate by a day profile table (encoded): those of the first day profile, every day (P). `None`
/// where it is no such table.
pub(crate) fn second_rate(days: &[u8]) -> Option<SecondRate> {
    let days = Data::decode(days).ok()?;
    let [_, schedule] = days.as_array().ok()?.first()?.as_structure::<2>().ok()?;
    let mut rate = [false; 48];
    for action in schedule.as_array().ok()? {
        let [start, _, selector] = action.as_structure::<3>().ok()?;
        let [hour, minute, ..] = start.as_octets().ok()? else { return None };
        let from = (i64::from(*hour) * 3600 + i64::from(*minute) * 60) / SLOT_SECONDS;
        let second = selector.as_long_unsigned().ok()? == SECOND_RATE_SCRIPT;
        rate.iter_mut().skip(usize::try_from(from).unwrap_or(0)).for_each(|slot| *slot = second);
    }
    Some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_of_a_day_holds_until_the_next() {
        let action = |hour: u8, script: u16| {
            Data::Structure(vec![
                Data::octets([hour, 30, 0, 0]),
                Data::octets([0, 0, 10, 0, 100, 255]),
                Data::LongUnsigned(script),
            ])
        };
        let day =
            Data::Structure(vec![Data::Unsigned(1), Data::Array(vec![action(0, 2), action(7, 1), action(22, 2)])]);
        let rate = second_rate(&Data::Array(vec![day]).to_bytes()).expect("a table");
        let second: Vec<usize> = (0..48).filter(|slot| rate[*slot]).collect();
        assert_eq!(second, (1..15).chain(45..48).collect::<Vec<_>>());
        assert_eq!(second_rate(&Data::Null.to_bytes()), None);
    }
}
