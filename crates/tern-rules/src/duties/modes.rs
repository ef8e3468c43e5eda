//! In which Payment Mode a meter was on which day.

use jiff::civil::Date;
use tern_model::facts::{MeterEvent, MeterEventKind, PaymentMode};

use super::Misfit;

/// The modes of a meter, each from a day on.
#[derive(Debug, Clone)]
pub(super) struct Modes {
    since: Vec<Since>,
}

/// A mode from a day on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    pub(super) day: Date,
    /// None where two rows of the day contradict each other.
    pub(super) mode: Option<PaymentMode>,
    pub(super) row: u64,
    /// The row of the same day that says otherwise.
    against: Option<u64>,
}

impl Modes {
    /// From events in order.
    pub(super) fn of(events: &[&MeterEvent]) -> Modes {
        let mut since: Vec<Since> = Vec::new();
        for event in events {
            let MeterEventKind::PaymentMode(mode) = event.kind else { continue };
            match since.last_mut().filter(|last| last.day == event.day) {
                Some(last) if last.mode != Some(mode) => (last.mode, last.against) = (None, Some(event.row.0)),
                Some(_) => {}
                None => since.push(Since { day: event.day, mode: Some(mode), row: event.row.0, against: None }),
            }
        }
        Modes { since }
    }

    /// What holds on a day; none where nothing was recorded by then.
    pub(super) fn on(&self, day: Date) -> Option<&Since> {
        self.since.iter().rev().find(|since| since.day <= day)
    }

    /// What was recorded after one day, up to another.
    pub(super) fn between(&self, after: Date, until: Date) -> impl Iterator<Item = &Since> {
        self.since.iter().filter(move |since| after < since.day && since.day <= until)
    }

    pub(super) fn misfits(&self) -> Vec<Misfit> {
        let told = |since: &Since| {
            let row = since.against?;
            let (first, day) = (since.row, since.day);
            let text = format!("contradicts row {first}, which has another Payment Mode on {day}; neither was taken");
            Some(Misfit { row, text })
        };
        self.since.iter().filter_map(told).collect()
    }
}

impl Since {
    /// For example `Prepayment Mode since 2021-02-01 (row 4)`.
    pub(super) fn words(&self) -> String {
        match (self.mode, self.against) {
            (Some(mode), _) => format!("{mode} since {} (row {})", self.day, self.row),
            (None, against) => {
                let other = against.unwrap_or_default();
                format!("not known since {}: rows {} and {other} contradict each other", self.day, self.row)
            }
        }
    }
}
