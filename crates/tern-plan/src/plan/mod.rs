//! A plan: for each installation what is done on which day, and why.
//!
//! A plan is data and never changes: what is learnt later makes another plan, with this one as its parent. Nothing here decides
//! anything; the engine does.

mod named;
mod still;
mod stories;
mod told;
mod words;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::facts::ExclusionCategory;

pub use named::{DeviceName, Line, MeterName, Named};
pub use still::Still;
pub(crate) use stories::{Log, Stories};
pub use words::Telling;

use crate::assumptions::{AfterChange, Assumptions};
use crate::estate::{DeviceIx, EntryIx, InstallationIx, MeterIx, ModelIx, NameIx, SupplierIx};

/// The days that a plan is about, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day on which anything is done.
    pub first: Date,
    /// The last one: what would come later is not planned.
    pub last: Date,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeOf {
    /// The steps of 4.26: firmware and configuration (4.29).
    Preparation,
    /// The steps of 4.27: migration (4.30).
    Migration,
}

/// How long before the steps a notice goes out depends on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dormancy {
    /// Any installation with Dormant Meters alone that is no Recently Dormant one.
    Standard,
    /// A Recently Dormant SMETS1 Installation (AC4).
    Recent,
}

/// What keeps an installation from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// The TMAD does not bind its group yet; it does from that day, where one is known.
    Group(Option<Date>),
    /// No entry of the EPCL with its models is approved.
    Entry,
    /// An entry is approved, and no upgrade path leads to it.
    Path,
    /// A path leads there over a version that nobody has confirmed as operable.
    Operability,
    /// It has Active Meters whose suppliers have not authorised it.
    Authorisation,
    /// A change of supplier is to take effect first.
    Change(Date),
    /// The table of bank holidays ends before the day that is needed.
    WorkingDays,
    /// Its firmware is that of an entry that is close to being proposed, and not decided (PL8).
    Approval,
    /// The entry for which it is upgraded is paused or disputed: nothing more begins before it is decided (PL8).
    Decision,
    /// It stands at a version that was not approved, and no other entry can be upgraded to yet (PL8).
    StrandedEntry,
    /// It stands at a version that was not approved, and no path leads on from there (PL8).
    StrandedPath,
}

/// Why a hop may begin (PL6, PL8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopWhy {
    /// Its entry is on the EPCL.
    Approved,
    /// The TAG has confirmed that the planned entry's tests are complete.
    TagConfirmed,
    /// The DMCT EPCL Report that proposes the planned entry is published.
    ReportPublished,
    /// The same of an entry that is equivalent to a tested one.
    Equivalent,
    /// Its entry was not approved, and an installation that is part-way is completed first.
    Completing,
}

/// What is done, or what becomes known: by default in the indexes of one estate, as [`Named`] in words that any reader knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What<S = SupplierIx, M = MeterIx, D = DeviceIx, V = ModelIx, E = EntryIx, N = NameIx> {
    /// It cannot go on until something comes.
    Awaits(Awaited),
    /// A Responsible Supplier is notified.
    Notice {
        /// Of what.
        of: NoticeOf,
        /// Who.
        to: S,
        /// The Working Days that the wording in force asks for.
        working_days: u16,
        /// As what it is notified.
        dormancy: Dormancy,
        /// The earliest day for the steps.
        earliest: Date,
    },
    /// A Responsible Supplier to be is notified of steps that go on as planned (PL3).
    NoticeToNew {
        /// Of what; a plan of an earlier build does not say it, and then of all that was announced.
        #[serde(default)]
        of: Option<NoticeOf>,
        /// Which meter it gains.
        meter: M,
        /// Who.
        to: S,
        /// From when on.
        effective: Date,
    },
    /// The suppliers are asked for their certificates, until that day (PL11).
    CertificatesAsked(Date),
    /// A notified installation has an Active Meter again: deemed consent no longer reaches it.
    TurnedActive,
    /// Its last Active Meter became Dormant: deemed consent reaches it.
    TurnedDormant,
    /// It is decided what is done when its Responsible Supplier changes after a notice (PL3).
    Decided(AfterChange),
    /// Every supplier with an Active Meter has authorised it.
    Authorised,
    /// That was the last day of an authorisation that it needs: from now on it has none.
    AuthorisationEnded(Date),
    /// An upgrade begins.
    HopBegun {
        /// Of which device.
        device: D,
        /// To what.
        to: V,
        /// For which entry.
        entry: E,
        /// Why it may.
        why: HopWhy,
    },
    /// Steps of which the suppliers were notified do not take place: their entry was not approved.
    Withdrawn,
    /// It has an Active Meter, and stays at the versions that it has now.
    Stands,
    /// An upgrade is taken as complete, after the time assumed for it.
    HopDone {
        /// Of which device.
        device: D,
        /// What it has now.
        to: V,
    },
    /// An upgrade is recorded as complete.
    FirmwareRecorded {
        /// Of which device.
        device: D,
        /// What it has now.
        to: V,
    },
    /// The SMSO begins to configure hub and SIM (15.2).
    ConfigurationBegun,
    /// The configuration is taken as complete, after the time assumed for it.
    ConfigurationDone,
    /// The configuration is recorded as complete.
    ConfigurationRecorded,
    /// From this day on it could be migrated: it waits for capacity.
    Ready,
    /// It is migrated, under the supplier whose share it comes from.
    Migration(S),
    /// A meter of it goes with the Null Certificate ID: no certificates came in time.
    NullCertificate(M),
    /// On its day a change of supplier is too close: it leaves, and is planned anew.
    Left {
        /// Which meter changes.
        meter: M,
        /// Who gains it.
        to: S,
        /// From when on.
        effective: Date,
    },
    /// An attempt was without success.
    AttemptFailed {
        /// The how-manieth.
        attempts: u8,
        /// Why, as far as it is told.
        why: Option<N>,
    },
    /// It is excluded.
    Excluded(Excluded),
    /// Its gas meter is excluded, for a gas HAN error (GT01) that a row of `events.csv` records: electricity goes alone.
    GasExcluded(u32),
    /// It is no longer in an excluded category.
    ExclusionEnded {
        /// Which.
        category: ExclusionCategory,
        /// The row of `events.csv` that says so.
        row: u32,
    },
    /// None of its exclusions is left: it is planned anew.
    PlannedAnew,
}

/// Why an installation is excluded (clause 18 as proposed, PL14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excluded {
    /// After so many attempts without success.
    Attempts(u8),
    /// An event says so.
    Recorded {
        /// The category.
        category: ExclusionCategory,
        /// Its row in `events.csv`, which is the evidence.
        row: u32,
    },
}

impl Excluded {
    /// The category.
    #[must_use]
    pub fn category(self) -> ExclusionCategory {
        match self {
            Excluded::Attempts(_) => ExclusionCategory::AttemptsExhausted,
            Excluded::Recorded { category, .. } => category,
        }
    }
}

/// One line of an installation's story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The day.
    pub day: Date,
    /// What is done on it.
    pub what: What,
}

/// Where an installation stands at the end of a plan's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Migrated on that day.
    Migrated(Date),
    /// Excluded since that day.
    Excluded(Date),
    /// Ready, without a place before the period ends.
    WaitsForCapacity,
    /// On its way: notified, or being prepared.
    UnderWay,
    /// It cannot go on.
    Waits(Awaited),
}

/// What a plan says of every installation of an estate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The days that it is about.
    pub period: Period,
    /// What it assumes.
    pub assumptions: Assumptions,
    pub(crate) stories: Stories,
    /// Places taken, by day and supplier.
    pub(crate) taken: Taken,
}

/// Places that installations have on days, by supplier.
pub type Taken = BTreeMap<Date, BTreeMap<SupplierIx, u32>>;

impl Plan {
    /// The story of one installation, in the order of the days.
    #[must_use]
    pub fn story(&self, installation: InstallationIx) -> &[Step] {
        self.stories.of(installation.at())
    }

    /// Every installation with its story.
    pub fn stories(&self) -> impl Iterator<Item = (InstallationIx, &[Step])> {
        self.stories.iter().enumerate().map(|(at, steps)| (InstallationIx::of(at), steps))
    }

    /// Places taken, by day and supplier.
    #[must_use]
    pub fn taken(&self) -> &Taken {
        &self.taken
    }

    /// Where an installation stands when the period ends.
    #[must_use]
    pub fn end(&self, installation: InstallationIx) -> End {
        end_of(self.story(installation))
    }
}

/// Where a story ends.
#[must_use]
pub fn end_of(story: &[Step]) -> End {
    story.iter().fold(End::UnderWay, |end, step| end.after(step.day, &step.what))
}

impl<S, M, D, V, E, N> What<S, M, D, V, E, N> {
    /// Whether whoever waited before this line does so no longer, unless another line says that it does.
    #[must_use]
    pub fn ends_waits(&self) -> bool {
        match self {
            // What becomes known ends no wait: what it was waited for is told where it is another.
            What::ConfigurationRecorded | What::FirmwareRecorded { .. } | What::TurnedDormant => false,
            What::Decided(_)
            | What::NullCertificate(_)
            | What::NoticeToNew { .. }
            | What::CertificatesAsked(_)
            | What::GasExcluded(_)
            | What::ExclusionEnded { .. } => false,
            _ => true,
        }
    }
}

impl End {
    /// Where a story stands after one more line.
    #[must_use]
    pub fn after<S, M, D, V, E, N>(self, day: Date, what: &What<S, M, D, V, E, N>) -> End {
        if let End::Excluded(since) = self {
            // Whatever else becomes known of it, it stays excluded.
            return if matches!(what, What::PlannedAnew) { End::UnderWay } else { End::Excluded(since) };
        }
        match what {
            What::Migration(_) => End::Migrated(day),
            What::Excluded(_) => End::Excluded(day),
            What::Ready => End::WaitsForCapacity,
            What::Awaits(what) => End::Waits(*what),
            What::Left { effective, .. } => End::Waits(Awaited::Change(*effective)),
            _ if what.ends_waits() => End::UnderWay,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_recorded_ends_no_wait() {
        let step = |what| Step { day: date(2020, 12, 1), what };
        let waits = step(What::Awaits(Awaited::Authorisation));
        let recorded = step(What::ConfigurationRecorded);
        assert_eq!(end_of(&[waits, recorded]), End::Waits(Awaited::Authorisation));
        assert_eq!(end_of(&[waits, step(What::Authorised), recorded]), End::UnderWay);
    }
}
