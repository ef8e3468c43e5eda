//! What `tern run` says: a line a day while it works, and a table at the end.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use tern_service::execution::{DayReport, Execution, Missed, Totals};

use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;

/// What a command did.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Days that it carried out.
    pub(super) days: Vec<DayReport>,
    /// Days that had gone by without anybody.
    pub(super) missed: Vec<Missed>,
}

/// Where an execution stands.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    plan: PathBuf,
    generation: u32,
    /// The day that comes next.
    stands_at: Date,
    last: Date,
    /// The days that this command carried out.
    days: Vec<DayReport>,
    /// Days that had gone by without anybody, with what became of what was due on them.
    missed: Vec<Missed>,
    /// What came of all days so far.
    totals: Totals,
    interrupted: bool,
}

impl Told {
    pub(super) fn of(
        execution: &Execution,
        plan: &Path,
        Progress { days, missed }: Progress,
        interrupted: bool,
    ) -> Result<Told, Failure> {
        Ok(Told {
            plan: plan.to_owned(),
            generation: execution.generation(),
            stands_at: execution.stands_at(),
            last: execution.last(),
            days,
            missed,
            totals: execution.totals()?,
            interrupted,
        })
    }

    /// Attempts of this command without success.
    pub(super) fn failed_now(&self) -> usize {
        self.days.iter().map(|day| day.failed.len()).sum()
    }
}

fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// Days as they are told, quiet ones together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    quiet: Option<(Date, Date)>,
}

impl Lines {
    /// What is told after a day.
    pub(super) fn after(&mut self, report: &DayReport, look: &Look) -> Vec<String> {
        if report.is_quiet() {
            let since = self.quiet.map_or(report.day, |(since, _)| since);
            self.quiet = Some((since, report.day));
            return Vec::new();
        }
        let mut lines = self.rest(look);
        lines.push(line_of(report, look));
        lines
    }

    /// What is told of days that were missed, up to the last day of the plan.
    pub(super) fn after_missed(&mut self, missed: &Missed, last: Date, look: &Look) -> Vec<String> {
        let mut lines = self.rest(look);
        let (since, until) = (missed.from, missed.until.yesterday().unwrap_or(missed.until));
        let days = if since == until { String::new() } else { format!("until {} {until}: ", weekday(until)) };
        let due = [
            (missed.notices, "notice"),
            (missed.hops, "hop"),
            (missed.configurations, "configuration"),
            (missed.migrations, "migration"),
        ];
        let due: Vec<String> =
            due.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what)).collect();
        let due = if due.is_empty() { "nothing".to_owned() } else { due.join(", ") };
        let head = format!("{} {since}", weekday(since));
        let words = look.unsure(&format!("{days}not carried out, with {due} due"));
        lines.push(format!("  {}  {}", look.strong(&head), look.hanging(&words, 18)));
        if let Some(generation) = missed.generation {
            let again = counted(missed.planned_again, "installation");
            let (later, days) = (missed.later, counted(usize::try_from(missed.days_at_most).unwrap_or(0), "day"));
            let mut words = format!("generation {generation} plans {again} again from {} on", missed.until);
            if later > 0 {
                words += &format!(": {later} migrated later, by {days} at most");
            }
            if missed.no_more > 0 {
                words += &format!("; {} not by {last} any more", missed.no_more);
            }
            lines.push(format!("  {}{}", " ".repeat(16), look.hanging(&words, 18)));
        }
        lines
    }

    /// Quiet days that nobody was told of yet.
    pub(super) fn rest(&mut self, look: &Look) -> Vec<String> {
        let Some((since, until)) = self.quiet.take() else { return Vec::new() };
        let words = if since == until { String::new() } else { format!("until {} {until}: ", weekday(until)) };
        vec![look.faint(&format!("  {} {since}  {words}nothing to do", weekday(since)))]
    }
}

/// A day in one line.
fn line_of(report: &DayReport, look: &Look) -> String {
    let day = format!("{} {}", weekday(report.day), report.day);
    let mut parts = Vec::new();
    let mut say = |count: usize, words: String| {
        if count > 0 {
            parts.push(words);
        }
    };
    let (meters, files) = (counted(report.notices, "meter"), counted(report.notice_files, "notice"));
    say(report.notices, format!("{files} of {meters}"));
    say(report.undelivered, look.unsure(&format!("{} not delivered", report.undelivered)));
    say(report.hops_made, counted(report.hops_made, "hop") + " made");
    say(report.hops_failed, look.bad(&(counted(report.hops_failed, "hop") + " failed")));
    say(report.configured, format!("{} configured", report.configured));
    let failed = counted(report.configurations_failed, "configuration");
    say(report.configurations_failed, look.bad(&format!("{failed} failed")));
    let (hops, configurations) = (report.hops_begun, report.configurations_begun);
    say(hops, counted(hops, "hop") + " begun");
    say(configurations, counted(configurations, "configuration") + " begun");
    say(report.due, look.good(&format!("{} of {} migrated", report.migrated, report.due)));
    let codes: Vec<&str> = report.failed.iter().map(|failed| failed.code.as_str()).collect();
    say(codes.len(), look.bad(&format!("{} failed: {}", codes.len(), several(&codes))));
    format!("  {}  {}", look.strong(&day), look.hanging(&parts.join(", "), 18))
}

/// Codes, each once, with how often it came.
fn several(codes: &[&str]) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for code in codes {
        match counted.iter_mut().find(|(known, _)| known == code) {
            Some((_, count)) => *count += 1,
            None => counted.push((code, 1)),
        }
    }
    let one = |(code, count): (&str, usize)| if count == 1 { code.to_owned() } else { format!("{code} ({count})") };
    counted.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let mut lines = vec![String::new()];
        let over = self.stands_at > self.last;
        let head = if over {
            format!("the plan in {} is carried out", self.plan.display())
        } else {
            format!("the plan in {} is carried out as far as the morning of {}", self.plan.display(), self.stands_at)
        };
        lines.push(format!("  {}, generation {}", look.strong(&head), self.generation));
        lines.push(String::new());
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let totals = &self.totals;
        let rows = [
            ("meters notified of", totals.notices),
            ("notices not delivered", totals.undelivered),
            ("hops made", totals.hops_made),
            ("hops failed", totals.hops_failed),
            ("installations configured", totals.configured),
            ("installations migrated", totals.migrated),
            ("attempts without success", totals.attempts_failed),
            ("installations excluded", number(totals.excluded)),
            ("installations waiting", number(totals.waiting)),
        ];
        let rows = rows.map(|(words, count)| vec![cell(words), count_cell(count)]);
        lines.push(look.table(&[&format!("in {}", counted(totals.days, "day")), ""], 0, rows));
        if self.interrupted {
            lines.push(String::new());
            lines.push(look.unsure("  stopped; the same command goes on where this one was"));
        }
        lines.join("\n")
    }
}
