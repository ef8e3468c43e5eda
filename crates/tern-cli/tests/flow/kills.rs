//! Fifty real `kill -9` of `tern migrate`: nothing is lost, and nothing happens twice.

use std::time::{Duration, Instant};

use tern_world::devices::LogRecord;

use crate::settled::{planted_is_found, settled};
use crate::support::{Place, look_again};

const KILLS: usize = 50;
/// Kills that hit one world, run after run, before it may come to its end.
const KILLS_A_WORLD: usize = 10;
const SEED: u64 = 20;

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// When the devices have done so much more than before.
    Effects(usize),
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing() {
    let (whole, again) = durations();
    let mut chance = Chance(SEED);
    let (mut kills, mut worlds, mut in_mid_flight) = (0, 0, 0);
    while kills < KILLS {
        let place = Place::everything();
        worlds += 1;
        let mut here = 0;
        while here < KILLS_A_WORLD && kills < KILLS {
            let moment = moment(&mut chance, whole, again);
            let effects = effects(&place);
            if !killed(&place, moment, effects) {
                break;
            }
            here += 1;
            kills += 1;
            let now = self::effects(&place);
            in_mid_flight += usize::from(now > effects);
            println!("kill {kills} of world {worlds} at {moment:?}: {effects} effects before, {now} after");
        }
        place.migrate();
        planted_is_found(&place, &settled(&place));
    }
    // However loaded the machine is, kills by the devices' own progress hit the flow itself.
    assert!(in_mid_flight >= 10, "only {in_mid_flight} of {KILLS} kills hit a run that had moved on (seed {SEED})");
}

/// How long a whole migration takes, and how long one takes that finds everything done.
fn durations() -> (Duration, Duration) {
    let place = Place::everything();
    let timed = || {
        let since = Instant::now();
        place.migrate();
        since.elapsed()
    };
    let durations = (timed(), timed());
    planted_is_found(&place, &settled(&place));
    durations
}

/// Half of the moments are times, spread so that the kills of one world reach from the start to the end; half are counts
/// of what the devices did.
fn moment(chance: &mut Chance, whole: Duration, again: Duration) -> Moment {
    let share = |chance: &mut Chance| f64::from(chance.below(1000)) / 1000.0;
    match chance.below(8) {
        0 => Moment::After(again.mul_f64(share(chance))),
        1..4 => {
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            let step = whole.saturating_sub(again).mul_f64(3.0 / KILLS_A_WORLD as f64);
            Moment::After(again + step.mul_f64(share(chance)))
        }
        _ => Moment::Effects(1 + chance.below(16) as usize),
    }
}

/// Starts a run and kills it at its moment; whether it was killed before it came to its end.
fn killed(place: &Place, moment: Moment, effects_before: usize) -> bool {
    let since = Instant::now();
    let mut run = place.start(&["migrate", "sets"]);
    loop {
        let now = match moment {
            Moment::After(time) => since.elapsed() >= time,
            Moment::Effects(more) => effects(place) >= effects_before + more,
        };
        if now {
            return run.kill();
        }
        if run.has_ended() {
            let ran = run.ended();
            assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?}");
            return false;
        }
        look_again();
    }
}

fn effects(place: &Place) -> usize {
    place.log().iter().filter(|r| matches!(r, LogRecord::Effect(_))).count()
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
