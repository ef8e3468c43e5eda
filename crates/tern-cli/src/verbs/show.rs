//! `tern show`: one message of DUIS or MMC, whoever sent it: what it says, and of each signature whose it is and whether it holds.

mod sentences;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tern_model::Role;
use tern_service::pki;
use tern_wire::Sender;
use tern_wire::WireFault;
use tern_wire::duis::{Element, Incoming, Received, Root, SchemaVersion, SignatureFault, Tree};
use tern_wire::smki::Trust;
use tern_wire::xml::Limits;

use super::pki::PkiDir;
use crate::context::{Context, file_failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// Show a DUIS message: request, response, alert, or what an S1SP signed
///
/// In plain sentences, with --json element by element, with --raw as it is. Of each signature it says whose it is and whether it
/// holds today, by the key infrastructure of the folder. A message is judged by the schema that it names; where that is not held, by
/// 5.1.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern show reply.xml --pki tern-demo/pki",
    "tern show request.xml --json",
    "tern show reply.xml --raw > copy.xml"
))]
pub struct Args {
    /// The message
    file: PathBuf,
    /// The bytes, untouched
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    pki: PkiDir,
}

/// A message as it is told.
#[derive(Debug, Serialize)]
struct Shown {
    message: &'static str,
    schema: String,
    signatures: Vec<Signature>,
    /// What the schema does not allow.
    faults: Vec<Fault>,
    content: Option<Value>,
    #[serde(skip)]
    lines: Vec<String>,
}

/// A signature, the outermost first.
#[derive(Debug, Serialize)]
struct Signature {
    of: &'static str,
    holds: bool,
    by: Option<Signer>,
    /// Why it does not hold.
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct Signer {
    name: String,
    role: Role,
    party: String,
}

#[derive(Debug, Serialize)]
struct Fault {
    place: String,
    message: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let bytes = std::fs::read(&self.file).map_err(|error| file_failure("read", &self.file, &error))?;
        if self.raw {
            context.output.raw(&bytes)?;
            return Ok(Exit::Clean);
        }
        let configured = context.config_or_default(self.file.parent().unwrap_or(Path::new(".")))?;
        let trust = pki::load_trust(&configured.pki_dir(self.pki.dir))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let received = Received::new(&name, &bytes, &Limits::MESSAGE).map_err(|fault| no_message(&fault))?;
        let incoming = received.parse().map_err(|fault| no_message(&fault))?;
        let shown = Shown::of(&incoming, &trust, configured.clock().now())?;
        let wrong = shown.faults.len() + shown.signatures.iter().filter(|signature| !signature.holds).count();
        context.output.show(&shown)?;
        Ok(Exit::of_findings(wrong))
    }
}

fn no_message(fault: &WireFault) -> Failure {
    Failure::new(format!("{}: {}", fault.place, fault.message), fault.suggestion.clone())
}

impl Shown {
    fn of(incoming: &Incoming<'_>, trust: &Trust, at: Timestamp) -> Result<Shown, Failure> {
        let root = incoming.root().ok_or_else(|| {
            Failure::new(
                "the file is no message of DUIS",
                "it shows Request, Response, SMETS1SignedResponse and S1SPAlert",
            )
        })?;
        let version = incoming.version().unwrap_or(SchemaVersion::V5_1);
        let mut signatures = vec![signature(incoming, root, version, trust, at)];
        if let Ok(Some(nested)) = incoming.nested()
            && let Ok(nested) = nested.parse()
            && let Some(root) = nested.root()
        {
            signatures.push(signature(&nested, root, version, trust, at));
        }
        let (tree, faults) = match incoming.judge(version) {
            Ok(tree) => (Some(tree), Vec::new()),
            Err(faults) => (None, faults),
        };
        let fault = |fault: &WireFault| Fault { place: fault.place.to_string(), message: fault.message.clone() };
        Ok(Shown {
            message: root.name(),
            schema: version.to_string(),
            signatures,
            faults: faults.iter().map(fault).collect(),
            lines: tree.as_ref().map(|tree: &Tree| sentences::of(root, tree.root())).unwrap_or_default(),
            content: tree.as_ref().map(|tree| value(tree.root())),
        })
    }
}

/// Whose the signature of a document is. Who may sign it follows from its root: a request its originator, a response the DSP, the
/// others an S1SP.
fn signature(incoming: &Incoming<'_>, root: Root, version: SchemaVersion, trust: &Trust, at: Timestamp) -> Signature {
    let verified = incoming.verify(trust, at).and_then(|document| {
        match root {
            Root::Request => incoming.request(version).map_or(Ok(()), |request| request.verify(trust, at).map(drop))?,
            Root::Response => of_role(Role::Dsp, document.sender())?,
            Root::Smets1SignedResponse | Root::S1spAlert => of_role(Role::S1sp, document.sender())?,
        }
        Ok(document.sender().clone())
    });
    match verified {
        Ok(sender) => {
            let party = sender.party.to_string();
            let by = Some(Signer { name: sender.name, role: sender.role, party });
            Signature { of: root.name(), holds: true, by, problem: None }
        }
        Err(fault) => {
            let fault = fault.fault();
            let problem = Some(format!("{} (found: {})", fault.message, fault.found));
            Signature { of: root.name(), holds: false, by: None, problem }
        }
    }
}

fn of_role(role: Role, sender: &Sender) -> Result<(), SignatureFault> {
    if sender.role == role {
        return Ok(());
    }
    Err(SignatureFault::Sender(WireFault {
        kind: tern_wire::FaultKind::Sender,
        place: tern_model::Place::default(),
        message: format!("it must be signed by the role {role}"),
        found: format!("{}, {}", sender.name, sender.role),
        expected: role.to_string(),
        suggestion: "ask the sender for a message signed by the right role".to_owned(),
    }))
}

/// An element with what stands in it.
fn value(element: Element<'_>) -> Value {
    let mut object = Map::new();
    object.insert("element".to_owned(), json!(element.name()));
    let attributes: Map<String, Value> =
        element.attributes().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if !attributes.is_empty() {
        object.insert("attributes".to_owned(), Value::Object(attributes));
    }
    let children: Vec<Value> = element.children().map(value).collect();
    if children.is_empty() {
        object.insert("text".to_owned(), json!(element.text()));
    } else {
        object.insert("children".to_owned(), Value::Array(children));
    }
    Value::Object(object)
}

impl Report for Shown {
    fn text(&self, look: &Look) -> String {
        let mut lines = vec![format!("  {} · schema {}", look.strong(self.message), self.schema), String::new()];
        lines.extend(self.lines.iter().map(|line| look.paragraph(line, 2)));
        for fault in &self.faults {
            lines.push(format!(
                "  {} {}",
                look.bad("✗"),
                look.hanging(&format!("{}: {}", fault.place, fault.message), 4)
            ));
        }
        lines.push(String::new());
        for signature in &self.signatures {
            let (mark, words) = match (&signature.by, &signature.problem) {
                (Some(by), _) => (look.good("✓"), format!("signed by {} ({}, {})", by.name, by.role, by.party)),
                (None, problem) => {
                    (look.bad("✗"), format!("the signature does not hold: {}", problem.as_deref().unwrap_or_default()))
                }
            };
            lines.push(format!("  {mark} {}", look.hanging(&format!("{}: {words}", signature.of), 4)));
        }
        lines.join("\n")
    }
}
