//! Days that went by without anybody carrying a plan out.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{What, named::Line};

/// Days of a plan on which nothing was done of it: what it had for them is done after them, as their terms then allow. Events that
/// became known on them count from their day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Still {
    /// The first day on which nothing was done.
    pub from: Date,
    /// The first day on which nobody was migrated: that one, or the day before, where that was begun and not ended.
    pub migrations_from: Date,
    /// The day on which it goes on.
    pub until: Date,
}

impl Still {
    /// Whether nothing was done on a day.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        (self.from..self.until).contains(&day)
    }

    /// Whether nobody was migrated on a day.
    #[must_use]
    pub fn has_no_migrations(&self, day: Date) -> bool {
        (self.migrations_from..self.until).contains(&day)
    }

    /// Whether a line of a story did not come about.
    #[must_use]
    pub fn keeps_back(&self, line: &Line) -> bool {
        let migrates = matches!(line.what, What::Migration(_) | What::NullCertificate(_) | What::Left { .. });
        self.has(line.day) || (migrates && self.has_no_migrations(line.day))
    }
}
