//! What is wrong with a row.

use std::fmt;

use super::FILES;

/// How many faults are told of one file.
pub const FAULTS_MAX: usize = 1000;

/// One row, or one field of it, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The file's name.
    pub file: String,
    /// 1 is the header; 0 is the file as a whole.
    pub row: u64,
    /// The column; empty where it is the row as a whole.
    pub field: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub suggestion: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.row > 0 {
            write!(f, " row {}", self.row)?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {}; {}", self.reason, self.suggestion)
    }
}

impl std::error::Error for RowFault {}

/// Collects the faults of one file.
pub(super) struct Faults {
    file: &'static str,
    list: Vec<RowFault>,
    untold: usize,
}

impl Faults {
    pub(super) fn of(file: &'static str) -> Faults {
        Faults { file, list: Vec::new(), untold: 0 }
    }

    pub(super) fn add(&mut self, row: u64, field: &str, reason: impl Into<String>, suggestion: impl Into<String>) {
        if self.list.len() >= FAULTS_MAX {
            self.untold += 1;
            return;
        }
        let (field, reason, suggestion) = (field.to_owned(), reason.into(), suggestion.into());
        self.list.push(RowFault { file: self.file.to_owned(), row, field, reason, suggestion });
    }

    pub(super) fn count(&self) -> usize {
        self.list.len() + self.untold
    }

    pub(super) fn into_list(mut self) -> Vec<RowFault> {
        if self.untold > 0 {
            self.list.push(RowFault {
                file: self.file.to_owned(),
                row: 0,
                field: String::new(),
                reason: format!("{} faults more are not told", self.untold),
                suggestion: "mend those above and read the file again".to_owned(),
            });
        }
        self.list
    }
}

pub(super) fn unknown_file(name: &str) -> RowFault {
    let names: Vec<&str> = FILES.iter().map(|file| file.name).collect();
    RowFault {
        file: name.to_owned(),
        row: 0,
        field: String::new(),
        reason: "this is no file of fact records".to_owned(),
        suggestion: format!("name it as what it holds: {}", names.join(", ")),
    }
}
