//! The numbers that planning needs and no source gives, with those that one does give and that are not a wording's: a file that
//! whoever plans may change, and that is printed with every plan. No other module of planning holds a number of its own.

use serde::{Deserialize, Serialize};

/// On which days installations are migrated (P).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationDays {
    /// On Working Days of England and Wales.
    #[default]
    WorkingDays,
    /// On every day of the week.
    EveryDay,
}

/// What is done when the Responsible Supplier changes after a notice (PL3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterChange {
    /// The steps go on as planned, and the new one is notified before them.
    #[default]
    GoOn,
    /// The installation is planned anew once the change is effective.
    Wait,
}

/// What planning assumes. Days are calendar days unless a name says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assumptions {
    /// Installations that can be migrated on one day (P).
    pub capacity_a_day: u32,
    /// How many of them a whole plan leaves free, for what is planned again later (P).
    pub reserve_a_day: u32,
    /// DMIN, each supplier's flat allocation a day (migration-facts 9; MSM 4.0).
    pub dmin_a_day: u32,
    /// On which days installations are migrated (P).
    pub migration_days: MigrationDays,
    /// What one hop of an upgrade takes, unless a record says when it was done (P).
    pub days_per_hop: u16,
    /// Days after the confirmation of its tests, or its DMCT EPCL Report, within which an entry is foreseen to be approved; one
    /// that is not is paused (PL8: P).
    pub approval_within_days: u16,
    /// What the SMSO's configuration of 15.2 takes, unless a record says when it was done (P).
    pub configuration_days: u16,
    /// Working Days after the notice within which suppliers are to give their certificates (PL11: P).
    pub certificates_within_working_days: u16,
    /// Attempts without success after which an installation is excluded (PL14).
    pub attempts: u8,
    /// Working Days between an attempt without success and the next one (P).
    pub retry_after_working_days: u16,
    /// What is done when the Responsible Supplier changes after a notice (PL3).
    pub after_change_of_supplier: AfterChange,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            capacity_a_day: 3_000,
            reserve_a_day: 100,
            dmin_a_day: 100,
            migration_days: MigrationDays::default(),
            days_per_hop: 2,
            approval_within_days: 120,
            configuration_days: 2,
            certificates_within_working_days: 5,
            attempts: 5,
            retry_after_working_days: 10,
            after_change_of_supplier: AfterChange::default(),
        }
    }
}
