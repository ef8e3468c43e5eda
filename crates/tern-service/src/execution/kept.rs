//! What an execution keeps, beside the plan: where it stands, and of each installation what was begun, ordered and attempted.
//!
//! Every record is written whole, together with the state that goes with it: a count is of what is durable.

use std::path::Path;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, Role};
use tern_plan::plan::Still;
use tern_store::{Batch, Expect, Put, Remove, SqliteView, Store, StoreView};

use super::report::DayReport;
use super::{OpenStore, SmsoOrder};
use crate::fault::ServiceFault;

/// The store's file in a plan's folder; it is the Requesting Party's, as the plan is.
pub const FILE: &str = "run.db";
const OWNER: Role = Role::RequestingParty;
const VERSION: u16 = 1;
/// Kinds of records.
const STATE: &str = "run-state";
pub(super) const NOTICE: &str = "run-notice";
pub(super) const FIRMWARE: &str = "run-firmware";
pub(super) const CONFIGURATION: &str = "run-configuration";
pub(super) const MIGRATION: &str = "run-migration";
pub(super) const ATTEMPT: &str = "run-attempt";
/// Installations of which an SMSO has an order that is not answered for good.
pub(super) const OPEN: &str = "run-open";
const DAY: &str = "run-day";
const STATE_KEY: &str = "state";
/// No scan ends before all records of its kind.
const ALL: usize = usize::MAX >> 1;

/// How far a day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// Nothing of it is done.
    Fresh,
    /// The SMSOs were asked what became of their orders.
    Answered,
    /// Its notices went out.
    Announced,
    /// What the SMSOs are to begin was ordered.
    Begun,
}

/// Where an execution stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The day that is being carried out.
    pub(super) day: Date,
    /// How far it has come.
    pub(super) stage: Stage,
    /// How long the estate's file of events is, as far as this execution knows it.
    pub(super) events_bytes: u64,
    /// Rows of events that are to be appended, each with its line feed.
    pub(super) rows: Vec<String>,
    /// Whom they are about.
    pub(super) about: Vec<ChfIdentifier>,
    /// What was done of the day.
    pub(super) report: DayReport,
    /// Days before it on which nothing was done, until the plan has a generation that knows of them.
    #[serde(default)]
    pub(super) still: Option<Still>,
}

impl State {
    /// The beginning of a day.
    pub(super) fn at(day: Date, events_bytes: u64) -> State {
        let report = DayReport::of(day);
        State { day, stage: Stage::Fresh, events_bytes, rows: Vec::new(), about: Vec::new(), report, still: None }
    }
}

/// The records.
pub(super) struct Kept {
    store: Box<dyn Store>,
}

impl Kept {
    pub(super) fn open(dir: &Path, open_store: OpenStore<'_>) -> Result<Kept, ServiceFault> {
        Ok(Kept { store: open_store(&dir.join(FILE), OWNER)? })
    }

    pub(super) fn state(&self) -> Result<Option<State>, ServiceFault> {
        self.get(STATE, STATE_KEY)
    }

    pub(super) fn get<T: DeserializeOwned>(&self, kind: &str, key: &str) -> Result<Option<T>, ServiceFault> {
        let record = self.store.get(kind, key)?;
        record.map(|record| serde_json::from_slice(&record.body).map_err(ServiceFault::body)).transpose()
    }

    /// Every record of a kind, in the order of keys.
    pub(super) fn all<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<(String, T)>, ServiceFault> {
        let records = self.store.scan(kind, None, ALL)?;
        let read = |(key, record): (String, tern_store::Record)| {
            Ok((key, serde_json::from_slice(&record.body).map_err(ServiceFault::body)?))
        };
        records.into_iter().map(read).collect()
    }

    pub(super) fn days(&self) -> Result<Vec<DayReport>, ServiceFault> {
        Ok(self.all(DAY)?.into_iter().map(|(_, day)| day).collect())
    }

    /// Makes changes durable, with the state that goes with them.
    pub(super) fn commit(&mut self, changes: Changes, state: &State) -> Result<(), ServiceFault> {
        let Changes { mut batch } = changes;
        batch.puts.push(record(STATE, STATE_KEY.to_owned(), state)?);
        Ok(self.store.commit(&batch)?)
    }
}

/// Where the execution beside a plan stands, looked at beside whoever carries it out; none where nothing of it was begun.
pub(super) fn seen(dir: &Path) -> Result<Option<State>, ServiceFault> {
    let path = dir.join(FILE);
    if !path.is_file() {
        return Ok(None);
    }
    let record = SqliteView::open_read_only(&path, OWNER)?.get(STATE, STATE_KEY)?;
    record.map(|record| serde_json::from_slice(&record.body).map_err(ServiceFault::body)).transpose()
}

/// What is decided together: it becomes durable, and then the orders are given. Whoever goes on after a crash in between finds
/// them wanted, and gives them again under their keys.
pub(super) struct Turn {
    pub(super) changes: Changes,
    pub(super) state: State,
    pub(super) orders: Vec<SmsoOrder>,
}

/// Changes that become durable together.
#[derive(Debug, Default)]
pub(super) struct Changes {
    batch: Batch,
}

impl Changes {
    pub(super) fn put<T: Serialize>(&mut self, kind: &'static str, key: String, value: &T) -> Result<(), ServiceFault> {
        self.batch.puts.push(record(kind, key, value)?);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// A record that is there after this, or not.
    pub(super) fn mark(&mut self, kind: &'static str, key: String, there: bool) -> Result<(), ServiceFault> {
        if there {
            return self.put(kind, key, &());
        }
        self.batch.removes.push(Remove { kind, key, generation: None });
        Ok(())
    }

    /// Ends a day.
    pub(super) fn end_day(&mut self, report: &DayReport) -> Result<(), ServiceFault> {
        self.put(DAY, report.day.to_string(), report)
    }
}

fn record<T: Serialize>(kind: &'static str, key: String, value: &T) -> Result<Put, ServiceFault> {
    let body = serde_json::to_vec(value).map_err(ServiceFault::body)?;
    Ok(Put { kind, key, expect: Expect::Any, version: VERSION, body })
}
