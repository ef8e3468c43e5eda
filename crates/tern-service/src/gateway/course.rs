//! A request in hand: its machine is told what happened, and everything that follows becomes durable at once.
//!
//! Whoever holds one commits it before an effect is tried that the world outside the store can see. A course that somebody else
//! changed meanwhile is refused as a whole, and is to be found again.

use jiff::Timestamp;
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::{Effect, Event, State, Waits};
use tern_requests::stages::Limits;
use tern_store::{AuditEntry, Batch, Expect, OutboxEntry, StoreView};

use super::ledger::Ledger;
use super::record::{self, Mark, REPLIED, RequestRecord, Told};
use super::replies::outbox_of;
use crate::fault::ServiceFault;
use crate::request_line::RequestLine;

/// By what the machines go; configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) limits: Limits,
    pub(super) waits: Waits,
}

/// A request in hand.
pub(super) struct Course {
    pub(super) record: RequestRecord,
    /// What becomes durable with it.
    pub(super) batch: Batch,
    expect: Expect,
    before: Option<RequestRecord>,
}

impl Course {
    /// Of a request that nothing is kept of.
    pub(super) fn begin(record: RequestRecord) -> Course {
        Course { record, batch: Batch::default(), expect: Expect::Absent, before: None }
    }

    /// Of a request that came before.
    pub(super) fn find(store: &dyn StoreView, key: RequestKey) -> Result<Option<Course>, ServiceFault> {
        let found = record::find(store, key)?;
        Ok(found.map(|(record, generation)| {
            let (batch, before) = (Batch::default(), Some(record.clone()));
            Course { record, batch, expect: Expect::Generation(generation), before }
        }))
    }

    /// Takes an event in, and gives what is to be done; none where the request does not know the event.
    pub(super) fn on(
        &mut self,
        event: Event,
        now: Timestamp,
        rules: &Rules,
    ) -> Result<Option<Vec<Effect>>, ServiceFault> {
        let Some(taken) = self.record.machine.on(event, now, &rules.limits, rules.waits) else { return Ok(None) };
        let effects = taken.effects.clone();
        let line = RequestLine { taken, words: None };
        self.batch.journal.push(line.entry(self.record.request, now)?);
        if let State::Held { due } = self.record.machine.state {
            self.record.due = Some(due);
        }
        self.record.wakes = match self.record.machine.state {
            State::Held { due } | State::Rejudging { due } => Some(due),
            State::Sending => Some(self.record.wakes.unwrap_or(now)),
            State::WithS1sp { until } => Some(until),
            _ => None,
        };
        Ok(Some(effects))
    }

    /// Has a signed reply wait for the User, under a name of its own: of one device's, one after the other.
    pub(super) fn reply(&mut self, signed: String, told: Told) {
        let (record, at) = (&mut self.record, told.at);
        let name = record.request.of(&format!("reply-{}", record.machine.replies));
        let message = format!("{} {name}", record.request.device());
        self.batch.outbox.push(OutboxEntry {
            to: outbox_of(record.user),
            message,
            at,
            body: signed.into_bytes().into(),
        });
        self.batch.audit.push(AuditEntry {
            at,
            actor: "DSP".to_owned(),
            action: format!("{REPLIED}{}", told.code),
            subject: record.request.to_string(),
            evidence: format!("SRV {}", record.service),
        });
        record.told.push(told);
    }

    /// Takes another course along: both become durable, or none.
    pub(super) fn with(&mut self, other: Course) -> Result<(), ServiceFault> {
        self.batch.append(other.kept()?);
        Ok(())
    }

    /// Makes it durable; `false` where somebody else changed something meanwhile, and nothing was.
    pub(super) fn commit(self, ledger: &Ledger) -> Result<bool, ServiceFault> {
        Ok(Course::commit_each([self], ledger)?.is_empty())
    }

    /// Makes each of them durable, all with one wait for the disk. Gives those that somebody else changed something of meanwhile:
    /// nothing of them was made durable.
    pub(super) fn commit_each(
        courses: impl IntoIterator<Item = Course>,
        ledger: &Ledger,
    ) -> Result<Vec<RequestKey>, ServiceFault> {
        let kept = |course: Course| Ok((course.record.request, course.kept()?));
        let kept = courses.into_iter().map(kept).collect::<Result<Vec<_>, ServiceFault>>()?;
        let (_, overtaken) = ledger.commit_each(kept)?;
        Ok(overtaken)
    }

    /// All that becomes durable: what followed, the record, and the marks that find it.
    pub(super) fn kept(mut self) -> Result<Batch, ServiceFault> {
        let before = self.before.as_ref().map_or([None, None, None], marks);
        for (before, now) in before.into_iter().zip(marks(&self.record)) {
            if before != now {
                self.batch.removes.extend(before.map(Mark::gone));
                self.batch.puts.extend(now.map(Mark::set).transpose()?);
            }
        }
        self.batch.puts.push(self.record.put(self.expect)?);
        Ok(self.batch)
    }

    /// Whether this mark is its own.
    pub(super) fn is_marked(&self, mark: &Mark) -> bool {
        marks(&self.record).iter().flatten().any(|own| own == mark)
    }
}

/// What finds a request as it stands: by its moment, among those that are held, and among those that are replied to.
fn marks(record: &RequestRecord) -> [Option<Mark>; 3] {
    let is_held = matches!(record.machine.state, State::Held { .. });
    let is_replying = record.machine.state == State::Replying;
    [
        record.wakes.map(|at| Mark::open(at, record.request)),
        is_held.then(|| record.held()),
        is_replying.then(|| record.replying()),
    ]
}
