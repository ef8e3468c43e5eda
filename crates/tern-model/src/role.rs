//! The parties to a migration as trust domains (AC2): each has its own keys and its own view.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// A role that an organisation's certificate names in its subject's OU, in hexadecimal.
///
/// `02`, `03` and the issuing authority's `07` are the remote party roles seen in public certificates;
/// every other number is project-defined (P), because no source gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Responsible or Installing Supplier.
    Supplier,
    /// Electricity distributor or gas transporter.
    NetworkOperator,
    /// Issues certificates; `OU=07`.
    IssuingAuthority,
    /// The DCC's data service: judges Table 5.10, keeps the Smart Metering Inventory.
    Dsp,
    /// The SMETS1 Service Provider of a cohort.
    S1sp,
    /// The Dual Control Organisation: master keys and key packages.
    Dco,
    /// The operator of the meters before migration.
    Smso,
    /// Builds and sends the migration file sets.
    RequestingParty,
    /// Combines the S1SP's and the DCO's consent and instructs commissioning (P).
    CommissioningParty,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 9] = [
        Role::Supplier,
        Role::NetworkOperator,
        Role::IssuingAuthority,
        Role::Dsp,
        Role::S1sp,
        Role::Dco,
        Role::Smso,
        Role::RequestingParty,
        Role::CommissioningParty,
    ];

    /// The role's code as the subject's OU prints it: two upper-case hexadecimal digits.
    #[must_use]
    pub fn ou(self) -> &'static str {
        match self {
            Role::Supplier => "02",
            Role::NetworkOperator => "03",
            Role::Dsp => "04",
            Role::IssuingAuthority => "07",
            Role::S1sp => "80",
            Role::Dco => "81",
            Role::Smso => "82",
            Role::RequestingParty => "83",
            Role::CommissioningParty => "84",
        }
    }

    /// The role whose certificates bear this OU.
    #[must_use]
    pub fn from_ou(ou: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.ou().eq_ignore_ascii_case(ou))
    }

    /// The short name that commands and file names use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Supplier => "supplier",
            Role::NetworkOperator => "network-operator",
            Role::IssuingAuthority => "issuing-authority",
            Role::Dsp => "dsp",
            Role::S1sp => "s1sp",
            Role::Dco => "dco",
            Role::Smso => "smso",
            Role::RequestingParty => "requesting-party",
            Role::CommissioningParty => "commissioning-party",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Role::ALL.into_iter().find(|r| r.as_str() == text).ok_or(Malformed {
            expected: "a role: supplier, network-operator, dsp, s1sp, dco, smso, requesting-party or commissioning-party",
        })
    }
}
