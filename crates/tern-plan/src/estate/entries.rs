//! Entries planned for the EPCL, and upgrade paths: a few rows each, held against one another.

use std::collections::{HashMap, HashSet};

use tern_model::estate::{EntryRecord, HopRecord};
use tern_wire::facts_csv::RowFault;

use super::catalogue::Catalogue;
use super::finding::{Finding, FindingKind, Findings};
use super::ids::{EntryIx, NameIx};
use super::parts::{Combination, Entry, Hop};

/// The file of entries.
const ENTRIES: &str = "entries.csv";
/// The file of upgrade paths.
const PATHS: &str = "upgrade_paths.csv";

/// The entries, each name once. One that is equivalent to an entry that nobody describes is left out.
pub(super) fn settle(catalogue: &mut Catalogue, records: &[EntryRecord], findings: &mut Findings) -> Vec<Entry> {
    let mut first: HashMap<&str, &EntryRecord> = HashMap::new();
    let mut kept: Vec<&EntryRecord> = Vec::new();
    for record in records {
        match first.get(record.entry.as_str()) {
            Some(earlier) => {
                let same = EntryRecord { row: record.row, ..(*earlier).clone() } == *record;
                findings.add(ENTRIES, twice(ENTRIES, record.row.0, "entry", earlier.row.0, same));
            }
            None => {
                first.insert(&record.entry, record);
                kept.push(record);
            }
        }
    }
    kept.retain(|record| {
        let Some(other) = &record.equivalent_to else { return true };
        let tested = first.get(other.as_str()).is_some_and(|entry| entry.equivalent_to.is_none());
        if !tested {
            let reason = format!("`{other}` is no entry that is tested itself");
            let suggestion = "name the entry that Migration Testing or DMCT tests; this row is not used";
            findings.add(
                ENTRIES,
                finding(FindingKind::Unknown, ENTRIES, record.row.0, "equivalent_to", reason, suggestion),
            );
        }
        tested
    });
    let places: HashMap<&str, EntryIx> =
        kept.iter().enumerate().map(|(at, record)| (record.entry.as_str(), EntryIx::of(at))).collect();
    kept.iter().map(|record| entry(catalogue, record, &places)).collect()
}

fn entry(catalogue: &mut Catalogue, record: &EntryRecord, places: &HashMap<&str, EntryIx>) -> Entry {
    let combination = &record.combination;
    let combination = Combination {
        chf: catalogue.device_model(&combination.chf),
        esme: catalogue.device_model(&combination.esme),
        gsme: combination.gsme.as_ref().map(|gsme| catalogue.device_model(gsme)),
        provider: catalogue.name(&combination.communications_provider),
    };
    Entry {
        name: catalogue.name(&record.entry),
        combination,
        comprises: record.comprises,
        route: record.route,
        equivalent_to: record.equivalent_to.as_ref().and_then(|other| places.get(other.as_str()).copied()),
    }
}

/// The hops, each once.
pub(super) fn hops(catalogue: &mut Catalogue, records: &[HopRecord], findings: &mut Findings) -> Vec<Hop> {
    let mut known = HashSet::new();
    let mut hops = Vec::new();
    for record in records {
        let from = catalogue.device_model(&record.from);
        let to = catalogue.model(&record.from.manufacturer, &record.from.model, &record.to_firmware);
        let hop = Hop { from, to, installing_supplier: catalogue.supplier(record.installing_supplier) };
        if from == to {
            let suggestion = "name another version, or remove the row";
            let reason = "the hop ends where it begins";
            let finding = finding(FindingKind::Contradiction, PATHS, record.row.0, "to_firmware", reason, suggestion);
            findings.add(PATHS, finding);
        } else if known.insert(hop) {
            hops.push(hop);
        } else {
            let (reason, suggestion) = ("the row repeats an earlier one", "remove one of them");
            findings.add(PATHS, finding(FindingKind::Repeated, PATHS, record.row.0, "", reason, suggestion));
        }
    }
    hops
}

/// A row whose key came before.
pub(super) fn twice(file: &'static str, row: u64, key: &str, earlier: u64, same: bool) -> Finding {
    if same {
        let reason = format!("the row repeats row {earlier}");
        return finding(FindingKind::Repeated, file, row, key, reason, "remove one of them");
    }
    let reason = format!("the row contradicts row {earlier}, which has the same {key}");
    finding(FindingKind::Contradiction, file, row, key, reason, "keep the row that is right")
}

/// A finding that sets nothing aside.
pub(super) fn finding(
    kind: FindingKind,
    file: &str,
    row: u64,
    field: &str,
    reason: impl Into<String>,
    suggestion: impl Into<String>,
) -> Finding {
    let fault = RowFault {
        file: file.to_owned(),
        row,
        field: field.to_owned(),
        reason: reason.into(),
        suggestion: suggestion.into(),
    };
    Finding { kind, set_aside: None, fault }
}

/// The entry of a name.
pub(super) fn find(entries: &[Entry], name: NameIx) -> Option<EntryIx> {
    entries.iter().position(|entry| entry.name == name).map(EntryIx::of)
}
