//! The capacities in which a DCC User may send a Service Request.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// A User Role, as the DCC User Interface abbreviates it. One party may be a User in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum UserRole {
    /// Import Supplier.
    Is,
    /// Export Supplier.
    Es,
    /// Gas Supplier.
    Gs,
    /// Registered Supplier Agent.
    Rsa,
    /// Electricity Distributor.
    Ed,
    /// Gas Transporter.
    Gt,
    /// Other User.
    Ou,
}

impl UserRole {
    /// Every role.
    pub const ALL: [UserRole; 7] =
        [UserRole::Is, UserRole::Es, UserRole::Gs, UserRole::Rsa, UserRole::Ed, UserRole::Gt, UserRole::Ou];

    /// The abbreviation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            UserRole::Is => "IS",
            UserRole::Es => "ES",
            UserRole::Gs => "GS",
            UserRole::Rsa => "RSA",
            UserRole::Ed => "ED",
            UserRole::Gt => "GT",
            UserRole::Ou => "OU",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            UserRole::Is => "Import Supplier",
            UserRole::Es => "Export Supplier",
            UserRole::Gs => "Gas Supplier",
            UserRole::Rsa => "Registered Supplier Agent",
            UserRole::Ed => "Electricity Distributor",
            UserRole::Gt => "Gas Transporter",
            UserRole::Ou => "Other User",
        }
    }
}

impl fmt::Display for UserRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for UserRole {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        UserRole::ALL
            .into_iter()
            .find(|role| role.as_str().eq_ignore_ascii_case(text))
            .ok_or(Malformed { expected: "a User Role: IS, ES, GS, RSA, ED, GT or OU" })
    }
}
