//! Rows in a file of fact records: those of the execution are put there, everybody else's stay byte for byte.

use std::collections::BTreeSet;
use std::path::Path;

use tern_wire::facts_csv::{self, Record};

use crate::fault::ServiceFault;
use crate::pki::files;

/// Puts records into their file: a row with the key of one of them is replaced, every other one kept. The file is replaced whole,
/// or, where nothing changes, not at all.
pub(super) fn put_rows<R: Record>(dir: &Path, records: &[R]) -> Result<(), ServiceFault> {
    let path = dir.join(R::FILE.name);
    let fault = |error: csv::Error| ServiceFault::file("read", &path, error);
    let there = std::fs::read_to_string(&path).map_err(|error| ServiceFault::file("read", &path, error))?;
    let names: Vec<&str> = R::FILE.columns.iter().map(|column| column.name).collect();
    let header = names.join(",");
    if there.lines().next().unwrap_or_default().trim_end() != header {
        return Err(ServiceFault::Refused {
            what: format!("{} has its columns in another order", path.display()),
            suggestion: format!("put them in this order: {header}"),
        });
    }
    let ours = facts_csv::write(records);
    let keys: BTreeSet<Vec<String>> = rows::<R>(&ours).map_err(fault)?.into_iter().map(|(key, _)| key).collect();
    let its = rows::<R>(&there).map_err(fault)?;
    let kept = its.iter().filter(|(key, _)| !keys.contains(key)).map(|(_, row)| *row);
    let whole: String = std::iter::once(header.as_str()).chain(kept).map(|row| format!("{row}\n")).collect();
    let whole = whole + ours.split_once('\n').map_or("", |(_, rows)| rows);
    if whole == there {
        return Ok(());
    }
    Ok(files::write(&path, whole.as_bytes(), files::Access::Everybody)?)
}

/// Each row of a file's text behind its header: its key, and the text that it is.
fn rows<R: Record>(text: &str) -> Result<Vec<(Vec<String>, &str)>, csv::Error> {
    let at = |name: &&str| R::FILE.columns.iter().position(|column| column.name == *name);
    let key: Vec<usize> = R::FILE.key.iter().filter_map(at).collect();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    reader.headers()?;
    let (mut all, mut row, mut begin) = (Vec::new(), csv::StringRecord::new(), offset(reader.position()));
    while reader.read_record(&mut row)? {
        let end = offset(reader.position());
        let key = key.iter().map(|at| row.get(*at).unwrap_or_default().to_owned()).collect();
        all.push((key, text[begin..end].trim_matches(['\r', '\n'])));
        begin = end;
    }
    Ok(all)
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tern_model::facts::{Authorisation, SourceRow};

    use super::*;

    const HEADER: &str = "reference,chf_identifier,supplier_id,from,until\n";

    fn given(reference: &str) -> Authorisation {
        Authorisation {
            row: SourceRow::default(),
            reference: reference.to_owned(),
            chf: "00-DB-12-00-00-00-00-01".parse().expect("a hub"),
            supplier: "90-B3-D5-1F-30-00-00-02".parse().expect("a party"),
            from: date(2021, 3, 1),
            until: date(2021, 6, 30),
        }
    }

    #[test]
    fn rows_of_others_stay_as_they_are_and_one_of_the_same_key_is_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("authorisations.csv");
        let others =
            "\"one, of theirs\",00-DB-12-00-00-00-00-01,90-B3-D5-1F-30-00-00-02,2021-01-01,2021-02-01\r\nno row\n";
        let before = "\"two, of ours\",00-DB-12-00-00-00-00-01,90-B3-D5-1F-30-00-00-02,2021-03-01,2021-03-02\n";
        std::fs::write(&path, format!("{HEADER}{others}\n{before}")).expect("written");
        put_rows(dir.path(), &[given("two, of ours")]).expect("put");
        let ours = "\"two, of ours\",00-DB-12-00-00-00-00-01,90-B3-D5-1F-30-00-00-02,2021-03-01,2021-06-30\n";
        let expected = format!("{HEADER}{}{ours}", others.replace('\r', ""));
        assert_eq!(std::fs::read_to_string(&path).expect("read"), expected);
        put_rows(dir.path(), &[given("two, of ours")]).expect("put");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), expected);
        std::fs::write(&path, "chf_identifier,reference\n").expect("written");
        let refused = put_rows(dir.path(), &[given("two, of ours")]).expect_err("refused");
        assert!(refused.to_string().contains("its columns in another order"), "{refused}");
    }
}
