//! What would have to be assumed for a figure of the sources to hold in the population that was planned.
//!
//! Each is a proportion of what was counted (P): it says how far the population is from the one that the source speaks of, and is
//! no plan of its own.

use serde::Serialize;

use super::Comparison;

/// A figure that a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Source {
    /// In words.
    pub figure: &'static str,
    /// The number in it.
    pub value: u32,
    /// What the number counts.
    pub unit: &'static str,
    /// Where it stands.
    pub item: &'static str,
}

/// About 7 % of customers are migrated at least 7 Working Days sooner.
const SOONER: Source = Source {
    figure: "about 7 % of customers at least 7 Working Days sooner",
    value: 7,
    unit: "%",
    item: "S002 items 4 and 5",
};
/// About 3 % of customers are not reprocessed.
const SPARED: Source =
    Source { figure: "about 3 % of customers not reprocessed", value: 3, unit: "%", item: "S002 items 8 and 9" };
/// Early firmware gains at least four weeks.
const WEEKS: Source = Source {
    figure: "at least 4 weeks from test confirmation to first migration",
    value: 4,
    unit: "weeks",
    item: "S003 section 2",
};

/// A source's figure, ours beside it, and what would have to be for them to be one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Needed {
    /// The source's figure.
    pub source: Source,
    /// Ours, in its unit; none where nothing was counted.
    pub ours: Option<f64>,
    /// What is assumed, or described by estate and events.
    pub assumption: &'static str,
    /// What it is here.
    pub is: Option<f64>,
    /// What it would have to be; none where no value of it would do.
    pub would_have_to_be: Option<f64>,
    /// How that comes about.
    pub how: &'static str,
}

impl Comparison {
    /// A row for each figure of the sources.
    #[must_use]
    pub fn sensitivity(&self) -> [Needed; 3] {
        [self.sooner_needs(), self.spared_needs(), self.weeks_need()]
    }

    fn sooner_needs(&self) -> Needed {
        let (ours, is) = (self.sooner.percent(), self.recently_dormant.after.percent());
        Needed {
            source: SOONER,
            ours,
            assumption: "% of installations notified as Recently Dormant",
            is,
            would_have_to_be: scaled(is, ours, SOONER.value).filter(|share| *share <= 100.0),
            how: "in proportion: each Recently Dormant installation gains as often as those that were planned",
        }
    }

    fn spared_needs(&self) -> Needed {
        let (ours, is) = (self.spared.percent(), self.changes_a_year());
        Needed {
            source: SPARED,
            ours,
            assumption: "changes of supplier a year for 100 meters",
            is,
            would_have_to_be: scaled(is, ours, SPARED.value),
            how: "in proportion: changes of supplier come on any day alike",
        }
    }

    fn weeks_need(&self) -> Needed {
        let gains: Vec<f64> = self.entries.iter().filter_map(|entry| entry.days_gained()).map(f64::from).collect();
        let lags: Vec<f64> = self.entries.iter().filter_map(|entry| entry.days_to_approval()).map(f64::from).collect();
        let (gain, lag) = (mean(&gains), mean(&lags));
        let wanted = 7.0 * f64::from(WEEKS.value);
        Needed {
            source: WEEKS,
            ours: gain.map(|days| days / 7.0),
            assumption: "days from the confirmation of tests to approval, in the mean of entries",
            is: lag,
            would_have_to_be: gain.zip(lag).filter(|(gain, _)| *gain > 0.0).map(|(gain, lag)| lag + wanted - gain),
            how: "day by day: what upgrades do not wait for any more, they gain",
        }
    }

    /// Changes of supplier that take effect in a year, for 100 meters.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is read with a digit or two")]
    pub fn changes_a_year(&self) -> Option<f64> {
        let years = self.days as f64 / 365.25;
        self.changes.percent().map(|percent| percent / years)
    }
}

/// What `is` would have to be for `ours` to become `wanted`, both growing alike.
fn scaled(is: Option<f64>, ours: Option<f64>, wanted: u32) -> Option<f64> {
    let ours = ours.filter(|ours| *ours > 0.0)?;
    Some(is? * f64::from(wanted) / ours)
}

#[expect(clippy::cast_precision_loss, reason = "there are few entries")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
