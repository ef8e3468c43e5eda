//! Where one installation stands on the day that is planned, in few bytes: a million of them are held at once.
//!
//! This module decides nothing.

use jiff::civil::Date;
use tern_model::MeterState;

use super::epcl::WayIx;
use crate::assumptions::AfterChange;
use crate::estate::{Combination, Meter, SupplierIx};
use crate::plan::{Awaited, Dormancy, Excluded};

/// By what an installation may be migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Consent {
    /// By nothing yet.
    #[default]
    None,
    /// By notice of 4.30, from a day on.
    Notice {
        /// The earliest day.
        earliest: Date,
    },
    /// By its suppliers' authorisation, given by that day.
    Authorised {
        /// The day by which all had given it.
        since: Date,
    },
}

/// How far the hops of a way are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hop {
    /// None is left, or none is to be made any more.
    Ended,
    /// One is under way, and taken as complete on a day.
    UnderWay(Date),
    /// The next one may not begin.
    HeldUp,
    /// One came to nothing, and begins again on a day.
    Again(Date),
}

/// How far the steps of 4.26 are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Preparation {
    /// None is under way.
    #[default]
    None,
    /// Notice of 4.29 was given.
    Notified {
        /// The earliest day for the first step.
        from: Date,
    },
    /// Steps are under way.
    Begun {
        /// The hops.
        hop: Hop,
        /// When the configuration is taken as complete.
        configuration: Option<Date>,
    },
}

/// Whether an installation is still to be migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Course {
    /// It is.
    #[default]
    Open,
    /// It is migrated.
    Migrated,
    /// It is excluded.
    Excluded,
}

/// A meter as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MeterNow {
    /// The Responsible Supplier.
    pub(crate) supplier: SupplierIx,
    /// Whether it is Active or Dormant.
    pub(crate) service: MeterState,
}

/// A change of supplier that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// Which of the installation's meters, from 0.
    pub(crate) meter: u8,
    /// Whether the one who gains it knows of the plan.
    pub(crate) told: bool,
    /// Who gains it.
    pub(crate) supplier: SupplierIx,
    /// From when on.
    pub(crate) effective: Date,
}

/// What suppliers have said of an installation, and Registration Data of its meters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    /// Changes of supplier, in the order in which they became known.
    pub(crate) changes: Vec<Change>,
    /// Who authorised it.
    pub(crate) authorised: Vec<Authorisation>,
    /// Where it is migrated by authorisation: the last day of what that rests on.
    pub(crate) authorised_until: Option<Date>,
    /// Who gave certificates, and when.
    pub(crate) certificates: Vec<(SupplierIx, Date)>,
    /// Excluded categories that it, or its gas meter, is in.
    pub(crate) exclusions: Vec<Exclusion>,
}

/// A supplier's authorisation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authorisation {
    /// Whose.
    pub(crate) supplier: SupplierIx,
    /// First day.
    pub(crate) from: Date,
    /// Last day, included; [`Date::MAX`] where it does not end.
    pub(crate) until: Date,
}

/// An exclusion that has not ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exclusion {
    /// Why.
    pub(crate) why: Excluded,
    /// Whether its story tells of it; what happened before the plan begins is told on the first day.
    pub(crate) told: bool,
}

/// The place of an installation in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Whose share it waits for.
    pub(crate) supplier: SupplierIx,
    /// Recently Dormant ones come first (PL12).
    pub(crate) rank: u8,
    /// Since when.
    pub(crate) since: Date,
}

/// What is asked of many installations at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    /// Whether it is still to be migrated.
    pub(crate) is_open: bool,
    /// Whether a way could be taken with it: ways are for installations with Dormant Meters alone.
    pub(crate) takes_ways: bool,
    /// Whether it is, or once was, eligible to be Enrolled.
    pub(crate) was_eligible: bool,
}

impl Default for Glance {
    /// Of one that nobody has looked at yet: everything may be so.
    fn default() -> Glance {
        Glance { is_open: true, takes_ways: true, was_eligible: false }
    }
}

impl Glance {
    /// At what is so now.
    pub(crate) fn of(state: &State) -> Glance {
        let is_open = state.course == Course::Open;
        Glance { is_open, takes_ways: is_open && !state.is_active(), was_eligible: state.eligible_since.is_some() }
    }
}

/// One installation.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) combination: Combination,
    pub(crate) meters: [MeterNow; 2],
    /// How many of `meters` there are.
    pub(crate) meter_count: u8,
    pub(crate) attempts: u8,
    pub(crate) course: Course,
    pub(crate) configured: bool,
    /// Whether it has left the process once: from then on it is a standard dormant one (PL4).
    pub(crate) has_left: bool,
    /// As what it was notified of migration.
    pub(crate) dormancy: Dormancy,
    pub(crate) consent: Consent,
    pub(crate) preparation: Preparation,
    pub(crate) way: Option<WayIx>,
    /// Hops of the way that are done.
    pub(crate) hops_done: u8,
    /// When the last step of preparation was complete.
    pub(crate) prepared: Option<Date>,
    /// Since when it has Dormant Meters alone.
    pub(crate) dormant_since: Option<Date>,
    /// Since when it is, or once was, eligible to be Enrolled.
    pub(crate) eligible_since: Option<Date>,
    /// What was decided for it where its supplier changes after a notice (PL3).
    pub(crate) after_change: Option<AfterChange>,
    /// Nothing is planned before.
    pub(crate) blocked_until: Option<Date>,
    /// No attempt is made before.
    pub(crate) not_before: Option<Date>,
    /// Certificates that come later are not used.
    pub(crate) certificates_until: Option<Date>,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) wake: Option<Date>,
    /// What it was last said to await.
    pub(crate) awaited: Option<Awaited>,
    pub(crate) said: Option<Box<Said>>,
}

impl State {
    /// As the estate describes it.
    pub(crate) fn new(combination: Combination, meters: &[Meter]) -> State {
        let now = |meter: &Meter| MeterNow { supplier: meter.supplier, service: meter.service };
        let first = now(&meters[0]);
        let mut state = State {
            combination,
            meters: [first, meters.get(1).map_or(first, now)],
            meter_count: u8::try_from(meters.len()).unwrap_or(u8::MAX).min(2),
            attempts: 0,
            course: Course::default(),
            configured: false,
            has_left: false,
            dormancy: Dormancy::Standard,
            consent: Consent::default(),
            preparation: Preparation::default(),
            way: None,
            hops_done: 0,
            prepared: None,
            dormant_since: None,
            eligible_since: None,
            after_change: None,
            blocked_until: None,
            not_before: None,
            certificates_until: None,
            waiting: None,
            wake: None,
            awaited: None,
            said: None,
        };
        if !state.is_active() {
            state.dormant_since = meters.iter().map(|meter| meter.since).max();
        }
        state
    }

    /// Its meters as they are now.
    pub(crate) fn meters(&self) -> &[MeterNow] {
        &self.meters[..usize::from(self.meter_count)]
    }

    /// Whether it has an Active Meter.
    pub(crate) fn is_active(&self) -> bool {
        self.meters().iter().any(|meter| meter.service == MeterState::Active)
    }

    /// What was said of it, to add to it.
    pub(crate) fn say(&mut self) -> &mut Said {
        self.said.get_or_insert_default()
    }

    /// Changes of supplier that are known.
    pub(crate) fn changes(&self) -> &[Change] {
        self.said.as_ref().map_or(&[], |said| &said.changes)
    }

    /// Whether a supplier's certificates came in time.
    pub(crate) fn has_certificates(&self, supplier: SupplierIx) -> bool {
        let until = self.certificates_until;
        let in_time = |(of, on): &(SupplierIx, Date)| *of == supplier && until.is_none_or(|until| *on <= until);
        self.said.as_ref().is_some_and(|said| said.certificates.iter().any(in_time))
    }

    /// Until when it is authorised, where every supplier of an Active Meter has authorised it for a day; none without an
    /// Active Meter.
    pub(crate) fn authorised_on(&self, day: Date) -> Option<Date> {
        let by = |supplier| {
            let given = |one: &&Authorisation| one.supplier == supplier && one.from <= day && day <= one.until;
            self.said.as_ref()?.authorised.iter().filter(given).map(|one| one.until).max()
        };
        let active = self.meters().iter().filter(|meter| meter.service == MeterState::Active);
        // One that lacks is less than any day.
        active.map(|meter| by(meter.supplier)).min().flatten()
    }

    /// The last day of the authorisation that it has.
    pub(crate) fn authorised_until(&self) -> Option<Date> {
        let until = self.said.as_ref().and_then(|said| said.authorised_until);
        until.filter(|_| matches!(self.consent, Consent::Authorised { .. }))
    }
}
