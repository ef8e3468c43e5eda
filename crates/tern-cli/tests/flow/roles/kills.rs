//! `kill -9` of each role, and of whoever hands the sets in, at seeded moments: nothing is lost, and nothing happens twice.

use std::time::{Duration, Instant};

use super::{ROLES, Roles};
use crate::settled::{planted_is_found, settled};
use crate::support::{Place, look_again};

const SEED: u64 = 4;
/// So many worlds; in each, kills follow each other until every set has come to its end.
const WORLDS: usize = 2;
/// Kills of a world: after them it comes to its end undisturbed.
const KILLS_A_WORLD: usize = 20;

#[test]
fn kills_of_roles_lose_nothing_and_repeat_nothing() {
    let mut chance = Chance(SEED);
    let (mut kills, mut in_mid_flight) = ([0; ROLES.len() + 1], 0);
    for world in 1..=WORLDS {
        let place = Place::everything();
        let mut roles = Roles::start(&place);
        let mut driver = place.start(&["migrate", "sets", "--roles", "--json"]);
        let mut here = 0;
        while !driver.has_ended() {
            let moment = Duration::from_millis(u64::from(20 + chance.below(180)));
            let since = Instant::now();
            while since.elapsed() < moment && !driver.has_ended() {
                look_again();
            }
            if here == KILLS_A_WORLD || driver.has_ended() {
                continue;
            }
            here += 1;
            let who = chance.below(5) as usize;
            kills[who] += 1;
            let effects = place.log().len();
            match ROLES.get(who) {
                Some(role) => {
                    roles.kill(role);
                    // Now and then its peers find nobody there.
                    std::thread::park_timeout(Duration::from_millis(u64::from(chance.below(2) * 100)));
                    roles.start_role(role);
                }
                None => {
                    driver.kill();
                    driver = place.start(&["migrate", "sets", "--roles", "--json"]);
                }
            }
            in_mid_flight += usize::from(effects > 0);
            println!("kill {here} of world {world}: {} after {effects} effects", ROLES.get(who).unwrap_or(&"driver"));
        }
        let ran = driver.ended();
        assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?}");
        roles.stop();
        planted_is_found(&place, &settled(&place));
    }
    println!("kills of {ROLES:?} and the driver: {kills:?}, {in_mid_flight} in mid-flight");
    assert!(kills.iter().all(|n| *n > 0), "not everybody was killed: {kills:?} (seed {SEED})");
}

/// Numbers from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((z ^ (z >> 31)) % u64::from(limit)).expect("below a limit of 32 bits")
    }
}
