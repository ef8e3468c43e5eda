//! What is known of the entries of the EPCL (AC5), and whether devices may be upgraded towards one (PL6, PL8).

use jiff::civil::Date;
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;
use tern_plan::estate::EntryStep;

use super::Naive;
use super::numbers::plus;

/// How far an entry has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    tests_done: bool,
    /// When the TAG confirmed, or the DMCT EPCL Report was published.
    confirmed: Option<Date>,
    disputed: bool,
    paused: bool,
    approved: bool,
    refused: bool,
    /// The time foreseen for its approval has passed.
    overdue: bool,
}

impl Naive<'_> {
    /// What happens to an entry today; what contradicts what is known changes nothing.
    pub(super) fn learn_of_entry(&mut self, entry: usize, step: EntryStep) {
        let tested_by_mt_and_sit = self.estate.entries()[entry].route == ApprovalRoute::MtSit;
        let today = self.today;
        let is_approved = self.is_approved(entry);
        let course = &mut self.courses[entry];
        if course.refused {
            return;
        }
        let proves_something = course.confirmed.is_none() && !course.approved;
        match step {
            EntryStep::TestsDone if tested_by_mt_and_sit => course.tests_done = true,
            EntryStep::TagConfirmed if tested_by_mt_and_sit && course.tests_done && proves_something => {
                course.confirmed = Some(today);
            }
            EntryStep::DmctReport if !tested_by_mt_and_sit && proves_something => course.confirmed = Some(today),
            EntryStep::TestsDone | EntryStep::TagConfirmed | EntryStep::DmctReport => {}
            EntryStep::DisputeRaised => course.disputed |= !course.approved,
            EntryStep::DisputeResolved => course.disputed = false,
            EntryStep::Paused | EntryStep::Defect => course.paused = true,
            EntryStep::Planned => course.paused = false,
            EntryStep::Approved => (course.approved, course.paused, course.disputed) = (true, false, false),
            EntryStep::NotApproved => course.refused = !is_approved,
        }
    }

    /// PL8: what is not decided in the time foreseen is paused.
    pub(super) fn pause_what_is_overdue(&mut self) {
        for course in &mut self.courses {
            let within = i64::from(self.assumptions.approval_within_days);
            let over = course.confirmed.is_some_and(|on| plus(on, within) <= self.today);
            if over && !course.overdue {
                course.overdue = true;
                course.paused |= !course.approved && !course.refused;
            }
        }
    }

    /// On the EPCL, and not paused.
    pub(super) fn is_approved(&self, entry: usize) -> bool {
        let Course { approved, paused, refused, .. } = self.courses[entry];
        approved && !paused && !refused
    }

    pub(super) fn is_refused(&self, entry: usize) -> bool {
        self.courses[entry].refused
    }

    /// PL8: no new upgrade until a decision.
    pub(super) fn is_held(&self, entry: usize) -> bool {
        let Course { paused, disputed, refused, .. } = self.courses[entry];
        (paused || disputed) && !refused
    }

    /// Confirmed or approved at some time, not approved today, and not refused either.
    pub(super) fn is_waited_for(&self, entry: usize) -> bool {
        let Course { confirmed, approved, refused, .. } = self.courses[entry];
        (confirmed.is_some() || approved) && !refused && !self.is_approved(entry)
    }

    /// PL6: firmware may be brought to a planned entry.
    pub(super) fn is_permitted(&self, entry: usize) -> bool {
        let Course { confirmed, approved, refused, .. } = self.courses[entry];
        let of = &self.estate.entries()[entry];
        let has_dormant = of.comprises != InstallationState::Active;
        let tested = match of.route {
            ApprovalRoute::Equivalent => of.equivalent_to.is_some_and(|tested| self.is_proven(tested.at())),
            ApprovalRoute::MtSit | ApprovalRoute::Dmct => true,
        };
        let early = confirmed.is_some() && self.today >= self.early_firmware_text;
        early && has_dormant && tested && !approved && !refused && !self.is_held(entry)
    }

    /// An entry of which another says that it is equivalent to it.
    fn is_proven(&self, entry: usize) -> bool {
        let Course { confirmed, approved, refused, .. } = self.courses[entry];
        let itself = self.estate.entries()[entry].route != ApprovalRoute::Equivalent;
        itself && (confirmed.is_some() || approved) && !refused && !self.is_held(entry)
    }

    /// Why a hop to an entry may begin, where it may.
    pub(super) fn why_permitted(&self, entry: usize) -> Option<&'static str> {
        if self.is_approved(entry) {
            return Some("approved");
        }
        self.is_permitted(entry).then(|| match self.estate.entries()[entry].route {
            ApprovalRoute::MtSit => "tag-confirmed",
            ApprovalRoute::Dmct => "report-published",
            ApprovalRoute::Equivalent => "equivalent",
        })
    }
}
