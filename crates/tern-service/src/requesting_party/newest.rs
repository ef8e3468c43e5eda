//! Which export an installation is put forward from: the newest of its SMSO that holds it.
//!
//! An export is newer by its ExportDateTime, then by its reference. The older one's blobs are bound to the older reference, and the
//! DSP refuses an installation that is put forward twice. What one export says twice stays twice, and what two SMSOs say of
//! one hub stays both: this must never hide a contradiction from the DSP.

use std::collections::{BTreeMap, HashMap};

use tern_model::{ChfIdentifier, PartyId};

use super::Remark;
use super::exports::Export;

/// The newest export of each installation, by its place among the exports.
pub(super) struct Newest {
    of: HashMap<(PartyId, ChfIdentifier), usize>,
}

impl Newest {
    /// Of all exports; of one that is given twice, the last counts.
    pub(super) fn of(exports: &[Export]) -> Newest {
        let mut oldest_first: Vec<usize> = (0..exports.len()).collect();
        oldest_first.sort_by_key(|at| {
            let header = exports[*at].header();
            (header.export_date_time, header.export_reference.as_str())
        });
        let mut of = HashMap::new();
        for at in oldest_first {
            let smso = exports[at].header().smets1_smso;
            of.extend(exports[at].keys().iter().map(|chf| ((smso, *chf), at)));
        }
        Newest { of }
    }

    /// Whether the export at `at`, of that SMSO, is an installation's newest.
    pub(super) fn is(&self, at: usize, smso: PartyId, chf: ChfIdentifier) -> bool {
        self.holder(smso, chf) == Some(at)
    }

    /// One remark for each export that a newer one replaces in part or wholly.
    pub(super) fn remarks(&self, exports: &[Export]) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (at, export) in exports.iter().enumerate() {
            let header = export.header();
            // By the newer export: the first installation, and how many there are.
            let mut replaced: BTreeMap<usize, (ChfIdentifier, usize)> = BTreeMap::new();
            for chf in export.keys().iter().copied() {
                if let Some(newer) = self.holder(header.smets1_smso, chf).filter(|newer| *newer != at) {
                    replaced.entry(newer).or_insert((chf, 0)).1 += 1;
                }
            }
            let Some((chf, _)) = replaced.values().next().copied() else { continue };
            let count: usize = replaced.values().map(|(_, count)| count).sum();
            let newer: Vec<&str> = replaced.keys().map(|at| exports[*at].header().export_reference.as_str()).collect();
            remarks.push(remark(header.export_reference.as_str(), chf, count, &newer));
        }
        remarks
    }

    fn holder(&self, smso: PartyId, chf: ChfIdentifier) -> Option<usize> {
        self.of.get(&(smso, chf)).copied()
    }
}

/// One sentence, whether one installation is concerned or very many.
fn remark(older: &str, chf: ChfIdentifier, count: usize, newer: &[&str]) -> Remark {
    let newer = match newer {
        [one] => format!("the newer export {one}"),
        many => format!("{} newer exports", many.len()),
    };
    if count == 1 {
        let text = format!("stands in export {older} too; put forward from {newer} alone");
        return Remark { chf: Some(chf), text };
    }
    Remark { chf: None, text: format!("{count} installations of export {older} are put forward from {newer} alone") }
}
