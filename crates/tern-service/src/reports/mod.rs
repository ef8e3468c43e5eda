//! Reports (PL15): what became of all migrations, as tables for programs and pictures for people.
//!
//! They are counted from the roles' stores, which are only read, and from the DCC's records; parties are named by the
//! directory of certificates. The same stores give the same files: no clock is asked. Nothing here may hold a key, a
//! device's data, or more of an installation than its identifier.

mod bars;
mod counts;
mod csv;
mod ledger;
mod legend;
mod names;
mod pictures;
mod planned;
mod read;
mod series;
mod single;
mod svg;
mod tables;
mod timeline;

use std::path::{Path, PathBuf};

pub use bars::{BARS_MAX, Bar, Bars, Part};
pub use counts::{Counts, End};
pub use csv::{Cell, Table, unguarded};
pub use ledger::{Attempt, Dormant, Failed, Found, Ledger, MeterCounts, MeterSeen, Period, Supplier};
pub use names::Names;
pub use pictures::{Chart, pictures};
pub use planned::{
    Calendar, Day, Days, Doing, DormantStand, DormantStands, Enrolled, Excluded, Exclusions, Kept, NoticeKind, Planned,
    Reason, STANDINGS, Stands, standing_words,
};
pub use series::{Slot, Step, slots};
pub use svg::Fill;
pub use tables::tables;

use tern_rules::OverlayName;

use crate::config::Config;
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::overview::Overview;
use crate::pki;

/// What a report is made of.
#[derive(Debug, Clone, Default)]
pub struct Reports {
    /// The sums.
    pub ledger: Ledger,
    /// What parties are called.
    pub names: Names,
    /// The overlay under which it is made, which every file names; none under the published rules.
    pub overlay: Option<OverlayName>,
}

impl Reports {
    /// Counts all that the stores know of a period.
    ///
    /// # Errors
    /// A store or the key infrastructure cannot be read, or a Common File that was taken in can no longer be believed.
    pub fn gather(config: &Config, facts: &FactsIndex, period: Period) -> Result<Reports, ServiceFault> {
        let trust = pki::load_trust(&config.path(&config.pki.dir))?;
        let stores = Overview::open(config)?;
        let mut ledger = Ledger::of(period);
        read::fill(&mut ledger, &read::Sources { stores: &stores, trust: &trust, facts, rulebook: &config.rulebook })?;
        Ok(Reports { ledger, names: Names::of(&trust), overlay: config.rulebook.overlay_name().cloned() })
    }

    /// Every file: its name and its text.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let overlay = self.overlay.as_ref().map(ToString::to_string);
        let mut tables = tables(&self.ledger, &self.names);
        if let Some(overlay) = &overlay {
            tables.iter_mut().for_each(|table| table.add_column("overlay", overlay));
        }
        let tables = tables.iter().map(|t| (format!("{}.csv", t.name), t.to_csv()));
        let charts = pictures(&self.ledger, &self.names, overlay.as_deref())
            .into_iter()
            .map(|c| (format!("{}.svg", c.name), c.svg));
        tables.chain(charts).collect()
    }

    /// Writes every file into a folder, which is made where it is not there; those of an earlier report are replaced, each
    /// in one step. Gives their names.
    ///
    /// # Errors
    /// The folder cannot be made or written.
    pub fn write(&self, dir: &Path) -> Result<Vec<String>, ServiceFault> {
        write(dir, self.files())
    }
}

/// Writes files into a folder, which is made where it is not there; those that are there are replaced, each in one step. Gives
/// their names.
///
/// # Errors
/// The folder cannot be made or written.
pub fn write(dir: &Path, files: Vec<(String, String)>) -> Result<Vec<String>, ServiceFault> {
    let fault = |path: PathBuf| move |e: std::io::Error| ServiceFault::file("write the report", &path, e);
    std::fs::create_dir_all(dir).map_err(fault(dir.to_owned()))?;
    let mut names = Vec::new();
    for (name, text) in files {
        let beside = dir.join(format!(".{name}.part"));
        std::fs::write(&beside, text).map_err(fault(beside.clone()))?;
        let path = dir.join(&name);
        std::fs::rename(&beside, &path).map_err(fault(path))?;
        names.push(name);
    }
    Ok(names)
}
