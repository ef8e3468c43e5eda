//! How long things took, as a distribution: whole days, in so little memory that a million of them cost what a thousand do.

use std::collections::BTreeMap;

use serde::Serialize;

/// Days that things took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Spread {
    /// How many took how many days.
    by_days: BTreeMap<i32, u64>,
}

/// Things that took from so many to so many days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The fewest days.
    pub from: i32,
    /// The most.
    pub to: i32,
    /// How many took so long.
    pub count: u64,
}

impl Spread {
    pub(super) fn add(&mut self, days: i32) {
        *self.by_days.entry(days).or_default() += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_days.values().sum()
    }

    /// The days that so many in a hundred took at most; none of nothing.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<i32> {
        let place = (self.total() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.by_days.iter().find_map(|(days, count)| {
            seen += count;
            (seen >= place).then_some(*days)
        })
    }

    /// Ranges of `width` days from 0 on, as far as anything took.
    #[must_use]
    pub fn ranges(&self, width: i32) -> Vec<Range> {
        let last = self.by_days.keys().next_back().copied().unwrap_or(0).max(0);
        let range = |at: i32| {
            let (from, to) = (at * width, (at + 1) * width - 1);
            let count = self.by_days.range(from..=to).map(|(_, count)| count).sum();
            Range { from, to, count }
        };
        (0..=last / width.max(1)).map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(days: &[i32]) -> Spread {
        let mut spread = Spread::default();
        days.iter().for_each(|days| spread.add(*days));
        spread
    }

    #[test]
    fn percentiles_are_days_that_something_took() {
        let spread = of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 100]);
        assert_eq!(
            [50, 90, 91, 100].map(|percent| spread.percentile(percent)),
            [Some(5), Some(9), Some(100), Some(100)]
        );
        assert_eq!(of(&[]).percentile(50), None);
        assert_eq!(of(&[3]).percentile(0), Some(3));
    }

    #[test]
    fn ranges_hold_everything_once() {
        let spread = of(&[0, 13, 14, 40]);
        let counts: Vec<u64> = spread.ranges(14).iter().map(|range| range.count).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(spread.ranges(14)[1], Range { from: 14, to: 27, count: 1 });
    }
}
