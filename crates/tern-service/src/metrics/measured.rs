//! What is measured, folded from the DSP's audit: each row about a Service Request is counted once, and how far that is stands in
//! the same record as the sums. Whatever ends this process, nothing is counted twice and nothing is left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::DeviceId;
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::State;
use tern_store::{AuditRow, Batch, Expect, StoreView};
use tern_wire::duis::CommandVariant;

use crate::config::MetricsConfig;
use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::gateway::record::{self, CAME, REPLIED, RequestRecord};
use crate::parties::{inbox, inventory};

/// Kind of the one record with [`Sums`].
const MEASURES: &str = "duis-measures";
/// Its key.
const KEY: &str = "all";
/// Rows of the audit at once.
const PAGE: usize = 1_000;
/// Upper bounds of the classes of response times, in milliseconds (P).
pub(super) const BOUNDS_MS: [u64; 16] = [
    5, 10, 50, 100, 500, 1_000, 3_000, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000, 14_400_000,
    86_400_000,
];
/// The cohort of what is asked of the DCC itself, or of a device of no installation.
const NO_COHORT: &str = "none";

/// Requests of one Service Reference Variant to devices of one cohort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    /// By the code that was told on their own connection.
    pub(super) requests: BTreeMap<String, u64>,
    /// By the code of each reply.
    pub(super) replies: BTreeMap<String, u64>,
    /// So many were answered within each of [`BOUNDS_MS`], and not within the one before; the last are those beyond all.
    classes: Vec<u64>,
    /// All response times together, in milliseconds.
    pub(super) sum_ms: u64,
    /// Answered later than the target at that time.
    pub(super) over_target: u64,
}

impl Sums {
    /// So many were answered within each bound, and at the end all of them.
    pub(super) fn within(&self) -> Vec<u64> {
        let mut sum = 0;
        let all = (0..=BOUNDS_MS.len()).map(|at| self.classes.get(at).copied().unwrap_or(0));
        all.map(|class| {
            sum += class;
            sum
        })
        .collect()
    }

    fn took(&mut self, milliseconds: u64, target: Option<u64>) {
        self.classes.resize(BOUNDS_MS.len() + 1, 0);
        let class = BOUNDS_MS.iter().position(|bound| milliseconds <= *bound).unwrap_or(BOUNDS_MS.len());
        self.classes[class] += 1;
        self.sum_ms = self.sum_ms.saturating_add(milliseconds);
        self.over_target += u64::from(target.is_some_and(|target| milliseconds > target));
    }
}

/// All sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Measures {
    /// The last row of the audit that was counted.
    after: u64,
    /// By Service Reference Variant and cohort.
    pub(super) series: BTreeMap<String, BTreeMap<String, Sums>>,
}

impl Measures {
    /// As they stand in the DSP's store.
    pub(super) fn load(ledger: &Ledger) -> Result<Measures, ServiceFault> {
        Ok(inbox::get(ledger.view(), MEASURES, KEY)?.map(|(measures, _)| measures).unwrap_or_default())
    }

    /// Counts what happened since, durably.
    pub(super) fn fold(&mut self, ledger: &Ledger, config: &MetricsConfig) -> Result<&Measures, ServiceFault> {
        let before = self.after;
        loop {
            let rows = ledger.view().audit(self.after, PAGE)?;
            for row in &rows {
                self.count(ledger.view(), row, config)?;
                self.after = row.number;
            }
            if rows.len() < PAGE {
                break;
            }
        }
        if self.after > before {
            let puts = vec![inbox::put(MEASURES, KEY.to_owned(), Expect::Any, self)?];
            ledger.commit(Batch { puts, ..Batch::default() })?;
        }
        Ok(self)
    }

    fn count(&mut self, store: &dyn StoreView, row: &AuditRow, config: &MetricsConfig) -> Result<(), ServiceFault> {
        // Other rows of the DSP's audit name no request.
        let Ok(key) = row.entry.subject.parse::<RequestKey>() else { return Ok(()) };
        let Some((record, _)) = record::find(store, key)? else { return Ok(()) };
        let (service, cohort) = (record.service.to_string(), cohort_of(store, key.device())?);
        let target = config.target_ms(&service, cohort);
        let sums = self.series.entry(service).or_default().entry(cohort.to_owned()).or_default();
        if let Some(code) = row.entry.action.strip_prefix(REPLIED) {
            *sums.replies.entry(code.to_owned()).or_default() += 1;
            if record.told.get(1).is_some_and(|first| first.at == row.entry.at) {
                sums.took(took(&record, row.entry.at), target);
            }
        } else if let Some(told) = record.told.first().filter(|_| row.entry.action.starts_with(CAME)) {
            *sums.requests.entry(told.code.clone()).or_default() += 1;
            // A pre-command is no answer to what the service asks.
            if record.machine.state == State::Answered && key.command_variant != CommandVariant::TRANSFORM {
                sums.took(took(&record, told.at), target);
            }
        }
        Ok(())
    }
}

/// From when it came, or was due, until it was answered.
fn took(record: &RequestRecord, answered: Timestamp) -> u64 {
    let begun = record.due.map_or(record.received, |due| due.max(record.received));
    u64::try_from(answered.duration_since(begun).as_millis()).unwrap_or(0)
}

fn cohort_of(store: &dyn StoreView, device: DeviceId) -> Result<&'static str, ServiceFault> {
    let entry = inventory::entry(store, device)?;
    let group = entry.and_then(|entry| entry.held_by()).map(|set| set.group);
    Ok(group.map_or(NO_COHORT, |group| group.cohort().value.as_str()))
}
