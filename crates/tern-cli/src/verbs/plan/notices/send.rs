//! `tern plan notices --send`: the notices of a day on their way to their recipients.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_plan::notices::DueNotices;
use tern_plan::plan::Period;
use tern_service::plans::dispatch::{Again, Attempt, Delivery, Dispatch, Dispatched, State};

use super::words;
use crate::context::Configured;
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count, count_cell, counted, good_cell, unsure_cell};
use crate::output::Report;

/// What became of them.
#[derive(Debug, Serialize)]
pub struct Posted {
    on: Date,
    files: Vec<One>,
    /// Notices that would break 4.29 or 4.30.
    not_sent: Vec<String>,
}

/// A file that was tried, or given up.
#[derive(Debug, Serialize)]
pub struct One {
    pub file: String,
    pub supplier: PartyId,
    pub meters: usize,
    pub state: State,
    /// Whether it may have come more than once.
    pub may_be_twice: bool,
    pub ways: Vec<Tried>,
}

/// What was tried by a way.
#[derive(Debug, Serialize)]
pub struct Tried {
    pub way: String,
    pub delivered: bool,
    pub attempts: Vec<Attempt>,
}

/// Sends the files of a day, and those that are open from before.
pub fn send(
    (plan, period): (&std::path::Path, Period),
    configured: &Configured,
    on: Date,
    due: DueNotices,
) -> Result<(Posted, usize), Failure> {
    let clock = configured.clock();
    let today = clock.today();
    if on > today {
        let what = format!("{on} has not come: today is {today}");
        return Err(Failure::new(what, "send on the day itself; without --send the files are written"));
    }
    if today > period.last {
        let what = format!("the days of this plan are over: it ends on {}, and today is {today}", period.last);
        let next = "nothing was sent; to try a plan of days gone by, give tern.toml a virtual clock: [clock] start";
        return Err(Failure::new(what, next));
    }
    let sent = Dispatch::open(plan, &configured.config)?.send(due.files, Again::EachTime, &*clock)?;
    let not_sent: Vec<String> = due.not_sent.iter().map(words).collect();
    let wrong = not_sent.len() + sent.iter().filter(|one| !is_whole(one)).count();
    let files = sent.iter().map(One::of).collect();
    Ok((Posted { on, files, not_sent }, wrong))
}

/// Whether it was delivered by each way that was tried.
fn is_whole(one: &Dispatched) -> bool {
    one.state() == State::Delivered && one.deliveries.iter().all(Delivery::is_done)
}

impl One {
    pub fn of(one: &Dispatched) -> One {
        let tried = |delivery: &Delivery| Tried {
            way: delivery.way.to_string(),
            delivered: delivery.is_done(),
            attempts: delivery.attempts.clone(),
        };
        One {
            file: one.file.to_string(),
            supplier: one.file.supplier,
            meters: one.meters,
            state: one.state(),
            may_be_twice: one.deliveries.iter().any(Delivery::may_be_twice),
            ways: one.deliveries.iter().map(tried).collect(),
        }
    }

    /// How it stands, in words.
    pub fn standing(&self) -> crate::look::Cell {
        match (self.state, self.may_be_twice) {
            (State::Delivered, false) => good_cell("delivered"),
            (State::Delivered, true) => good_cell("delivered, may have been sent twice"),
            (State::Unknown, false) => unsure_cell("no answer came"),
            (State::Unknown, true) => unsure_cell("no answer came, may have been sent twice"),
            (State::Open, _) => bad_cell("not delivered"),
            (State::GivenUp, _) => bad_cell("given up"),
        }
    }

    /// What was said by the ways that did not deliver it.
    pub fn said(&self) -> Vec<String> {
        let not = self.ways.iter().filter(|tried| !tried.delivered);
        not.filter_map(|tried| Some(format!("{}: {}", tried.way, tried.attempts.last()?.said))).collect()
    }
}

/// Files in a table, and below it what was said of those that did not arrive.
pub fn files(look: &Look, files: &[One]) -> Vec<String> {
    let rows = files.iter().map(|one| vec![cell(&one.file), count_cell(one.meters), one.standing()]);
    let mut lines = vec![look.table(&["file", "meters", "stands"], 2, rows)];
    let mut by_words: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in files {
        one.said().into_iter().for_each(|said| by_words.entry(said).or_default().push(&one.file));
    }
    for (said, of) in by_words {
        lines.push(String::new());
        lines.push(look.paragraph(&if let [one] = of[..] { one.to_owned() } else { counted(of.len(), "file") }, 2));
        lines.push(look.paragraph(&said, 4));
    }
    lines
}

impl Report for Posted {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.not_sent);
        if self.files.is_empty() {
            lines.push(format!("  nothing is left to be sent on {}", self.on));
            return lines.join("\n");
        }
        let delivered = self.files.iter().filter(|one| one.state == State::Delivered).count();
        let head = format!("{} for {}, {} delivered", counted(self.files.len(), "file"), self.on, count(delivered));
        lines.push(format!("  {}", look.strong(&head)));
        lines.push(String::new());
        lines.extend(files(look, &self.files));
        if self.files.iter().any(|one| !one.said().is_empty()) {
            lines.push(String::new());
            lines.push(look.faint("  next: what was not delivered is tried again with the next --send"));
        }
        lines.join("\n")
    }
}
