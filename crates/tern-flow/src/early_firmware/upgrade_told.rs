//! Why an installation goes the way it goes, in sentences for people and with the clause behind each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::permit::{NotPermitted, Permit};

/// Why an installation cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// It stands at a version that was not approved, and no path leads on from there.
    NoPath,
    /// It stands at a version that was not approved, and no other entry is known.
    NoEntry,
    /// A hop failed as often as it may be tried.
    HopFailed,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Held::NoPath => "its version was not approved, and the manufacturer has given no path from there",
            Held::NoEntry => "its version was not approved, and no other entry is planned",
            Held::HopFailed => "a hop failed as often as it may be tried",
        })
    }
}

/// Why a transition was taken, or why nothing moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// What 4.26 says of the entry, for or against.
    Permitted(Permit),
    /// The installation is where it should be; the entry is still to be decided.
    Undecided(Permit),
    /// So many interim versions lack the confirmation that they can be operated on the SMSO.
    Unconfirmed(u16),
    /// The deemed consent does not cover what is left.
    NoConsent,
    /// A hop is under way; what changed counts when it has ended.
    UnderWay,
    /// The entry was not approved, and an installation in parts is made whole first.
    CompletedFirst,
    /// The manufacturer has given a path from the version that was not approved.
    PathGiven,
    /// It cannot go on.
    Held(Held),
}

impl Because {
    /// The clause, or our own number, that stands behind it.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Because::Permitted(Permit::No(NotPermitted::Halted(_) | NotPermitted::Disputed)) => "P-entry-halted",
            Because::Permitted(_) | Because::Undecided(_) | Because::NoConsent => Permit::CLAUSE,
            Because::Unconfirmed(_) => "4.33",
            Because::CompletedFirst | Because::PathGiven => "P-not-approved",
            Because::UnderWay | Because::Held(Held::HopFailed) => "P-hops",
            Because::Held(_) => "P-not-approved",
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Permitted(permit) => write!(f, "{permit}"),
            Because::Undecided(Permit::Yes { .. }) => f.write_str("it waits for the entry's approval"),
            Because::Undecided(Permit::No(why)) => write!(f, "it waits for the entry's approval; {why}"),
            Because::Unconfirmed(1) => {
                f.write_str("an interim version is not confirmed to be operable on the SMSO: no upgrade starts")
            }
            Because::Unconfirmed(count) => {
                write!(f, "{count} interim versions are not confirmed to be operable on the SMSO: no upgrade starts")
            }
            Because::NoConsent => {
                f.write_str("the deemed consent reaches to Dormant Meters and the Devices with them alone")
            }
            Because::UnderWay => f.write_str("a hop that is under way is waited for"),
            Because::CompletedFirst => f.write_str("the entry was not approved: what is part-way is completed"),
            Because::PathGiven => f.write_str("the manufacturer has given a path from the version not approved"),
            Because::Held(why) => write!(f, "{why}"),
        }
    }
}
