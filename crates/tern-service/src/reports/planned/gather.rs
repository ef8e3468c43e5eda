//! The sums of a plan over an estate: who stands where, by group and supplier, when they migrate, whom notices go to, whose
//! Dormant Meters are in time, who is excluded.
//!
//! An installation counts with the Responsible Supplier of its electricity meter, and a meter with its own: on the day of the
//! migration, or on the plan's last day where there is none (P).

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::{ChfIdentifier, GasOutcome, GroupId, Holder, MeterState, Outcome, PartyId};
use tern_plan::estate::MeterIx;
use tern_plan::plan::{End, Line, Period, Telling, What};
use tern_rules::ambition;

use super::compliance::{Compliance, Kept, NoticeKind};
use super::days::Days;
use super::exclusions::{Exclusions, leaves_gas};
use super::stands::{DormantStand, DormantStands, Stands};
use super::whose::Whose;
use crate::fault::ServiceFault;
use crate::plans::{EstateFolder, Generation, PlanView};

/// Which of an installation's meters are with the DCC already, as the roles' stores say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enrolled {
    /// None.
    #[default]
    No,
    /// The electricity meter; the gas meter stays with the SMSO (GT01).
    Electricity,
    /// All.
    All,
}

impl Enrolled {
    /// As a migration ended.
    #[must_use]
    pub fn of(outcome: Option<&Outcome>) -> Enrolled {
        match outcome {
            Some(Outcome::Commissioned { gas: GasOutcome::LeftBehind }) => Enrolled::Electricity,
            Some(Outcome::Commissioned { .. } | Outcome::Closed { held_by: Holder::Dcc }) => Enrolled::All,
            _ => Enrolled::No,
        }
    }
}

/// What it is that keeps installations waiting at the end of a plan: in words, with its clause.
pub type Reason = (String, &'static str);

/// All sums.
#[derive(Debug)]
pub struct Planned {
    /// The plan's generation.
    pub plan: Generation,
    /// What is done on which day.
    pub days: Days,
    /// Where installations stand, by group and supplier.
    pub stands: BTreeMap<(GroupId, PartyId), Stands>,
    /// Installations about which rows contradict one another: they are known, and nothing is planned for them.
    pub set_aside: u64,
    /// Migrations by day, group and supplier.
    pub migrations: BTreeMap<(Date, GroupId, PartyId), u64>,
    /// What those wait for that wait at the end, by group.
    pub waiting: BTreeMap<Reason, BTreeMap<GroupId, u64>>,
    /// Dormant Meters by supplier.
    pub dormant: BTreeMap<PartyId, DormantStands>,
    /// Notices by recipient and kind.
    pub notices: BTreeMap<(PartyId, NoticeKind), Kept>,
    /// Who is excluded.
    pub exclusions: Exclusions,
    /// Whether the roles' stores were asked what is done already.
    pub with_stores: bool,
}

/// Counts one story after the other.
struct Counter<'a> {
    folder: &'a EstateFolder,
    whose: Whose<'a>,
    compliance: Compliance,
    sums: Planned,
}

impl Planned {
    /// Counts a plan over the estate that it was made from. `enrolled` says what is done already; without it nothing is known
    /// of that.
    ///
    /// # Errors
    /// The plan's store cannot be read, or tells of an installation that the estate has not.
    pub fn of(
        plan: &PlanView,
        folder: &EstateFolder,
        enrolled: Option<&dyn Fn(ChfIdentifier) -> Enrolled>,
    ) -> Result<Planned, ServiceFault> {
        let generation = plan.generation().clone();
        let last_row = generation.made.last_event_row;
        let mut counter = Counter {
            folder,
            whose: Whose::of(&folder.estate, &folder.events, last_row),
            compliance: Compliance::default(),
            sums: Planned {
                plan: generation,
                days: Days::default(),
                stands: BTreeMap::new(),
                set_aside: folder.estate.set_aside().len() as u64,
                migrations: BTreeMap::new(),
                waiting: BTreeMap::new(),
                dormant: BTreeMap::new(),
                notices: BTreeMap::new(),
                exclusions: Exclusions::of(&folder.events, last_row),
                with_stores: enrolled.is_some(),
            },
        };
        let mut stories = plan.stories();
        while let Some(story) = stories.next_story()? {
            let enrolled = enrolled.map_or(Enrolled::No, |of| of(story.chf));
            counter.add(story.chf, &story.lines, enrolled)?;
        }
        let Counter { compliance, mut sums, .. } = counter;
        sums.notices = compliance.kept;
        Ok(sums)
    }

    /// Where all installations that are planned for stand.
    #[must_use]
    pub fn all(&self) -> Stands {
        self.stands.values().fold(Stands::default(), |sum, stands| sum.with(stands))
    }

    /// Installations that are known, those among them that are set aside.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.all().total() + self.set_aside
    }

    /// All Dormant Meters.
    #[must_use]
    pub fn all_dormant(&self) -> DormantStands {
        self.dormant.values().fold(DormantStands::default(), |sum, stands| sum.with(stands))
    }

    /// How all notices stand to their steps.
    #[must_use]
    pub fn all_notices(&self) -> Kept {
        self.notices.values().fold(Kept::default(), |mut sum, kept| {
            sum.extend(kept);
            sum
        })
    }
}

impl Counter<'_> {
    fn add(&mut self, chf: ChfIdentifier, story: &[Line], enrolled: Enrolled) -> Result<(), ServiceFault> {
        let estate = &self.folder.estate;
        let installation = estate.find_installation(chf);
        let installation = installation.ok_or_else(|| ServiceFault::Body(format!("the estate has no CHF {chf}")))?;
        let (group, end) = (estate.installation(installation).group, Line::end(story));
        let Period { last, .. } = self.sums.plan.made.period;
        let day = if let End::Migrated(day) = end { day } else { last };
        let meters: Vec<MeterIx> =
            estate.meters_of(installation).iter().filter_map(|meter| estate.meter_of(meter.device)).collect();
        let supplier = |meter: &MeterIx| estate.catalogue().supplier_id(self.whose.supplier(*meter, day));
        let Some(first) = meters.first().map(supplier) else { return Ok(()) };
        self.sums.days.add(story);
        self.sums.stands.entry((group, first)).or_default().add(end);
        if matches!(end, End::Migrated(_)) {
            *self.sums.migrations.entry((day, group, first)).or_default() += 1;
        }
        let gas_stays = leaves_gas(story);
        for (at, meter) in meters.iter().enumerate() {
            if self.whose.service(*meter, day) == MeterState::Dormant {
                let done = enrolled == Enrolled::All || (enrolled == Enrolled::Electricity && at == 0);
                let of = if at == 0 { first } else { supplier(meter) };
                let stand = match DormantStand::of(end, done, ambition::DORMANT_METERS.by) {
                    DormantStand::Enrolled => DormantStand::Enrolled,
                    _ if at == 1 && gas_stays => DormantStand::Excluded,
                    stand => stand,
                };
                self.sums.dormant.entry(of).or_default().add(stand);
            }
        }
        self.note_reason(group, end);
        self.sums.exclusions.add(installation, first, story);
        self.compliance.add(story);
        Ok(())
    }

    /// Notes what an installation waits for at the end.
    fn note_reason(&mut self, group: GroupId, end: End) {
        if let End::Waits(awaited) = end {
            let day = self.sums.plan.made.period.last;
            let Telling { what, clause, .. } = Telling::of(&Line { day, what: What::Awaits(awaited) });
            *self.sums.waiting.entry((what, clause)).or_default().entry(group).or_default() += 1;
        }
    }
}
