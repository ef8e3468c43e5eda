//! Python's `xmlschema` as a judge of requests, by the published schemas: a process for each share of the documents, at work while
//! the gateway is asked.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tern_wire::duis::SchemaVersion;

use crate::tools::python_with;

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

/// The published schemas, where they are: those of 5.0 and 5.4 beside this repository, that of 5.1 in the archive of a tool of the
/// DCC's.
pub struct Judge {
    python: PathBuf,
    /// Where each is: beside what it imports.
    schemas: Vec<(SchemaVersion, PathBuf)>,
    _archive: TempDir,
}

/// What is being judged.
pub struct Judging {
    _folder: TempDir,
    shares: Vec<Child>,
}

impl Judge {
    /// None where there is no Python with `xmlschema`, or no schema at all.
    pub fn new(test: &str) -> Option<Judge> {
        let python = python_with("xmlschema", test)?;
        let unpacked = tempfile::tempdir().expect("a folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut schemas = Vec::new();
        for version in SchemaVersion::ALL {
            let found = if version == SchemaVersion::V5_1 {
                let modules = std::env::var_os("TERN_NODE_MODULES");
                let modules = modules.map_or_else(|| root.join("target/node/node_modules"), PathBuf::from);
                let archive = modules.join("@smartdcc/duis-sign-wrap/dist/tool.jar");
                let taken =
                    Command::new(&python).args(["-m", "zipfile", "-e"]).arg(archive).arg(unpacked.path()).output();
                taken.is_ok_and(|taken| taken.status.success()).then(|| unpacked.path().join("DUIS Schema V5.1.xsd"))
            } else {
                Some(root.join(format!("../shared/reference/duis/{version}/duis.xsd")))
            };
            if let Some(file) = found.filter(|file| file.is_file()) {
                schemas.push((version, file));
            } else {
                // The tool is installed for the tests; what stands beside the repository may not be there.
                let must_be = version == SchemaVersion::V5_1 && std::env::var("CI").as_deref() == Ok("true");
                assert!(!must_be, "{test}: the schema {version} is missing");
                println!("SKIPPED {test}: the published schema {version} missing");
            }
        }
        (!schemas.is_empty()).then_some(Judge { python, schemas, _archive: unpacked })
    }

    /// The versions whose schema is there.
    pub fn versions(&self) -> Vec<SchemaVersion> {
        self.schemas.iter().map(|(version, _)| *version).collect()
    }

    fn schema(&self, version: SchemaVersion) -> &Path {
        let of = self.schemas.iter().find(|(known, _)| *known == version);
        of.map(|(_, file)| file).expect("a version whose schema is there")
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
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{test}: xmllint missing");
                println!("SKIPPED {test}: xmllint missing");
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
            let mut command = Command::new(&self.python);
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
