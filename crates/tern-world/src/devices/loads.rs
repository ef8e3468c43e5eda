//! What a meter measures: electricity used and fed in, computed from a seed and the time, and kept nowhere.
//!
//! Energy at a half-hour is a day's shape times a household's size, with a little chance of its own; the sum over any time
//! is a closed form, so that ten thousand meters with a year's profile cost no memory.

/// Half-hours of a day.
pub const SLOTS_A_DAY: i64 = 48;
/// Seconds of a half-hour.
pub const SLOT_SECONDS: i64 = 1800;

/// How a household's day looks, by half-hour: a base of 10, more in the morning, most in the evening.
const SHAPE: [u64; 48] = [
    11, 10, 10, 10, 10, 10, 10, 10, 10, 11, 12, 14, 18, 24, 30, 32, 28, 24, 20, 18, 17, 16, 17, 19, //
    21, 20, 18, 17, 16, 16, 18, 22, 28, 36, 44, 48, 46, 42, 38, 34, 32, 30, 27, 24, 20, 17, 14, 12,
];

/// What one meter measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loads {
    seed: u64,
    first_day: i64,
}

/// Which half-hours of a day count in the second rate.
pub type SecondRate = [bool; 48];

impl Loads {
    /// The meter of a seed, which began to count at the start of the day (UTC) in which a second after 1970 lies.
    #[must_use]
    pub fn new(seed: u64, since: i64) -> Loads {
        Loads { seed, first_day: slot_of(since).div_euclid(SLOTS_A_DAY) }
    }

    /// The first half-hour that it measured.
    #[must_use]
    pub fn first_slot(&self) -> i64 {
        self.first_day * SLOTS_A_DAY
    }

    /// Watt-hours imported until the start of a half-hour (their number since 1970). Never less later.
    #[must_use]
    pub fn imported(&self, slot: i64) -> u64 {
        self.counted(slot, |_| true).saturating_add(self.chance(slot, self.size() * SHAPE[2]))
    }

    /// Watt-hours fed in until the start of a half-hour; two households in five have a roof for it.
    #[must_use]
    pub fn exported(&self, slot: i64) -> u64 {
        if mixed(self.seed, 3) % 5 > 1 {
            return 0;
        }
        let (days, of_day) = self.split(slot);
        // Twelve hours of light, from six on.
        let lit = u64::try_from((of_day - 12).clamp(0, 24)).unwrap_or(0);
        (days * 24 + lit) * (20 + mixed(self.seed, 4) % 60)
    }

    /// Of what was imported between the starts of two half-hours, the watt-hours of the second rate.
    #[must_use]
    pub fn second_rate(&self, from: i64, until: i64, second: &SecondRate) -> u64 {
        let counts = |at: usize| second.get(at).copied().unwrap_or(false);
        self.counted(until, counts).saturating_sub(self.counted(from, counts))
    }

    /// Whole days since the first, and the half-hour of the day.
    fn split(&self, slot: i64) -> (u64, i64) {
        let days = slot.div_euclid(SLOTS_A_DAY) - self.first_day;
        (u64::try_from(days).unwrap_or(0), slot.rem_euclid(SLOTS_A_DAY))
    }

    /// Watt-hours of those half-hours of a day that count, since the first day.
    fn counted(&self, slot: i64, counts: impl Fn(usize) -> bool) -> u64 {
        let (days, of_day) = self.split(slot);
        let sum = |until: i64| -> u64 {
            let shape = (0i64..).zip(SHAPE.iter().enumerate());
            shape.filter(|(slot, (at, _))| *slot < until && counts(*at)).map(|(_, (_, wh))| *wh).sum()
        };
        (days * sum(SLOTS_A_DAY) + sum(of_day)) * self.size()
    }

    /// 5 to 14: a household uses about 5 to 14 kWh a day.
    fn size(&self) -> u64 {
        5 + mixed(self.seed, 1) % 10
    }

    /// Less than the least half-hour, so that the sum never falls.
    fn chance(&self, slot: i64, below: u64) -> u64 {
        mixed(self.seed ^ slot.cast_unsigned(), 2) % below.max(1)
    }
}

/// The half-hour in which a second after 1970 lies.
#[must_use]
pub fn slot_of(second: i64) -> i64 {
    second.div_euclid(SLOT_SECONDS)
}

/// Mixes a seed with a purpose (SplitMix64's finaliser).
pub(super) fn mixed(seed: u64, purpose: u64) -> u64 {
    let mut z = seed.wrapping_add(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_never_falls_and_households_differ() {
        for seed in 0..50 {
            let loads = Loads::new(seed, 899_000 * SLOT_SECONDS);
            let mut last = (0, 0);
            for slot in 900_000..900_500 {
                let now = (loads.imported(slot), loads.exported(slot));
                assert!(now.0 >= last.0 && now.1 >= last.1, "seed {seed}, half-hour {slot}");
                last = now;
            }
        }
        assert_ne!(Loads::new(1, 0).imported(900_000), Loads::new(2, 0).imported(900_000));
    }

    #[test]
    fn the_second_rate_is_a_part_of_what_was_imported() {
        let loads = Loads::new(7, 899_000 * SLOT_SECONDS);
        let night: SecondRate = std::array::from_fn(|at| at < 14);
        let (from, until) = (900_000, 900_000 + 480);
        let second = loads.second_rate(from, until, &night);
        assert!(second > 0 && second < loads.imported(until) - loads.imported(from));
        assert_eq!(loads.second_rate(from, until, &[false; 48]), 0);
        let halves = loads.second_rate(from, from + 11, &night) + loads.second_rate(from + 11, until, &night);
        assert_eq!(second, halves, "time in two parts is the same time");
    }
}
