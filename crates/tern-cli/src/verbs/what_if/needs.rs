//! What assumptions would have to be for the sources' figures to hold, a line each: for people and for the table alike.

use tern_plan::what_if::{Expected, Needed, Verdict};

/// One assumption.
pub struct Need {
    /// The figure that is to hold.
    pub figure: String,
    /// What is assumed.
    pub assumption: &'static str,
    /// What it is.
    pub is: String,
    /// The figure with it.
    pub now: String,
    /// What it would have to be.
    pub needed: String,
    /// The figure then.
    pub then: String,
}

/// Every one.
pub fn needs(expected: &[Expected]) -> Vec<Need> {
    expected.iter().flat_map(|expected| expected.needs.iter().map(|needed| Need::of(expected, needed))).collect()
}

impl Need {
    pub const HEADER: [&'static str; 6] = ["for", "assumption", "is", "figure", "to be", "figure then"];

    fn of(expected: &Expected, needed: &Needed) -> Need {
        let unit = expected.source.unit;
        let told = |figure: Option<f64>| figure.map_or_else(|| "nothing".to_owned(), |it| format!("{it:.1} {unit}"));
        let (to_be, then) = match needed.needed {
            Verdict::Holds => ("holds".to_owned(), told(expected.sampled)),
            Verdict::WouldHold { with, figure } => (format!("{with:.1}"), told(Some(figure))),
            Verdict::Passed { at, figure } => (format!("passed at {at:.1}"), told(Some(figure))),
            Verdict::NotReached { tried, figure } => (format!("not by {tried:.1}"), told(figure)),
        };
        Need {
            figure: expected.figure.short().to_owned(),
            assumption: needed.assumption,
            is: format!("{:.1}", needed.is),
            now: told(expected.sampled),
            needed: to_be,
            then,
        }
    }

    /// In the order of the header.
    pub fn cells(&self) -> [&str; 6] {
        [&self.figure, self.assumption, &self.is, &self.now, &self.needed, &self.then]
    }
}
