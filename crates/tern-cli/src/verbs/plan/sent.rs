//! `tern plan sent`: what became of a plan's notices, and whether they were given in time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_plan::plan::NoticeOf;
use tern_service::ServiceFault;
use tern_service::plans::dispatch::{Compliance, Delivery, Dispatched, Notice, Sent, Standing, State};
use tern_service::reports::{Cell, Table};

use super::PlanName;
use super::notices::send::{One, files};
use crate::context::{Context, file_failure, make_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;

/// Tell what became of a plan's notices: attempts, what could not be delivered, and whether notice was given in time
///
/// Every notice that the plan has had go out is held against the record of `tern plan notices --send`. In time is
/// what was delivered so many Working Days before the first of the steps as its term is (4.29, 4.30).
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern plan sent",
    "tern plan sent --in plan --until 2021-03-31 --out notice-report"
))]
pub struct Args {
    /// The plan's folder
    #[arg(long = "in", value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
    /// The last day whose notices are asked for; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    /// Write tables there: every attempt, compliance by supplier, and each notice that was not given in time
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Tell of so many files that need a look
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    most: usize,
}

#[derive(Debug, Serialize)]
struct Told {
    until: Date,
    files: BTreeMap<State, usize>,
    may_be_twice: usize,
    attempts: usize,
    compliance: Vec<Row>,
    /// The first files that were not delivered, or may have come twice.
    look_at: Vec<One>,
    look_at_in_all: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    written: Vec<String>,
    #[serde(skip)]
    out: Option<PathBuf>,
}

/// How the notices of one kind stand.
#[derive(Debug, Serialize)]
struct Row {
    of: NoticeOf,
    planned: u64,
    in_time: u64,
    late: u64,
    not_delivered: u64,
    not_sent: u64,
    facts_missing: u64,
}

impl Row {
    fn of(of: NoticeOf, counts: &BTreeMap<Standing, u64>) -> Row {
        let number = |standing| counts.get(&standing).copied().unwrap_or(0);
        Row {
            of,
            planned: counts.values().sum(),
            in_time: number(Standing::InTime),
            late: number(Standing::Late),
            not_delivered: number(Standing::NotDelivered),
            not_sent: number(Standing::NotSent),
            facts_missing: number(Standing::FactsMissing),
        }
    }

    fn numbers(&self) -> [u64; 6] {
        [self.planned, self.in_time, self.late, self.not_delivered, self.not_sent, self.facts_missing]
    }
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(&self.plan.dir)?;
        let until = self.until.unwrap_or_else(|| configured.clock().today());
        let plan = self.plan.open()?;
        let sent = Sent::open(&self.plan.dir)?;
        let stage = Stage::begin("reading plan and record", None);
        let mut told = Told::empty(until);
        let mut attempts = table("attempts", ATTEMPT);
        if let Some(sent) = &sent {
            sent.each(|one| told.take(&one, self.most, self.out.as_ref().map(|_| &mut attempts)))?;
        }
        let mut not_in_time = table("not-in-time", NOTICE);
        let compliance = Compliance::of(&plan, sent.as_ref(), until, |notice| {
            if notice.given.standing != Standing::InTime && self.out.is_some() {
                not_in_time.rows.push(notice_row(notice));
            }
            Ok::<_, ServiceFault>(())
        })?;
        drop(stage);
        told.compliance = compliance.by_kind().iter().map(|(of, counts)| Row::of(*of, counts)).collect();
        if let Some(dir) = self.out {
            told.written = written(&dir, &[attempts, by_supplier(&compliance), not_in_time])?;
            told.out = Some(dir);
        }
        context.output.show(&told)?;
        Ok(Exit::Clean)
    }
}

impl Told {
    fn empty(until: Date) -> Told {
        Told {
            until,
            files: BTreeMap::new(),
            may_be_twice: 0,
            attempts: 0,
            compliance: Vec::new(),
            look_at: Vec::new(),
            look_at_in_all: 0,
            written: Vec::new(),
            out: None,
        }
    }

    fn take(&mut self, one: &Dispatched, most: usize, table: Option<&mut Table>) -> Result<(), ServiceFault> {
        *self.files.entry(one.state()).or_default() += 1;
        self.attempts += one.deliveries.iter().map(|delivery| delivery.attempts.len()).sum::<usize>();
        let twice = one.deliveries.iter().any(Delivery::may_be_twice);
        self.may_be_twice += usize::from(twice);
        if twice || one.state() != State::Delivered || !one.deliveries.iter().all(Delivery::is_done) {
            self.look_at_in_all += 1;
            if self.look_at.len() < most {
                self.look_at.push(One::of(one));
            }
        }
        if let Some(table) = table {
            table.rows.extend(one.deliveries.iter().flat_map(|delivery| attempt_rows(one, delivery)));
        }
        Ok(())
    }
}

const ATTEMPT: &[&str] = &[
    "file",
    "kind",
    "smso",
    "supplier",
    "meters",
    "way",
    "attempt",
    "began",
    "ended",
    "outcome",
    "said",
    "may_be_twice",
];
const SUPPLIER: &[&str] =
    &["of", "supplier", "planned", "in_time", "late", "not_delivered", "not_sent", "facts_missing"];
const NOTICE: &[&str] =
    &["chf_identifier", "of", "supplier", "notice_day", "working_days", "first_step", "given_on", "stands"];

fn table(name: &'static str, header: &[&'static str]) -> Table {
    Table { name, header: header.to_vec(), rows: Vec::new() }
}

/// A value as JSON has its name.
fn name_of(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn attempt_rows(one: &Dispatched, delivery: &Delivery) -> Vec<Vec<Cell>> {
    let row = |(number, attempt): (u64, &tern_service::plans::dispatch::Attempt)| {
        vec![
            one.file.to_string().into(),
            one.file.kind.prefix().into(),
            one.file.smso.to_string().into(),
            one.file.supplier.to_string().into(),
            Cell::Count(one.meters as u64),
            delivery.way.to_string().into(),
            Cell::Count(number),
            attempt.began.to_string().into(),
            attempt.ended.map(|ended| ended.to_string()).unwrap_or_default().into(),
            attempt.outcome.map(|outcome| name_of(&outcome)).unwrap_or_default().into(),
            attempt.said.clone().into(),
            if delivery.may_be_twice() { "yes" } else { "no" }.into(),
        ]
    };
    (1..).zip(&delivery.attempts).map(row).collect()
}

fn notice_row(notice: &Notice) -> Vec<Cell> {
    let planned = &notice.planned;
    let text = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    vec![
        notice.chf.to_string().into(),
        name_of(&planned.of).into(),
        planned.to.to_string().into(),
        planned.day.to_string().into(),
        planned.working_days.map(|days| days.to_string()).unwrap_or_default().into(),
        planned.steps.to_string().into(),
        text(notice.given.on).into(),
        name_of(&notice.given.standing).into(),
    ]
}

pub(super) fn by_supplier(compliance: &Compliance) -> Table {
    let row = |(of, supplier, counts): (NoticeOf, PartyId, &BTreeMap<Standing, u64>)| {
        let names = [name_of(&of).into(), supplier.to_string().into()];
        names.into_iter().chain(Row::of(of, counts).numbers().map(Cell::Count)).collect()
    };
    Table { rows: compliance.by_supplier().map(row).collect(), ..table("notice-compliance", SUPPLIER) }
}

fn written(dir: &Path, tables: &[Table]) -> Result<Vec<String>, Failure> {
    make_dir(dir)?;
    let write = |table: &Table| {
        let name = format!("{}.csv", table.name);
        let path = dir.join(&name);
        fs::write(&path, table.to_csv()).map_err(|error| file_failure("write", &path, &error))?;
        Ok(name)
    };
    tables.iter().map(write).collect()
}

/// What a notice is of, by its clause.
fn of_words(of: NoticeOf) -> &'static str {
    match of {
        NoticeOf::Preparation => "firmware, configuration (4.29)",
        NoticeOf::Migration => "migration (4.30)",
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let number = |state| self.files.get(&state).copied().unwrap_or(0);
        let all: usize = self.files.values().sum();
        let head = format!("{} in the record, {} delivered", counted(all, "file"), count(number(State::Delivered)));
        let mut lines = vec![format!("  {}", look.strong(&head))];
        let others = format!(
            "{} to be tried again, {} given up, {} without an answer; {} may have been sent twice; {} in all",
            count(number(State::Open)),
            count(number(State::GivenUp)),
            count(number(State::Unknown)),
            count(self.may_be_twice),
            counted(self.attempts, "attempt"),
        );
        lines.push(look.paragraph(&others, 2));
        lines.push(String::new());
        lines.push(format!("  notices that were to go out until {}, by installation and supplier", self.until));
        let number = |number: u64| count_cell(usize::try_from(number).unwrap_or(usize::MAX));
        let rows = self.compliance.iter().map(|row| {
            let share = cell(share(row.in_time, row.planned));
            let cells = [row.planned, row.in_time, row.late, row.not_delivered, row.not_sent].map(number);
            [cell(of_words(row.of))].into_iter().chain(cells).chain([share]).collect()
        });
        let header = ["notice of", "planned", "in time", "late", "not delivered", "not sent", "share in time"];
        lines.push(look.table(&header, 0, rows));
        let missing: u64 = self.compliance.iter().map(|row| row.facts_missing).sum();
        if missing > 0 {
            lines.push(format!("  FACTS MISSING: of {missing}, whether days between are Working Days"));
        }
        if !self.look_at.is_empty() {
            lines.push(String::new());
            lines.push(format!(
                "  {} of {} to look at",
                count(self.look_at.len()),
                counted(self.look_at_in_all, "file")
            ));
            lines.extend(files(look, &self.look_at));
        }
        if let Some(dir) = &self.out {
            lines.push(String::new());
            lines.push(format!("  {} written to {}", self.written.join(", "), shown(dir).display()));
        }
        lines.join("\n")
    }
}

/// A share in per cent, with its numbers; nothing of nothing is no share.
fn share(part: u64, of: u64) -> String {
    if of == 0 {
        return "none planned".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(of);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
