//! `tern request`: a User asks the DCC something, and is told what came of it. What it does is `tern_service`'s.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use tern_model::DeviceId;
use tern_requests::codes::meaning;
use tern_requests::{Srv, find};
use tern_service::ServiceFault;
use tern_service::gateway::{Answered, Ready, User, Wanted};
use tern_wire::duis::{Element, SchemaVersion, body_of};

use crate::context::{Context, file_failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::look::Look;
use crate::output::Report;

/// Sign a Service Request as a User, send it to a running `tern serve`, and show what comes back
///
/// The request is made of its Service Reference Variant, or comes from a file: one that is signed is sent as it is, one that is
/// not is signed under a RequestID of this User and moment.
///
/// A Non-Device request is answered at once. One to a device is acknowledged (I99) and answered later, to the address that
/// `[[gateway.users]]` in tern.toml names for the User: where that is on this machine, the command listens there and waits; in a
/// sandbox it fetches the reply of a User without an address. Every signature of what comes back is verified.
///
/// Where the gateway takes pre-commands, --pre-command sends a critical request as SMETS2 clients do: as Command Variant 4, and the
/// pre-command that comes back, signed, as Command Variant 5. It is signed where it asks for what the request asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern request 8.2 --as supplier-a --set DeviceID=00-DB-12-53-80-00-00-01",
    "tern request 4.1.1 --as supplier-a --to 00-DB-12-53-80-00-00-02",
    "tern request 7.2 --as supplier-a --to 00-DB-12-53-80-00-00-02 --out answers",
    "tern request 7.1 --as supplier-a --to 00-DB-12-53-80-00-00-02 --pre-command",
    "tern request answers/request.xml --as supplier-a"
))]
pub struct Args {
    /// The Service Reference Variant (`tern srv` lists them), or a file with a request, signed or not
    #[arg(value_name = "FILE|SRV")]
    what: String,
    /// The User, as the key infrastructure names it
    #[arg(long = "as", value_name = "PARTY")]
    party: String,
    /// The device, of a request to one
    #[arg(long, value_name = "DEVICE ID")]
    to: Option<DeviceId>,
    /// An element of the body with its text, in the schema's order; may be given again. PARENT/NAME stands inside another element;
    /// =@FILE gives a file's bytes in base64
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Ask for a pre-command first, sign it and send it
    #[arg(long)]
    pre_command: bool,
    /// Seconds to wait for the reply
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// The schema's version: 5.0, 5.1 or 5.4
    #[arg(long, value_name = "VERSION", default_value = "5.1")]
    schema: SchemaVersion,
    /// Lay request, acknowledgement and reply into a folder, as they were signed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Debug, Serialize)]
struct Told {
    request_id: String,
    service: &'static str,
    name: &'static str,
    /// Whether it was returned as a pre-command first, and is signed.
    pre_command: bool,
    acknowledgement: Code,
    reply: Option<Reply>,
    /// Whether a reply is still to come.
    awaits: bool,
}

#[derive(Debug, Serialize)]
struct Code {
    code: String,
    meaning: Option<&'static str>,
    content: Content,
}

#[derive(Debug, Serialize)]
struct Reply {
    code: String,
    /// Whether the S1SP's signature stands inside the DSP's.
    signed_by_s1sp: bool,
    content: Content,
}

/// What a message says: each text under the name of its element.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
struct Content {
    texts: Vec<(String, String)>,
    /// The same for people: what stands there several times is indented under its name.
    #[serde(skip)]
    lines: Vec<String>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(Path::new("."))?;
        let user = User::open(&configured.config, &self.party)?;
        let asked = self.signed(&user)?;
        let lay = |name: &str, text: &str| self.out.as_ref().map_or(Ok(()), |dir| lay(dir, name, text));
        lay("request.xml", &asked.text)?;
        let stop = interrupt::stop_flag()?;
        let send = |ready: &Ready| user.send(ready, Duration::from_secs(self.wait), &stop);
        let mut answered = send(&asked)?;
        let signed = match self.pre_command {
            true => user.sign_returned(&asked, &answered.acknowledgement)?,
            false => None,
        };
        if let Some(signed) = &signed {
            lay("pre-command.xml", &answered.acknowledgement_text)?;
            lay("signed-pre-command.xml", &signed.text)?;
            answered = send(signed)?;
        }
        lay("acknowledgement.xml", &answered.acknowledgement_text)?;
        if let Some((_, text)) = &answered.reply {
            lay("reply.xml", text)?;
        }
        let told = Told { pre_command: signed.is_some(), ..Told::of(asked.srv, &answered) };
        context.output.show(&told)?;
        Ok(told.exit())
    }

    /// The request, signed: made here, or from a file.
    fn signed(&self, user: &User) -> Result<Ready, Failure> {
        if let Some(srv) = find(&self.what) {
            let values = self.set.iter().map(value).collect::<Result<_, _>>()?;
            let (device, version, in_two_steps) = (self.to, self.schema, self.pre_command);
            return Ok(user.sign(&Wanted { srv, device, values, version, in_two_steps })?);
        }
        let path = Path::new(&self.what);
        if !path.is_file() {
            let what = format!("{} is neither a Service Reference Variant nor a file", self.what);
            return Err(Failure::new(what, "`tern srv` lists the variants"));
        }
        if self.to.is_some() || !self.set.is_empty() || self.pre_command {
            let what = format!("{} says itself what is asked of which device, and how", path.display());
            let next = "leave --to, --set and --pre-command out, or name a Service Reference Variant";
            return Err(Failure::new(what, next));
        }
        let written = std::fs::read(path).map_err(|error| file_failure("read", path, &error))?;
        Ok(user.ready(&written, self.schema)?)
    }
}

/// An element's text; of a file that is named, its bytes in base64.
fn value((name, text): &(String, String)) -> Result<(String, String), Failure> {
    let Some(file) = text.strip_prefix('@') else { return Ok((name.clone(), text.clone())) };
    let bytes = std::fs::read(file).map_err(|error| file_failure("read", Path::new(file), &error))?;
    Ok((name.clone(), STANDARD.encode(bytes)))
}

fn lay(dir: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = dir.join(name);
    let laid = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, text));
    laid.map_err(|error| ServiceFault::file("write", &path, &error).into())
}

impl Told {
    fn of(srv: &'static Srv, answered: &Answered) -> Told {
        let code = answered.acknowledgement.header().code.to_string();
        let reply = answered.reply.as_ref().map(|(reply, _)| Reply {
            code: reply.header().code.to_string(),
            signed_by_s1sp: reply.nested().is_some(),
            content: Content::of(reply.body()),
        });
        Told {
            request_id: answered.request.to_string(),
            service: srv.number,
            name: srv.name,
            pre_command: false,
            awaits: code == "I99" && !srv.is_non_device() && reply.is_none(),
            acknowledgement: Code {
                meaning: if code == "I99" && !srv.is_non_device() { Some("accepted") } else { meaning(&code) },
                content: Content::of(answered.acknowledgement.body()),
                code,
            },
            reply,
        }
    }

    fn exit(&self) -> Exit {
        if self.acknowledgement.code.starts_with('E') { Exit::Findings } else { Exit::Clean }
    }
}

impl Content {
    fn of(element: Element<'_>) -> Content {
        let mut content = Content::default();
        content.take(element, 0);
        content
    }

    /// Takes the texts below an element in; what frames a message is left out.
    fn take(&mut self, element: Element<'_>, depth: usize) {
        const FRAME: [&str; 4] = ["ServiceReference", "ServiceReferenceVariant", "Signature", "Header"];
        let success = element.attributes().find(|(name, _)| *name == "MessageSuccess");
        if let Some((name, text)) = success {
            self.says(name, text, depth);
        }
        for child in element.children().filter(|child| !FRAME.contains(&child.name())) {
            if let Some(body) = body_of(child) {
                self.says(child.name(), body.root().source(), depth);
                continue;
            }
            let is_leaf = child.first().is_none();
            if is_leaf && !child.text().is_empty() {
                self.says(child.name(), child.text(), depth);
            }
            let is_one_of_many = !is_leaf && element.all(child.name()).count() > 1;
            if is_one_of_many {
                self.lines.push(format!("{}{}", " ".repeat(4 + 2 * depth), child.name()));
            }
            self.take(child, depth + usize::from(is_one_of_many));
        }
    }

    fn says(&mut self, name: &str, text: &str, depth: usize) {
        self.lines.push(format!("{}{name} {text}", " ".repeat(4 + 2 * depth)));
        self.texts.push((name.to_owned(), text.to_owned()));
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let code = &self.acknowledgement;
        let meaning = code.meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
        let mut lines = vec![format!("{} {}", self.service, self.name), format!("  RequestID {}", self.request_id)];
        if self.pre_command {
            lines.push(format!("  {} the pre-command was returned, and is signed", look.good("I0")));
        }
        lines.push(format!("  {}{meaning}", look.good(&code.code)));
        lines.extend_from_slice(&code.content.lines);
        if let Some(reply) = &self.reply {
            let by = if reply.signed_by_s1sp { "S1SP and DSP" } else { "the DSP" };
            lines.push(format!("  {} signed by {by}", look.good(&reply.code)));
            lines.extend_from_slice(&reply.content.lines);
        }
        if self.exit() == Exit::Findings {
            let explain = format!("`tern explain {}` says more", code.code);
            lines.push(format!("  {}", look.faint(&explain)));
        }
        if self.awaits {
            lines.push(format!("  {}", look.faint("no reply came here yet; it goes to the User's address")));
        }
        lines.join("\n")
    }
}
