//! How an installation's migration ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether the gas side went along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GasOutcome {
    /// There is no GSME.
    None,
    /// The GSME was migrated.
    Migrated,
    /// GT01: a gas HAN error, the electricity side went on alone (CH9).
    LeftBehind,
}

/// The end of one installation's migration in one set; exactly one of these holds for each (CO5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Wholly with the DCC.
    Commissioned {
        /// The gas side.
        gas: GasOutcome,
    },
    /// Never started: still wholly with the SMSO.
    Refused {
        /// The clauses that refused it, in the order judged.
        clauses: Vec<String>,
    },
    /// Started, failed, and put back: wholly with the SMSO again.
    RolledBack {
        /// The row or code that failed, for example `B2` or `DP01`.
        code: String,
    },
    /// Neither: visible, with a way out (`tern resolve`).
    Stuck {
        /// The row or code whose step or undo keeps failing.
        code: String,
    },
    /// Was stuck; a person closed it with evidence (`tern resolve --close`).
    Closed {
        /// Who holds the installation, as that person found.
        held_by: Holder,
    },
}

/// Who holds an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The SMETS1 SMSO, as before migration.
    Smso,
    /// The DCC, as after commissioning.
    Dcc,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Holder::Smso => "the SMSO",
            Holder::Dcc => "the DCC",
        })
    }
}

/// The kind alone, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// See [`Outcome::Commissioned`].
    Commissioned,
    /// See [`Outcome::Refused`].
    Refused,
    /// See [`Outcome::RolledBack`].
    RolledBack,
    /// See [`Outcome::Stuck`].
    Stuck,
    /// See [`Outcome::Closed`].
    Closed,
}

impl OutcomeKind {
    /// Every kind, in the order in which tables show them.
    pub const ALL: [OutcomeKind; 5] = [
        OutcomeKind::Commissioned,
        OutcomeKind::Refused,
        OutcomeKind::RolledBack,
        OutcomeKind::Stuck,
        OutcomeKind::Closed,
    ];
}

impl Outcome {
    /// The kind alone.
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Commissioned { .. } => OutcomeKind::Commissioned,
            Outcome::Refused { .. } => OutcomeKind::Refused,
            Outcome::RolledBack { .. } => OutcomeKind::RolledBack,
            Outcome::Stuck { .. } => OutcomeKind::Stuck,
            Outcome::Closed { .. } => OutcomeKind::Closed,
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            OutcomeKind::Commissioned => "commissioned",
            OutcomeKind::Refused => "refused",
            OutcomeKind::RolledBack => "rolled back",
            OutcomeKind::Stuck => "stuck",
            OutcomeKind::Closed => "closed",
        })
    }
}
