//! Tables as other programs read them: Python's csv module gets every field back.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tern_service::reports::{Cell, Table, tables, unguarded};

use crate::support::{crowded, little, usual};

/// Reads a table from standard input, strictly, and prints it as JSON.
const READER: &str = "
import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
print(json.dumps(list(csv.reader(text, strict=True))))
";

/// A Python of any age. Without one the test is skipped by name, and fails where CI=true.
fn python(test: &str) -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let candidates = [std::env::var_os("TERN_PYTHON").map(PathBuf::from), Some(made), Some("python3".into())];
    let runs = |p: &PathBuf| Command::new(p).args(["-c", "import csv"]).output().is_ok_and(|o| o.status.success());
    let found = candidates.into_iter().flatten().find(runs);
    if found.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{test}: Python missing");
        println!("SKIPPED {test}: Python missing");
    }
    found
}

fn read_back(python: &Path, text: &str) -> Vec<Vec<String>> {
    let mut child = Command::new(python)
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("writes");
    let out = child.wait_with_output().expect("Python ends");
    assert!(out.status.success(), "Python reads it: {text:.300}");
    let rows: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let text = |v: &Value| v.as_str().expect("a text").to_owned();
    let row = |r: &Value| r.as_array().expect("a row").iter().map(text).collect();
    rows.as_array().expect("rows").iter().map(row).collect()
}

#[track_caller]
fn check(python: &Path, table: &Table) {
    let read = read_back(python, &table.to_csv());
    assert_eq!(read[0], table.header, "{}", table.name);
    assert_eq!(read.len(), table.rows.len() + 1, "{}", table.name);
    for (row, read) in table.rows.iter().zip(&read[1..]) {
        let restored: Vec<Cell> = row
            .iter()
            .zip(read)
            .map(|(cell, field)| match cell {
                Cell::Text(_) => Cell::Text(unguarded(field).to_owned()),
                Cell::Count(_) => Cell::Count(field.parse().expect("a number")),
            })
            .collect();
        assert_eq!(&restored, row, "{}", table.name);
        assert!(!read.iter().any(|f| f.starts_with(['=', '+', '-', '@'])), "no spreadsheet computes {read:?}");
    }
}

#[test]
fn python_reads_every_table_back_without_loss() {
    let Some(python) = python("python_reads_every_table_back_without_loss") else { return };
    let mut formulas = 0;
    for reports in [little(), usual(), crowded()] {
        for table in tables(&reports.ledger, &reports.names) {
            check(&python, &table);
            formulas +=
                table.rows.iter().flatten().filter(|c| matches!(c, Cell::Text(t) if t.starts_with('='))).count();
        }
    }
    assert!(formulas > 0, "a supplier's name is a formula");
}

#[test]
fn python_reads_words_back_that_csv_could_trip_over() {
    let Some(python) = python("python_reads_words_back_that_csv_could_trip_over") else { return };
    let words = [
        "",
        " ",
        ",",
        "\"",
        "\"\"",
        "a\"b,c",
        "a\nb",
        "a\r\nb",
        "\r",
        "\t",
        " both ",
        "=1+1",
        "+44 20",
        "-1",
        "@x",
        "'",
        "''",
        "'=1",
        "＝1",
        "null",
        "NaN",
        "007",
        "1e9",
        "Ångström",
        "日本",
        "🏠",
        "\u{feff}bom",
        "\u{2028}",
        "\\",
        "\\n",
        "#",
        ";",
    ];
    let rows = words.iter().map(|w| vec![Cell::from(*w), Cell::from(*w), Cell::from(u64::MAX)]).collect();
    check(&python, &Table { name: "words", header: vec!["one", "two", "three"], rows });
}
