//! The duties of Responsible Suppliers after commissioning: 4.49 and the prepayment keys, for every meter that the S1SP
//! commissioned.
//!
//! Read beside running parties, a page at a time. It must never judge (`tern_rules::duties` does), and write nothing but what
//! [`record`] is asked to.

mod enrolled;
mod events;
mod record;

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::PartyId;
use tern_rules::Rulebook;
use tern_rules::duties::{
    CreditMode, EnrolledMeter, Holds, Misfit, Owed, PrepaymentKey, Story, credit_mode, prepayment_key,
};
use tern_store::StoreView;
use tern_wire::facts_csv::Subject;

use crate::facts::FactsIndex;
use crate::fault::ServiceFault;

pub use events::MeterEvents;
pub use record::record;

/// What duties are judged from.
pub struct Bench<'a> {
    /// The S1SP's store.
    pub s1sp: &'a dyn StoreView,
    /// Registration Data: who is the Responsible Supplier.
    pub facts: &'a FactsIndex,
    /// The rules' days.
    pub rulebook: &'a Rulebook,
    /// What happened to the meters.
    pub events: &'a MeterEvents,
    /// The day that is asked about; nothing after it is known.
    pub day: Date,
    /// Days before a change of supplier on which its supplier is reminded.
    pub reminder_days: &'a [u16],
}

/// How it stands with one meter.
#[derive(Debug, Clone)]
pub struct MeterDuties {
    /// Which.
    pub meter: EnrolledMeter,
    /// 4.49.
    pub credit_mode: CreditMode,
    /// The days on which the supplier is reminded of it, in order.
    pub reminders: Vec<Date>,
    /// Whether the prepayment key is to be verified.
    pub prepayment_key: PrepaymentKey,
    /// Events that do not fit each other.
    pub misfits: Vec<Misfit>,
}

/// What was gone through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gone {
    /// Meters that the S1SP commissioned.
    pub meters: usize,
    /// Those of which the records do not say whether their prepayment key is to be verified: most often, no Payment Mode.
    pub key_unknown: usize,
    /// Events of meters that the S1SP did not commission.
    pub strange_events: u64,
}

impl Bench<'_> {
    /// Goes through every meter that the S1SP commissioned, in the order of their hubs.
    ///
    /// # Errors
    /// A store or an index cannot be read, or `tell` says no.
    pub fn each<E: From<ServiceFault>>(&self, mut tell: impl FnMut(MeterDuties) -> Result<(), E>) -> Result<Gone, E> {
        let mut gone = Gone { strange_events: self.events.count, ..Gone::default() };
        enrolled::each(self.s1sp, |meter| {
            let events = self.events.of(names(&meter))?;
            gone.meters += 1;
            gone.strange_events = gone.strange_events.saturating_sub(events.len() as u64);
            let story = Story::until(&events, self.day);
            let duties = self.duties(meter, &story);
            gone.key_unknown += usize::from(duties.prepayment_key.unverified == Holds::Unknown);
            tell(duties)
        })?;
        Ok(gone)
    }

    fn duties(&self, meter: EnrolledMeter, story: &Story<'_>) -> MeterDuties {
        let credit_mode = credit_mode(&meter, story, self.rulebook);
        MeterDuties {
            reminders: self.reminders(&credit_mode.owed),
            prepayment_key: prepayment_key(&meter, story),
            misfits: story.misfits(),
            credit_mode,
            meter,
        }
    }

    /// Whose duty it is: registered on the day asked about, or on the eve of the change where the duty was broken. None where
    /// Registration Data does not say.
    ///
    /// # Errors
    /// The records cannot be read.
    pub fn responsible_supplier(&self, duties: &MeterDuties) -> Result<Option<PartyId>, ServiceFault> {
        let day = match duties.credit_mode.owed {
            Owed::Broken { on, .. } => on.saturating_sub(1.day()),
            _ => self.day,
        };
        let meter = &duties.meter;
        let Some(mpxn) = &meter.mpxn else { return Ok(None) };
        let facts = self.facts.slice([Subject::Point(meter.fuel, mpxn.clone())])?;
        Ok(facts.registration_on(meter.fuel, mpxn, day).map(|registration| registration.supplier))
    }

    /// None falls on a day on which the duty was not yet owed.
    fn reminders(&self, owed: &Owed) -> Vec<Date> {
        let Owed::Yes { since, takes_effect, .. } = owed else { return Vec::new() };
        let before = |days: &u16| takes_effect.saturating_sub(i64::from(*days).days());
        let mut days: Vec<Date> = self.reminder_days.iter().map(before).filter(|day| day >= since).collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}

impl MeterDuties {
    /// Whether there is something to tell: owed, broken, not known, to be verified, or events that do not fit.
    #[must_use]
    pub fn has_something(&self) -> bool {
        let owed = matches!(self.credit_mode.owed, Owed::Yes { .. } | Owed::Unknown { .. } | Owed::Broken { .. });
        owed || self.prepayment_key.unverified == Holds::Yes || !self.misfits.is_empty()
    }
}

/// What events may call a meter.
fn names(meter: &EnrolledMeter) -> impl Iterator<Item = Subject> + use<> {
    let point = meter.mpxn.clone().map(|mpxn| Subject::Point(meter.fuel, mpxn));
    std::iter::once(Subject::Device(meter.device)).chain(point)
}
