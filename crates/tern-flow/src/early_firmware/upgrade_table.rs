//! The transition table of one installation's way to an entry's firmware (PL7, PL8).
//!
//! The machine may take no arrow that does not stand here; its tests fail when an arrow is never taken.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an installation stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpgradeState {
    /// At the firmware that it was found with; nothing is announced.
    AtFirst,
    /// The Responsible Suppliers were notified (4.29); no hop has begun since.
    Announced,
    /// A hop is under way.
    Hopping,
    /// Some hops are made, the next may not begin.
    Between,
    /// Whole at the entry's firmware; the entry is not decided.
    AtTarget,
    /// A hop is under way to a version that was not approved, so that the installation is whole.
    Completing,
    /// Whole at a version that was not approved; the manufacturer has given a path from there.
    Onward,
    /// It cannot go on, and somebody is told.
    Stranded,
    /// It has no Dormant Meter that may go on: it stays at the version where it is.
    Standing,
    /// End: whole at the firmware of an entry on the EPCL.
    Eligible,
}

impl fmt::Display for UpgradeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UpgradeState::AtFirst => "at its first version",
            UpgradeState::Announced => "announced",
            UpgradeState::Hopping => "hop under way",
            UpgradeState::Between => "between hops",
            UpgradeState::AtTarget => "at the entry's version",
            UpgradeState::Completing => "being completed",
            UpgradeState::Onward => "to go on from a version not approved",
            UpgradeState::Stranded => "stranded",
            UpgradeState::Standing => "standing where it is",
            UpgradeState::Eligible => "eligible",
        })
    }
}

/// What happens to an installation on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpgradeEvent {
    /// Something that the facts are made of is another: entry, confirmation, path, meter. The facts say how it
    /// is now.
    Changed,
    /// The day has come before which 4.29 lets no step be taken.
    NoticeRun,
    /// The SMSO says that the hop is made.
    HopDone,
    /// The SMSO says that the hop failed: the Device runs what it ran before.
    HopFailed,
    /// Whoever drives the machine came back after a crash: a hop that was under way may have been made, or not.
    Resume,
    /// A person has a hop tried again that failed too often.
    Retry,
}

/// One permitted transition of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UpgradeArrow {
    /// From.
    pub from: UpgradeState,
    /// On.
    pub on: UpgradeEvent,
    /// To.
    pub to: UpgradeState,
}

const fn arrow(from: UpgradeState, on: UpgradeEvent, to: UpgradeState) -> UpgradeArrow {
    UpgradeArrow { from, on, to }
}

/// Every permitted transition.
pub const UPGRADE_TABLE: &[UpgradeArrow] = {
    use {UpgradeEvent as E, UpgradeState as S};
    &[
        // Nothing was done yet: notice comes first, and no upgrade starts without permit, confirmations and consent.
        arrow(S::AtFirst, E::Changed, S::AtFirst),
        arrow(S::AtFirst, E::Changed, S::Announced),
        arrow(S::AtFirst, E::Changed, S::Standing),
        arrow(S::Announced, E::Changed, S::Announced),
        arrow(S::Announced, E::Changed, S::AtFirst),
        arrow(S::Announced, E::Changed, S::Hopping),
        arrow(S::Announced, E::Changed, S::Standing),
        arrow(S::Announced, E::Changed, S::Onward),
        arrow(S::Announced, E::Changed, S::Stranded),
        arrow(S::Announced, E::NoticeRun, S::Announced),
        arrow(S::Announced, E::NoticeRun, S::Hopping),
        arrow(S::Announced, E::NoticeRun, S::Completing),
        arrow(S::Announced, E::NoticeRun, S::Between),
        // Hop by hop; what changes meanwhile counts when the hop has ended.
        arrow(S::Hopping, E::Changed, S::Hopping),
        arrow(S::Hopping, E::Resume, S::Hopping),
        arrow(S::Hopping, E::HopDone, S::Hopping),
        arrow(S::Hopping, E::HopDone, S::Between),
        arrow(S::Hopping, E::HopDone, S::AtTarget),
        arrow(S::Hopping, E::HopDone, S::Eligible),
        arrow(S::Hopping, E::HopDone, S::Standing),
        arrow(S::Hopping, E::HopDone, S::Completing),
        arrow(S::Hopping, E::HopDone, S::Onward),
        arrow(S::Hopping, E::HopDone, S::Stranded),
        arrow(S::Hopping, E::HopFailed, S::Hopping),
        arrow(S::Hopping, E::HopFailed, S::Between),
        arrow(S::Hopping, E::HopFailed, S::Announced),
        arrow(S::Hopping, E::HopFailed, S::AtFirst),
        arrow(S::Hopping, E::HopFailed, S::Standing),
        arrow(S::Hopping, E::HopFailed, S::Completing),
        arrow(S::Hopping, E::HopFailed, S::Onward),
        arrow(S::Hopping, E::HopFailed, S::Stranded),
        arrow(S::Between, E::Changed, S::Between),
        arrow(S::Between, E::Changed, S::Hopping),
        arrow(S::Between, E::Changed, S::Announced),
        arrow(S::Between, E::Changed, S::Completing),
        arrow(S::Between, E::Changed, S::Standing),
        // A hop had failed too often before it was held up.
        arrow(S::Between, E::Changed, S::Stranded),
        // Whole: the entry's decision is waited for.
        arrow(S::AtTarget, E::Changed, S::AtTarget),
        arrow(S::AtTarget, E::Changed, S::Eligible),
        arrow(S::AtTarget, E::Changed, S::Standing),
        arrow(S::AtTarget, E::Changed, S::Onward),
        arrow(S::AtTarget, E::Changed, S::Stranded),
        // Not approved: completed, and on from there by the manufacturer's path.
        arrow(S::Completing, E::Changed, S::Completing),
        arrow(S::Completing, E::Resume, S::Completing),
        arrow(S::Completing, E::HopDone, S::Completing),
        arrow(S::Completing, E::HopDone, S::Onward),
        arrow(S::Completing, E::HopDone, S::Stranded),
        arrow(S::Completing, E::HopDone, S::Standing),
        arrow(S::Completing, E::HopFailed, S::Completing),
        arrow(S::Completing, E::HopFailed, S::Standing),
        arrow(S::Completing, E::HopFailed, S::Stranded),
        arrow(S::Onward, E::Changed, S::Onward),
        arrow(S::Onward, E::Changed, S::Announced),
        arrow(S::Onward, E::Changed, S::Standing),
        arrow(S::Onward, E::Changed, S::Stranded),
        arrow(S::Stranded, E::Changed, S::Stranded),
        arrow(S::Stranded, E::Changed, S::Onward),
        arrow(S::Stranded, E::Changed, S::Announced),
        arrow(S::Stranded, E::Changed, S::AtFirst),
        arrow(S::Stranded, E::Changed, S::Between),
        arrow(S::Stranded, E::Changed, S::Standing),
        arrow(S::Stranded, E::Retry, S::Hopping),
        arrow(S::Stranded, E::Retry, S::Completing),
        // An Active Meter: it stays where it is, until it is Dormant again.
        arrow(S::Standing, E::Changed, S::Standing),
        arrow(S::Standing, E::Changed, S::AtFirst),
        arrow(S::Standing, E::Changed, S::Announced),
        arrow(S::Standing, E::Changed, S::Between),
        arrow(S::Standing, E::Changed, S::AtTarget),
        arrow(S::Standing, E::Changed, S::Onward),
        arrow(S::Standing, E::Changed, S::Stranded),
        arrow(S::Standing, E::Changed, S::Eligible),
    ]
};
