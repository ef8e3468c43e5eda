//! Python's `xmlschema` as a judge of requests, by the published schemas: a process for each share of the documents, at work while
//! the gateway is asked.
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tern_outside::duis::Schemas;
use tern_outside::skip;
use tern_wire::duis::SchemaVersion;

/// The file with a line of JSON for each document: where its schema is, and its text. A line of letters comes out: V valid, I invalid,
/// U unreadable, O no verdict.
const SCRIPT: &str = "
import io, json, sys, xmlschema
schemas = {}
def verdict(schema, text):
    if schema not in schemas:
        schemas[schema] = xmlschema.XMLSchema(schema)
    try:
        return 'V' if schemas[schema].is_valid(io.BytesIO(text.encode('utf-8'))) else 'I'
    except OverflowError:
        return 'O'
    except Exception:
        return 'U'
print(''.join(verdict(*json.loads(line)) for line in open(sys.argv[1], encoding='utf-8')))
";
/// Processes at work at once.
const SHARES: usize = 2;

/// Python's `xmlschema` with the published schemas, where they are.
pub struct Judge(Schemas);

/// What is being judged.
pub struct Judging {
    _folder: TempDir,
    shares: Vec<Child>,
}

impl Judge {
    /// None where there is no Python with `xmlschema`, or no schema at all.
    pub fn new(test: &str) -> Option<Judge> {
        Schemas::of(&SchemaVersion::ALL.map(SchemaVersion::as_str), test).map(Judge)
    }

    /// The versions whose schema is there.
    pub fn versions(&self) -> Vec<SchemaVersion> {
        SchemaVersion::ALL.into_iter().filter(|version| self.0.file(version.as_str()).is_some()).collect()
    }

    fn schema(&self, version: SchemaVersion) -> &Path {
        self.0.file(version.as_str()).expect("a version whose schema is there")
    }

    /// What libxml2 says of a document; none where it is not there.
    pub fn libxml2(&self, test: &str, version: SchemaVersion, text: &str) -> Option<bool> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("document.xml");
        std::fs::write(&file, text).expect("written");
        let schema = self.schema(version);
        let mut command = Command::new("xmllint");
        match command.args(["--noout", "--schema"]).arg(schema).arg(&file).output() {
            Ok(output) => Some(output.status.success()),
            Err(_) => {
                skip(test, "xmllint");
                None
            }
        }
    }

    /// Has documents judged, each by its version.
    pub fn judge<'a>(&self, documents: impl Iterator<Item = (SchemaVersion, &'a str)>) -> Judging {
        let folder = tempfile::tempdir().expect("a folder");
        let lines: Vec<String> = documents
            .map(|(version, text)| serde_json::to_string(&(self.schema(version), text)).expect("JSON"))
            .collect();
        let shares = lines.chunks(lines.len().div_ceil(SHARES).max(1)).enumerate();
        let shares = shares.map(|(number, lines)| {
            let file = folder.path().join(format!("{number}.jsonl"));
            let written = std::fs::File::create(&file).and_then(|mut file| file.write_all(lines.join("\n").as_bytes()));
            written.expect("written");
            let mut command = Command::new(self.0.python());
            command.args(["-c", SCRIPT]).arg(&file).stdout(Stdio::piped());
            command.spawn().expect("starts")
        });
        let shares = shares.collect();
        Judging { _folder: folder, shares }
    }
}

impl Judging {
    /// A letter for each document, in order.
    pub fn verdicts(self) -> String {
        let said = |child: Child| {
            let output = child.wait_with_output().expect("its end");
            assert!(output.status.success(), "Python failed");
            String::from_utf8(output.stdout).expect("letters").trim().to_owned()
        };
        self.shares.into_iter().map(said).collect()
    }
}
