//! File counters: unique and rising for each Requesting Party and group, across runs.
//!
//! The highest ones used are kept in one small file beside the configuration, or beside the sets where there is none. They are
//! written before the sets are: a run that fails in between leaves a gap, which is harmless, and never uses a counter twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tern_model::{GroupId, PartyId};

use super::files::replace;
use crate::ServiceFault;

/// The file's name in its folder.
const FILE: &str = "requesting-party-counters.json";

/// The largest counter that every reader can hold exactly: 2^53 - 1.
const COUNTER_MAX: u64 = (1 << 53) - 1;

/// The last counter used, by party and group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    last: BTreeMap<String, u64>,
}

impl Counters {
    /// The counters that a folder keeps; none used where there is no file yet.
    ///
    /// # Errors
    /// The file cannot be read, or is not what this wrote.
    pub fn load(folder: &Path) -> Result<Counters, ServiceFault> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Counters::default()),
            Err(error) => return Err(ServiceFault::file("read", &path, &error)),
        };
        let last = serde_json::from_slice(&text).map_err(|e| ServiceFault::file("read", &path, &e))?;
        Ok(Counters { last })
    }

    /// Makes `next` the next counter of a party and group, whatever was used before.
    pub fn set_next(&mut self, party: PartyId, group: GroupId, next: u64) {
        self.last.insert(key(party, group), next.saturating_sub(1));
    }

    /// Takes over what is higher in another's: none that either has used comes again unasked.
    pub fn raise(&mut self, other: &Counters) {
        for (key, used) in &other.last {
            let last = self.last.entry(key.clone()).or_default();
            *last = (*last).max(*used);
        }
    }

    /// The next counter, used from now on.
    ///
    /// # Errors
    /// There is none left.
    pub fn take(&mut self, party: PartyId, group: GroupId) -> Result<u64, ServiceFault> {
        let last = self.last.entry(key(party, group)).or_default();
        if *last >= COUNTER_MAX {
            return Err(ServiceFault::Configuration {
                what: format!("the counter of {party} and {group} has reached {COUNTER_MAX}"),
                suggestion: format!("give a lower one with --counter, or mend {FILE}"),
            });
        }
        *last += 1;
        Ok(*last)
    }

    /// Makes them durable.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), ServiceFault> {
        let path = folder.join(FILE);
        let text = serde_json::to_vec_pretty(&self.last).map_err(|e| ServiceFault::file("write", &path, &e))?;
        fs::create_dir_all(folder).map_err(|e| ServiceFault::file("make", folder, &e))?;
        replace(&path, &text)
    }
}

fn key(party: PartyId, group: GroupId) -> String {
    format!("{party}_{group}")
}
