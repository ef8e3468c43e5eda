//! What of a file was in no file before it: a later generation of a plan may have more to announce on a day of which
//! files went out already, and a file is never altered.

use std::collections::HashSet;

use jiff::Span;
use tern_plan::notices::{SupplierFile, SupplierFileName};

/// The file, or one of a later second with the rows that no file of the same kind, SMSO, supplier and day has; none
/// where there are no such rows. `known` gives what stands in a file that was taken in before.
pub(super) fn what_is_new<E>(
    file: SupplierFile,
    mut known: impl FnMut(&SupplierFileName) -> Result<Option<String>, E>,
) -> Result<Option<SupplierFile>, E> {
    let mut name = file.name.clone();
    let mut before: HashSet<String> = HashSet::new();
    while let Some(text) = known(&name)? {
        before.extend(text.lines().skip(1).map(str::to_owned));
        let Ok(next) = name.made.checked_add(Span::new().seconds(1)) else { return Ok(None) };
        name.made = next;
    }
    if before.is_empty() {
        return Ok(Some(file));
    }
    let mut lines = file.text.lines();
    let head = lines.next().unwrap_or_default();
    let new: Vec<&str> = lines.filter(|line| !before.contains(*line)).collect();
    if new.is_empty() {
        return Ok(None);
    }
    let mut text = format!("{head}\n");
    new.iter().for_each(|line| text.extend([line, "\n"]));
    Ok(Some(SupplierFile { name, rows: new.len(), text }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    fn file(rows: &[&str]) -> SupplierFile {
        let name = "DMMSN_North_90-B3-D5-1F-30-00-00-04_20210301_000000.csv".parse().expect("a name");
        let text = ["head"].iter().chain(rows).map(|row| format!("{row}\n")).collect();
        SupplierFile { name, rows: rows.len(), text }
    }

    #[test]
    fn a_row_that_a_file_of_the_day_has_goes_in_no_other() {
        let mut known = BTreeMap::new();
        let mut take = |rows: &[&str]| {
            let taken = what_is_new(file(rows), |name| Ok::<_, Infallible>(known.get(&name.to_string()).cloned()));
            let taken = taken.expect("reads");
            if let Some(taken) = &taken {
                known.insert(taken.name.to_string(), taken.text.clone());
            }
            taken.map(|one| (one.name.made.second(), one.rows, one.text))
        };
        assert_eq!(take(&["a", "b"]), Some((0, 2, "head\na\nb\n".to_owned())));
        assert_eq!(take(&["a", "b"]), None);
        assert_eq!(take(&["b", "c"]), Some((1, 1, "head\nc\n".to_owned())));
        assert_eq!(take(&["a", "c"]), None);
        assert_eq!(take(&["d", "a"]), Some((2, 1, "head\nd\n".to_owned())));
    }
}
