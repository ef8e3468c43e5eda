//! Which version of the Migration Schema is written on a day. What may be read is 10.1's to say.

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
