//! How each installation of a set stands, as a file: written row by row, and read back by whoever fetched it.
//!
//! The columns are `chf_identifier`, `outcome` (`open` while it is) and `why`, the clauses and codes behind it with blanks
//! between. Nothing here holds a set in memory.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, GasOutcome, Holder, Outcome, OutcomeKind};

use super::asked::Written;
use crate::fault::ServiceFault;
use crate::results::{Listed, reasons};

const OPEN: &str = "open";

/// One row.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    chf_identifier: ChfIdentifier,
    outcome: String,
    why: String,
}

/// One row as JSON has it.
#[derive(Debug, Serialize)]
struct JsonRow {
    chf_identifier: ChfIdentifier,
    outcome: Option<OutcomeKind>,
    why: Vec<String>,
}

/// Writes a listing; the file stands at its beginning again.
///
/// # Errors
/// A store cannot be read, or the file cannot be written.
pub(super) fn write(listed: impl Iterator<Item = Listed>, written: Written, into: &Path) -> Result<File, ServiceFault> {
    let fault = |error: &dyn std::fmt::Display| ServiceFault::file("write", into, error);
    let file = File::options().read(true).write(true).create_new(true).open(into).map_err(|e| fault(&e))?;
    // Nobody needs its name any more: it goes with the last who holds it open.
    let _ = std::fs::remove_file(into);
    let mut out = BufWriter::new(file);
    match written {
        Written::Csv => {
            let mut csv =
                csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).has_headers(false).from_writer(out);
            csv.write_record(["chf_identifier", "outcome", "why"]).map_err(|e| fault(&e))?;
            for row in listed {
                let (chf_identifier, outcome) = row?;
                let why = outcome.as_ref().map(reasons).unwrap_or_default().join(" ");
                let outcome = name(outcome.as_ref().map(Outcome::kind));
                csv.serialize(Row { chf_identifier, outcome, why }).map_err(|e| fault(&e))?;
            }
            out = csv.into_inner().map_err(|e| fault(&e))?;
        }
        Written::Json => {
            let mut before = "[\n ";
            for row in listed {
                let (chf_identifier, outcome) = row?;
                let why = outcome.as_ref().map(reasons).unwrap_or_default();
                let row = JsonRow { chf_identifier, outcome: outcome.as_ref().map(Outcome::kind), why };
                out.write_all(before.as_bytes()).map_err(|e| fault(&e))?;
                serde_json::to_writer(&mut out, &row).map_err(|e| fault(&e))?;
                before = ",\n ";
            }
            let end = if before.starts_with('[') { "[]\n" } else { "\n]\n" };
            out.write_all(end.as_bytes()).map_err(|e| fault(&e))?;
        }
    }
    let rewound = |mut file: File| file.rewind().map(|()| file);
    out.into_inner().map_err(io::IntoInnerError::into_error).and_then(rewound).map_err(|e| fault(&e))
}

/// Reads a listing in CSV, as far as it says how installations are to be counted.
///
/// # Errors
/// It cannot be read, or is no such listing.
pub(super) fn read(path: &Path) -> Result<impl Iterator<Item = Listed>, ServiceFault> {
    let fault = |error: &csv::Error| ServiceFault::file("read", path, error);
    let rows = csv::Reader::from_path(path).map_err(|error| fault(&error))?.into_deserialize::<Row>();
    Ok(rows.map(|row| {
        let Row { chf_identifier, outcome, why } = row.map_err(ServiceFault::body)?;
        let unknown = || ServiceFault::Body(format!("the outcome {outcome:?}"));
        let kind = OutcomeKind::ALL.into_iter().map(Some).chain([None]).find(|kind| name(*kind) == outcome);
        Ok((chf_identifier, kind.ok_or_else(unknown)?.map(|kind| outcome_of(kind, &why))))
    }))
}

fn name(kind: Option<OutcomeKind>) -> String {
    kind.map_or_else(|| OPEN.to_owned(), |kind| kind.to_string().replace(' ', "-"))
}

/// An outcome that is counted as the one that was told.
fn outcome_of(kind: OutcomeKind, why: &str) -> Outcome {
    let code = why.to_owned();
    match kind {
        OutcomeKind::Commissioned if why.is_empty() => Outcome::Commissioned { gas: GasOutcome::None },
        OutcomeKind::Commissioned => Outcome::Commissioned { gas: GasOutcome::LeftBehind },
        OutcomeKind::Refused => Outcome::Refused { clauses: why.split_whitespace().map(str::to_owned).collect() },
        OutcomeKind::RolledBack => Outcome::RolledBack { code },
        OutcomeKind::Stuck => Outcome::Stuck { code },
        OutcomeKind::Closed => Outcome::Closed { held_by: Holder::Smso },
    }
}

#[cfg(test)]
mod tests {
    use tern_model::Eui64;

    use super::*;
    use crate::results::Tallying;

    fn listed() -> Vec<(ChfIdentifier, Option<Outcome>)> {
        let outcomes = [
            None,
            Some(Outcome::Commissioned { gas: GasOutcome::Migrated }),
            Some(Outcome::Commissioned { gas: GasOutcome::LeftBehind }),
            Some(Outcome::Refused { clauses: vec!["5.10.10".to_owned(), "5.1(c)".to_owned()] }),
            Some(Outcome::RolledBack { code: "B2".to_owned() }),
            Some(Outcome::Stuck { code: "B6".to_owned() }),
            Some(Outcome::Closed { held_by: Holder::Dcc }),
        ];
        (1..).map(|n| ChfIdentifier(Eui64(n))).zip(outcomes).collect()
    }

    #[test]
    fn what_was_written_is_counted_alike_when_it_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("listing");
        for rows in [Vec::new(), listed()] {
            let mut file = write(rows.clone().into_iter().map(Ok), Written::Csv, &path).expect("writes");
            assert!(!path.exists());
            io::copy(&mut file, &mut File::create(&path).expect("a file")).expect("copies");
            let count = |listed: &mut dyn Iterator<Item = Listed>| Tallying::of(listed, 9).expect("reads").rows();
            assert_eq!(count(&mut read(&path).expect("reads")), count(&mut rows.into_iter().map(Ok)));
            std::fs::remove_file(&path).expect("removed");
        }
    }

    #[test]
    fn a_listing_in_json_is_one_value_with_every_installation() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |rows: Vec<_>| -> serde_json::Value {
            let file = write(rows.into_iter().map(Ok), Written::Json, &folder.path().join("json")).expect("writes");
            serde_json::from_reader(file).expect("JSON")
        };
        assert_eq!(read(Vec::new()), serde_json::json!([]));
        let rows = read(listed());
        assert_eq!(rows.as_array().map(Vec::len), Some(7));
        let refused = serde_json::json!({
            "chf_identifier": "00-00-00-00-00-00-00-04", "outcome": "refused", "why": ["5.10.10", "5.1(c)"],
        });
        assert_eq!((&rows[0]["outcome"], &rows[3]), (&serde_json::Value::Null, &refused));
    }
}
