//! Whether notice was given in time: each notice that a plan has had go out, held against the record (PL1, PL3).
//!
//! A notice counts as given on the day, in Europe/London, on which a way first delivered it. Nothing that was only
//! tried counts.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::facts::NoticeKind;
use tern_model::working_day;
use tern_model::{ChfIdentifier, PartyId, london_day};
use tern_plan::notices::{Incoming, PlannedNotice, planned, receive};
use tern_plan::plan::NoticeOf;

use super::book::Sent;
use crate::fault::ServiceFault;
use crate::plans::PlanView;

/// Whether a notice was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// So many Working Days before the first of the steps as its term is, or, without a term, not after them.
    InTime,
    /// Later.
    Late,
    /// It was sent, and by no way delivered for all that is known.
    NotDelivered,
    /// It never went out.
    NotSent,
    /// FACTS MISSING: nobody knows whether a day between is a Working Day.
    FactsMissing,
}

/// When a notice was given, and how that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// The day; none where it was not.
    pub on: Option<Date>,
    /// In time or not.
    pub standing: Standing,
}

/// A notice of a plan, of one installation to one supplier.
#[derive(Debug, Clone, Copy)]
pub struct Notice {
    /// The installation.
    pub chf: ChfIdentifier,
    /// As planned.
    pub planned: PlannedNotice,
    /// As it was.
    pub given: Given,
}

/// How many notices stand how, by what they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compliance {
    counts: BTreeMap<(NoticeOf, PartyId), BTreeMap<Standing, u64>>,
}

impl Compliance {
    /// By what they are of, and supplier.
    pub fn by_supplier(&self) -> impl Iterator<Item = (NoticeOf, PartyId, &BTreeMap<Standing, u64>)> {
        self.counts.iter().map(|((of, supplier), counts)| (*of, *supplier, counts))
    }

    /// By what they are of.
    #[must_use]
    pub fn by_kind(&self) -> BTreeMap<NoticeOf, BTreeMap<Standing, u64>> {
        let mut all: BTreeMap<NoticeOf, BTreeMap<Standing, u64>> = BTreeMap::new();
        for ((of, _), counts) in &self.counts {
            for (standing, count) in counts {
                *all.entry(*of).or_default().entry(*standing).or_default() += count;
            }
        }
        all
    }
}

/// By installation, supplier, what it is of, and the day that its file is named by: the day on which it was given, if
/// it was.
type Record = HashMap<(ChfIdentifier, PartyId, NoticeOf, Date), Option<Date>>;

impl Sent {
    fn record(&self) -> Result<Record, ServiceFault> {
        let mut record = Record::new();
        self.each(|one| {
            let given = one.delivered().map(london_day);
            let (name, text) = (one.file.to_string(), self.text(&one.file)?);
            let received = receive(&name, text.as_bytes()).map_err(ServiceFault::body)?.map_err(ServiceFault::body)?;
            let Incoming::Notices(notices) = received.says else { return Ok(()) };
            for notice in notices {
                let of = match notice.kind {
                    NoticeKind::Configuration => NoticeOf::Preparation,
                    NoticeKind::Migration => NoticeOf::Migration,
                };
                let on = record.entry((notice.meter.chf, notice.to, of, one.file.made.date())).or_insert(given);
                *on = on.iter().copied().chain(given).min();
            }
            Ok::<_, ServiceFault>(())
        })?;
        Ok(record)
    }
}

impl Compliance {
    /// Holds every notice that a plan has go out until a day, included, against the record; none where nothing was
    /// ever sent. Each is handed to `visit`, in the order of CHF identifiers.
    ///
    /// # Errors
    /// A store cannot be read, or what `visit` says.
    pub fn of<E: From<ServiceFault>>(
        plan: &PlanView,
        sent: Option<&Sent>,
        until: Date,
        mut visit: impl FnMut(&Notice) -> Result<(), E>,
    ) -> Result<Compliance, E> {
        let record = sent.map(Sent::record).transpose()?.unwrap_or_default();
        let mut compliance = Compliance::default();
        let mut stories = plan.stories();
        while let Some(story) = stories.next_story()? {
            for planned in planned(&story.lines).into_iter().filter(|planned| planned.day <= until) {
                let key = (story.chf, planned.to, planned.of, planned.day);
                let given = given(&planned, record.get(&key).copied());
                let of_supplier = compliance.counts.entry((planned.of, planned.to)).or_default();
                *of_supplier.entry(given.standing).or_default() += 1;
                visit(&Notice { chf: story.chf, planned, given })?;
            }
        }
        Ok(compliance)
    }
}

fn given(planned: &PlannedNotice, recorded: Option<Option<Date>>) -> Given {
    let standing = match recorded {
        None => Standing::NotSent,
        Some(None) => Standing::NotDelivered,
        Some(Some(on)) => match working_day::after(on, planned.working_days.unwrap_or(0).into()) {
            Ok(earliest) if earliest <= planned.steps => Standing::InTime,
            Ok(_) => Standing::Late,
            Err(_) => Standing::FactsMissing,
        },
    };
    Given { on: recorded.flatten(), standing }
}
