//! The published schemas of DUIS and MMC, and Python's `xmlschema` as a judge by them.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{node_file, python_with, root};

/// The version whose schemas stand in the archive of a tool of the DCC's; the others may be beside this repository.
const PACKED: &str = "5.1";

/// The published schemas, as far as they are there.
#[derive(Debug)]
pub struct Schemas {
    python: PathBuf,
    found: Vec<(String, PathBuf)>,
    _unpacked: TempDir,
}

/// A line of JSON for each document comes in, and one goes out: nothing, or the first thing that is wrong.
const SCRIPT: &str = "
import sys, json, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1])
for line in open(sys.argv[2], encoding='utf-8'):
    text = json.loads(line)
    error = next(schema.iter_errors(text), None)
    print(json.dumps(None if error is None else str(error.reason)[:300] + ' at ' + str(error.path)))
";

impl Schemas {
    /// Those of some versions that are there, with a Python that judges by them; none where there is none, which skips the test.
    ///
    /// # Panics
    /// As [`crate::skip`], but for what stands beside the repository: it may be missing anywhere.
    #[must_use]
    pub fn of(versions: &[&str], test: &str) -> Option<Schemas> {
        let python = python_with("xmlschema", test)?;
        let unpacked = tempfile::tempdir().expect("a folder");
        let mut found = Vec::new();
        for version in versions {
            match file(version, &python, unpacked.path(), test) {
                Some(file) => found.push(((*version).to_owned(), file)),
                None if *version == PACKED => {}
                None => println!("SKIPPED {test}: the published schema {version} missing"),
            }
        }
        (!found.is_empty()).then_some(Schemas { python, found, _unpacked: unpacked })
    }

    /// The Python that has `xmlschema`.
    #[must_use]
    pub fn python(&self) -> &Path {
        &self.python
    }

    /// Where the schema of a version is, beside what it imports; none where it is not there.
    #[must_use]
    pub fn file(&self, version: &str) -> Option<&Path> {
        self.found.iter().find(|(known, _)| known == version).map(|(_, file)| file.as_path())
    }

    /// What `xmlschema` finds wrong with each document, in order.
    ///
    /// # Panics
    /// The schema of the version is not there, or Python fails.
    #[must_use]
    pub fn judged<'t>(&self, version: &str, texts: impl Iterator<Item = &'t str>) -> Vec<Option<String>> {
        let dir = tempfile::tempdir().expect("a folder");
        let lines: Vec<String> = texts.map(|text| serde_json::Value::from(text).to_string()).collect();
        let documents = dir.path().join("documents.jsonl");
        std::fs::write(&documents, lines.join("\n")).expect("is written");
        let schema = self.file(version).expect("the schema of a version that was asked for");
        let out = Command::new(&self.python).args(["-c", SCRIPT]).args([schema, &documents]).output().expect("runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let said = String::from_utf8(out.stdout).expect("text");
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

fn file(version: &str, python: &Path, unpacked: &Path, test: &str) -> Option<PathBuf> {
    if version != PACKED {
        return Some(root().join(format!("../shared/reference/duis/{version}/duis.xsd"))).filter(|file| file.is_file());
    }
    let archive = node_file("@smartdcc/duis-sign-wrap", "dist/tool.jar", test)?;
    let taken = Command::new(python).args(["-m", "zipfile", "-e"]).args([archive.as_path(), unpacked]).output();
    assert!(taken.expect("runs").status.success(), "{}", archive.display());
    Some(unpacked.join(format!("DUIS Schema V{PACKED}.xsd")))
}
