//! Whoever holds the keys may still send nonsense: no device falls over, and each still answers afterwards.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tern_dlms::client::Client;
use tern_dlms::{BitString, CosemDateTime, Data, LogicalName, Selection};
use tern_world::dlms::server;

use super::support::*;

const NAMES: [(u16, LogicalName); 13] = [
    (15, CURRENT),
    (64, SECURITY),
    (8, CLOCK),
    (3, IMPORT),
    (7, PROFILE),
    (20, CALENDAR),
    (70, SUPPLY),
    (18, IMAGE),
    (1, PAYMENT_MODE),
    (1, BALANCE),
    (1, DEVICE_ID),
    (45, APN),
    (1, WHITELIST),
];

fn below(dice: &mut ChaCha20Rng, bound: u32) -> u32 {
    dice.next_u32() % bound
}

fn number(dice: &mut ChaCha20Rng) -> u32 {
    let chosen = [0, 1, 2, 511, 512, 513, u32::MAX, dice.next_u32()];
    chosen[below(dice, 8) as usize]
}

fn octets(dice: &mut ChaCha20Rng) -> Vec<u8> {
    let lengths = [0, 1, 4, 6, 8, 12, 24, 512];
    let mut bytes = vec![0; lengths[below(dice, 8) as usize]];
    dice.fill_bytes(&mut bytes);
    bytes
}

/// Values that are often nearly of the right shape.
fn value(dice: &mut ChaCha20Rng, depth: u32) -> Data {
    let elements = |dice: &mut ChaCha20Rng| (0..below(dice, 4)).map(|_| value(dice, depth - 1)).collect::<Vec<_>>();
    match below(dice, if depth == 0 { 10 } else { 13 }) {
        0 => Data::Null,
        1 => Data::Enum(below(dice, 5) as u8),
        2 => Data::DoubleLongUnsigned(number(dice)),
        3 => Data::LongUnsigned(number(dice) as u16),
        4 => Data::Long64(i64::from(number(dice)) << below(dice, 32)),
        5 => Data::Long(number(dice) as i16),
        6 => Data::Boolean(below(dice, 2) == 1),
        7 => Data::BitString((0..below(dice, 20)).map(|_| true).collect::<BitString>()),
        8 => Data::OctetString(octets(dice)),
        9 => {
            let second = i64::from(dice.next_u32()) * i64::from(below(dice, 40));
            let moment = jiff::Timestamp::from_second(second).unwrap_or_default();
            Data::date_time(&CosemDateTime::from_timestamp(moment))
        }
        10 => Data::Array(elements(dice)),
        11 => Data::Structure(vec![value(dice, depth - 1), value(dice, depth - 1)]),
        _ => Data::Structure(elements(dice)),
    }
}

fn selection(dice: &mut ChaCha20Rng) -> Selection {
    let column = |dice: &mut ChaCha20Rng| number(dice) as u16;
    Selection::Entry {
        from_entry: number(dice),
        to_entry: number(dice),
        from_column: column(dice),
        to_column: column(dice),
    }
}

fn ask<T: std::io::Read + std::io::Write>(client: &mut Client<T>, dice: &mut ChaCha20Rng) {
    let (class, name) = NAMES[below(dice, 13) as usize];
    let at = below(dice, 12) as i8 - 1;
    // What becomes of it is the device's business; that it goes on is ours.
    let _ = match below(dice, 4) {
        0 => client.get(attribute((class, name, at))).map(drop),
        1 => client.get_with(attribute((class, name, at)), &selection(dice)).map(drop),
        2 => client.set(attribute((class, name, at)), value(dice, 4)),
        _ => client.action(method((class, name, at)), Some(value(dice, 4))).map(drop),
    };
}

#[test]
fn nonsense_from_those_who_hold_the_keys_stops_no_device() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        for seed in 0..40 {
            let mut dice = ChaCha20Rng::seed_from_u64(seed);
            let mut meter = world.management(SINGLE, &smso_keys()).expect("opens");
            (0..12).for_each(|_| ask(&mut meter, &mut dice));
            drop(meter);
            let mut critical = world.critical(SINGLE, &smso_master());
            (0..12).for_each(|_| ask(&mut critical, &mut dice));
            let hub = (SINGLE, server::CHF, tern_model::DeviceId(SINGLE.0));
            let (class, name) = NAMES[below(&mut dice, 13) as usize];
            let wanted = (class, name, below(&mut dice, 8) as i8);
            let apdu = if seed % 2 == 0 {
                set_of(wanted, value(&mut dice, 4))
            } else {
                action_of(wanted, value(&mut dice, 4))
            };
            let signing = world.request(&parties().smso, hub, apdu);
            world.signed(SINGLE, server::CHF, &signing);
        }
        let mut meter = world.management(SINGLE, &smso_keys()).expect("still opens");
        assert!(meter.get(attribute((3, IMPORT, 2))).is_ok());
    });
    again(dir.path(), |world| {
        assert!(world.management(SINGLE, &smso_keys()).is_ok(), "what it logged is read again");
    });
}
