//! Which versions of the Migration Schema are written and taken on a day (FI3).

use jiff::ToSpan;
use tern_model::GroupId;
use tern_wire::schema::SchemaVersion;

use crate::documents::{Document, SCHEMA_1_2};
use crate::rulebook::Books;

/// The version in force; the earlier one where none is yet.
#[must_use]
pub fn schema_version(books: Books<'_>) -> SchemaVersion {
    let in_force = books.version(Document::MigrationSchema);
    let newest = in_force.is_some_and(|in_force| in_force.version == &SCHEMA_1_2);
    if newest { SchemaVersion::V12 } else { SchemaVersion::Before12 }
}

/// Which versions are taken of a group on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The one that `tern build` writes.
    pub(crate) written: SchemaVersion,
    /// Whether the one before it is still taken.
    is_before_taken: bool,
}

impl Taken {
    /// Those of a day, where the version before is taken for so many days from the first of v1.2 on.
    pub(crate) fn on(books: Books<'_>, group: GroupId, days: i32) -> Taken {
        let first = books.rulebook.in_force_from(&SCHEMA_1_2);
        let is_over = first.is_some_and(|first| first.saturating_add(days.days()) <= books.on);
        Taken { written: schema_version(books).for_group(group), is_before_taken: !group.is_foc() && !is_over }
    }

    /// Whether a file may follow the version.
    pub(crate) fn holds(self, version: SchemaVersion) -> bool {
        version == self.written || (version == SchemaVersion::Before12 && self.is_before_taken)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::Rulebook;

    #[track_caller]
    fn check(on: Date, expect: SchemaVersion) {
        assert_eq!(schema_version(Rulebook::published().on(on)), expect, "{on}");
    }

    #[test]
    fn the_version_follows_the_day() {
        check(date(2019, 7, 28), SchemaVersion::Before12);
        check(date(2020, 11, 28), SchemaVersion::Before12);
        check(date(2020, 11, 29), SchemaVersion::V12);
    }
}
