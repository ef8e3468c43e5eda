//! What a sandbox tells whoever started it: where it is, who they are, which devices are theirs, and lines that work as they
//! stand.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tern_model::{DeviceKind, Role};
use tern_requests::find;
use tern_service::config::Config;
use tern_service::gateway::{User, Wanted};
use tern_service::pki;
use tern_service::sandbox::Player;
use tern_service::serve::Doors;
use tern_wire::duis::SchemaVersion;
use tern_wire::smki::Certificate;
use tern_world::files::{self, Readers};

use crate::context::{absolute, make_dir};
use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;

/// Where the requests lie that are signed already, with a file for curl for each User.
const REQUESTS: &str = "requests";

/// The screen.
#[derive(Debug, Serialize)]
pub(super) struct Screen {
    dir: PathBuf,
    address: SocketAddr,
    /// Where they may come by plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_http: Option<SocketAddr>,
    user: String,
    devices: usize,
    /// The folder of this program, where a shell does not find it by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<PathBuf>,
    /// One installation of each cohort.
    installations: Vec<Home>,
    /// Lines that work as they stand, in the order in which they are tried, in the folder of the requests.
    lines: Vec<String>,
}

/// An installation of the User.
#[derive(Debug, Serialize)]
struct Home {
    cohort: String,
    group: String,
    hub: String,
    esme: String,
    gsme: Option<String>,
}

/// A device, as the sandbox tells it.
#[derive(Debug, Deserialize)]
struct Device {
    cohort: String,
    group: String,
    installation: String,
    device: String,
    kind: DeviceKind,
}

impl Screen {
    /// Finds the User who has something in most cohorts, and writes what the lines need.
    pub(super) fn of(dir: &Path, config: &Config, doors: Doors) -> Result<Screen, Failure> {
        let Doors { users: address, plain_http, .. } = doors;
        let folder = dir.join(REQUESTS);
        make_dir(&folder)?;
        let trust = pki::load_trust(&config.path(&config.pki.dir))?;
        let mut best: Option<(Vec<Home>, String, usize)> = None;
        let is_user = |c: &&Arc<Certificate>| matches!(c.role(), Role::Supplier | Role::NetworkOperator);
        let mut users: Vec<_> = trust.certificates().filter(is_user).collect();
        // The same User at every start.
        users.sort_by_key(|user| user.common_name());
        for user in users {
            let name = user.common_name();
            let curl = folder.join(format!("{name}.curl"));
            if !curl.exists() {
                files::write(&curl, for_curl(name, address).as_bytes(), Readers::Anyone)?;
            }
            if user.role() != Role::Supplier || best.as_ref().is_some_and(|(_, known, _)| known == name) {
                continue;
            }
            let devices = serde_json::from_value(Player::open(config, name)?.devices()?);
            let devices: Vec<Device> = devices.map_err(|e| Failure::new(e.to_string(), "report it"))?;
            let homes = homes(&devices);
            if best.as_ref().is_none_or(|(known, ..)| known.len() < homes.len()) {
                best = Some((homes, name.to_owned(), devices.len()));
            }
        }
        let (installations, user, devices) = best.filter(|(homes, ..)| !homes.is_empty()).ok_or_else(|| {
            Failure::new("no supplier has a device here", "make another sandbox, with more --installations")
        })?;
        let lines = written(&folder, config, &user, &installations[0])?;
        let (dir, program) = (absolute(dir), unknown_to_shells());
        Ok(Screen { dir, address, plain_http, user, devices, program, installations, lines })
    }
}

/// The folder of this program, unless a shell finds it by its name.
fn unknown_to_shells() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let same = |dir: PathBuf| {
        program.file_name().is_some_and(|name| dir.join(name).canonicalize().ok().as_ref() == Some(&program))
    };
    let is_found = std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(same));
    if is_found { None } else { program.parent().map(Path::to_owned) }
}

/// The first whole installation of each cohort: with a gas meter, where there is one.
fn homes(devices: &[Device]) -> Vec<Home> {
    let mut homes: Vec<Home> = Vec::new();
    for esme in devices.iter().filter(|device| device.kind == DeviceKind::Esme) {
        let beside = |kind| devices.iter().find(|other| other.installation == esme.installation && other.kind == kind);
        let gsme = beside(DeviceKind::Gsme).map(|gsme| gsme.device.clone());
        let known = homes.iter_mut().find(|home| home.cohort == esme.cohort);
        if known.as_ref().is_some_and(|home| home.gsme.is_some() || gsme.is_none()) {
            continue;
        }
        let home = Home {
            cohort: esme.cohort.clone(),
            group: esme.group.clone(),
            hub: esme.installation.clone(),
            esme: esme.device.clone(),
            gsme,
        };
        match known {
            Some(known) => *known = home,
            None => homes.push(home),
        }
    }
    homes
}

/// What curl is told of a User: who it is, whom it believes, and where the DSP is. Paths are seen from the folder of the requests.
fn for_curl(user: &str, address: SocketAddr) -> String {
    format!(
        "# curl --config {user}.curl, in this folder: who you are, whom you believe, and where the service is.
cacert = \"../pki/trust/root.pem\"
cert = \"../pki/parties/{user}/tls.pem\"
key = \"../pki/parties/{user}/tls.key\"
connect-to = \"dsp:443:{address}\"
header = \"Content-Type: application/xml\"
silent
write-out = \"\\n\"
show-error
"
    )
}

/// Signs the requests that the lines send, and gives the lines.
fn written(folder: &Path, config: &Config, user: &str, home: &Home) -> Result<Vec<String>, Failure> {
    let signer = User::open(config, user)?;
    let mut counter = 0;
    for (number, device, values) in
        [("8.2", None, vec![("DeviceID".to_owned(), home.hub.clone())]), ("4.1.1", home.esme.parse().ok(), Vec::new())]
    {
        let srv = find(number).ok_or_else(|| Failure::new(format!("no {number}"), "report it"))?;
        let wanted = Wanted { srv, device, values, version: SchemaVersion::V5_1, in_two_steps: false };
        let signed = signer.sign(&wanted)?;
        files::write(&folder.join(format!("{number}.xml")), signed.text.as_bytes(), Readers::Anyone)?;
        counter = signed.request.counter;
    }
    let curl = format!("curl -K {user}.curl");
    Ok(vec![
        format!("{curl} -d @8.2.xml https://dsp/api/v1/serviceD"),
        format!("{curl} -d @4.1.1.xml https://dsp/api/v1/serviceS"),
        format!("{curl} https://dsp/sandbox/v1/replies/{counter}"),
        format!("tern request 4.1.1 --as {user} --to {}", home.esme),
    ])
}

impl Report for Screen {
    fn text(&self, look: &Look) -> String {
        let Screen { dir, address, plain_http, user, devices, program, installations, lines } = self;
        let mut text = String::new();
        let row = |home: &Home| {
            let gas = home.gsme.as_ref().map_or("", |_| "gas too");
            vec![cell(&home.cohort), cell(&home.group), cell(&home.hub), cell(&home.esme), cell(gas)]
        };
        let table = look.table(&["cohort", "group", "hub", "electricity meter", ""], 2, installations.iter().map(row));
        let of = counted(*devices, "device");
        let in_the_clear =
            plain_http.map_or(String::new(), |at| format!("\n            and at http://{at}, for requests alone"));
        let _ = write!(
            text,
            "
  {} for Users at https://{address}; Ctrl-C ends it{in_the_clear}
  you are {}: pki/parties/{user}/tls.pem, tls.key, signing.key

{table}
  all your {of}: {}

  in another terminal, line by line:
",
            look.good("listening"),
            look.strong(user),
            look.strong(&format!("tern sandbox devices --as {user}")),
        );
        let _ = writeln!(text, "    cd {}", dir.join(REQUESTS).display());
        if let Some(program) = program {
            let _ = writeln!(text, "    PATH={}:$PATH", program.display());
        }
        for line in lines {
            let _ = writeln!(text, "    {line}");
        }
        let _ = write!(
            text,
            "
  faults, reset, clock: {}
  all of it: docs/guide/service-requests.md",
            look.strong("tern sandbox --help")
        );
        text
    }
}
