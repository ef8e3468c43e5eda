//! A request in hand: its machine is told what happened, and what follows becomes durable before a device hears of it.

use jiff::Timestamp;
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::{Attempts, Effect, Event};
use tern_store::{Batch, Put};

use super::record::TakenRequest;
use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::request_line::RequestLine;

/// A request in hand, which nobody else has.
pub(super) struct InHand {
    pub(super) key: RequestKey,
    pub(super) record: TakenRequest,
    /// What becomes durable with it next.
    pub(super) batch: Batch,
}

impl InHand {
    pub(super) fn of(key: RequestKey, record: TakenRequest) -> InHand {
        InHand { key, record, batch: Batch::default() }
    }

    /// Takes an event in, and gives what is to be done next.
    ///
    /// # Errors
    /// The machine does not know the event where it stands.
    pub(super) fn on(
        &mut self,
        event: Event,
        attempts: Attempts,
        at: Timestamp,
    ) -> Result<Option<Effect>, ServiceFault> {
        let (key, words) = (self.key, event.words().map(str::to_owned));
        let taken = self.record.machine.on(event, attempts);
        let taken = taken.ok_or_else(|| ServiceFault::Machine(key.to_string()))?;
        let effect = taken.effects.first().cloned();
        self.batch.journal.push(RequestLine { taken, words }.entry(key, at)?);
        Ok(effect)
    }

    /// Makes everything durable that happened, together with other changes.
    pub(super) fn commit(&mut self, ledger: &Ledger, with: impl IntoIterator<Item = Put>) -> Result<(), ServiceFault> {
        let mut batch = self.taken()?;
        batch.puts.extend(with);
        Ok(ledger.commit(batch)?)
    }

    /// Everything that happened and is not durable yet.
    pub(super) fn taken(&mut self) -> Result<Batch, ServiceFault> {
        let mut batch = std::mem::take(&mut self.batch);
        if !batch.journal.is_empty() {
            batch.puts.push(self.record.put(self.key)?);
        }
        Ok(batch)
    }
}
