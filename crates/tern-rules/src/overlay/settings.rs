//! The values beside documents and wordings that an overlay may change: limits, reminders, windows, days of releases.

use jiff::civil::Date;

/// A value that an overlay may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// Days after the migration day through which rollback certificates must be usable.
    RollbackDays,
    /// How far below the highest counter one that was never seen is accepted.
    CounterWindow,
    /// Attempts at a step.
    Attempts,
    /// Attempts at a question.
    Probes,
    /// Attempts at an undo.
    Undos,
    /// Days before a change of supplier on which its supplier is reminded of 4.49.
    ReminderDays,
    /// The first day on which the Uplift 1.2 documents may be re-designated.
    UpliftFirst,
    /// The last such day.
    UpliftLast,
    /// The day of the Uplift 1.2 system change.
    SystemChange,
    /// The day of the November 2020 maintenance release.
    NovemberRelease,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A whole number, both ends included.
    Number(i64, i64),
    /// Whole numbers of days, 0 to 365 each.
    Days,
    /// A day.
    Day,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// Numbers of days.
    Days(Vec<u16>),
    /// A day.
    Day(Date),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Day(day) => day.fmt(f),
            Value::Days(days) => f.write_str(&days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Setting {
    /// Every setting.
    pub const ALL: [Setting; 10] = [
        Setting::RollbackDays,
        Setting::CounterWindow,
        Setting::Attempts,
        Setting::Probes,
        Setting::Undos,
        Setting::ReminderDays,
        Setting::UpliftFirst,
        Setting::UpliftLast,
        Setting::SystemChange,
        Setting::NovemberRelease,
    ];

    /// Its table and its key in an overlay file.
    #[must_use]
    pub fn key(self) -> (&'static str, &'static str) {
        match self {
            Setting::RollbackDays => ("limits", "rollback_days"),
            Setting::CounterWindow => ("limits", "counter_window"),
            Setting::Attempts => ("limits", "attempts"),
            Setting::Probes => ("limits", "probes"),
            Setting::Undos => ("limits", "undos"),
            Setting::ReminderDays => ("limits", "reminder_days"),
            Setting::UpliftFirst => ("windows", "uplift_1_2_first"),
            Setting::UpliftLast => ("windows", "uplift_1_2_last"),
            Setting::SystemChange => ("releases", "system_change"),
            Setting::NovemberRelease => ("releases", "november_2020_release"),
        }
    }

    /// The clause or document that it belongs to.
    #[must_use]
    pub fn of(self) -> &'static str {
        match self {
            Setting::RollbackDays => "5.1(c)",
            Setting::CounterWindow => "P-counter",
            Setting::Attempts | Setting::Probes => "15.9",
            Setting::Undos => "15.10.3, 15.10.4",
            Setting::ReminderDays => "4.49",
            Setting::UpliftFirst | Setting::UpliftLast => "S000 section 8",
            Setting::SystemChange => "S000 section 7.1",
            Setting::NovemberRelease => "S000 sections 7.2 and 7.4",
        }
    }

    /// What it takes.
    #[must_use]
    pub fn takes(self) -> Takes {
        match self {
            Setting::RollbackDays => Takes::Number(0, 3650),
            Setting::CounterWindow => Takes::Number(0, 1_000_000_000),
            Setting::Attempts | Setting::Probes | Setting::Undos => Takes::Number(1, 1_000),
            Setting::ReminderDays => Takes::Days,
            Setting::UpliftFirst | Setting::UpliftLast | Setting::SystemChange | Setting::NovemberRelease => Takes::Day,
        }
    }
}
