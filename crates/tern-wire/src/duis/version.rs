//! The versions of the DUIS and MMC schemas that are held here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::Malformed;

/// A version of the schemas, the earliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SchemaVersion {
    /// 5.0, February 2021.
    V5_0,
    /// 5.1, June 2022.
    V5_1,
    /// 5.4, November 2025.
    V5_4,
}

impl SchemaVersion {
    /// Every version.
    pub const ALL: [SchemaVersion; 3] = [SchemaVersion::V5_0, SchemaVersion::V5_1, SchemaVersion::V5_4];

    /// As `schemaVersion` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SchemaVersion::V5_0 => "5.0",
            SchemaVersion::V5_1 => "5.1",
            SchemaVersion::V5_4 => "5.4",
        }
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SchemaVersion {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<SchemaVersion, Malformed> {
        let known = SchemaVersion::ALL.into_iter().find(|version| version.as_str() == text);
        known.ok_or(Malformed { expected: "a schema version that is held: 5.0, 5.1 or 5.4" })
    }
}
