//! The line to the devices: to those that answer already, else to a `tern world` that is started for this command alone.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tern_service::ServiceFault;
use tern_service::config::Config;
use tern_service::lanes::{Connect, DeviceLines, LineLimits, Listens, S1spIdentity, Wan, over_tcp};
use tern_world::devices::{WAN_FILE, World};

use crate::failure::Failure;

/// How long a world that another command leaves behind may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A line to the devices, with the process that answers where it was started for it.
pub struct Devices {
    /// The lines.
    pub lines: DeviceLines,
    _world: Option<StartedWorld>,
}

/// `tern world` as a child; it ends when its standard input closes, however this process ends.
struct StartedWorld(Child);

impl Drop for StartedWorld {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Its exit code says nothing that matters here: whatever it did is in its log.
        let _ = self.0.wait();
    }
}

#[derive(Deserialize)]
struct Listening {
    address: SocketAddr,
}

/// Why the child failed, as it says with `--json`.
#[derive(Deserialize)]
struct Said {
    error: Failure,
}

/// Connects to the devices that the configuration names.
///
/// # Errors
/// Nobody answers, and no world can be started; or the address book cannot be read.
pub fn connect(config: &Config, identity: &S1spIdentity) -> Result<Devices, Failure> {
    let (address, world) = reach(config)?;
    Ok(Devices { lines: lines(config, address, identity)?, _world: world })
}

/// The way to the devices, with the process that answers where it was started for it.
pub struct Dialled {
    /// Connects to an installation.
    pub connect: Connect,
    _world: Option<StartedWorld>,
}

/// So long may one connection carry a firmware image; what is left then goes over the next.
const IMAGE_ROW: Duration = Duration::from_secs(600);

/// The way to the devices that the configuration names, for conversations as long as a firmware image.
///
/// # Errors
/// As [`connect`].
pub fn dial(config: &Config) -> Result<Dialled, Failure> {
    let (address, world) = reach(config)?;
    listened_at(address)?;
    let limits = LineLimits { row: IMAGE_ROW, ..LineLimits::of(&config.commissioning) };
    Ok(Dialled { connect: over_tcp(book(config, address)?, limits), _world: world })
}

/// Where devices answer already, else a world that is started for this command alone.
fn reach(config: &Config) -> Result<(SocketAddr, Option<StartedWorld>), Failure> {
    if let Some(address) = config.world.address {
        return Ok((address, None));
    }
    let dir = config.path(&config.world.dir);
    let since = Instant::now();
    loop {
        if let Some(address) = tern_world::server::address_of(&dir).filter(|address| listened_at(*address).is_ok()) {
            return Ok((address, None));
        }
        // The world of a command that was killed is on its way out, and still holds the folder.
        let waits = World::is_held(&dir) && since.elapsed() < PATIENCE;
        if !waits {
            let (world, address) = start(&dir)?;
            return Ok((address, Some(world)));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Connects to devices that answer already; starts nothing.
///
/// # Errors
/// Nobody answers, or the address book cannot be read.
pub fn answering(config: &Config, identity: &S1spIdentity) -> Result<DeviceLines, ServiceFault> {
    let dir = config.path(&config.world.dir);
    let address = config.world.address.or_else(|| tern_world::server::address_of(&dir));
    let address = address.ok_or_else(|| ServiceFault::Devices(format!("no `tern world` runs on {}", dir.display())))?;
    lines(config, address, identity)
}

/// The way to single installations' devices, where a world answers already.
///
/// # Errors
/// As [`answering`].
pub fn to_installations(config: &Config) -> Result<Connect, ServiceFault> {
    let dir = config.path(&config.world.dir);
    let address = config.world.address.or_else(|| tern_world::server::address_of(&dir));
    let address = address.ok_or_else(|| ServiceFault::Devices(format!("no `tern world` runs on {}", dir.display())))?;
    Ok(over_tcp(book(config, address)?, LineLimits::of(&config.commissioning)))
}

/// Whether anybody listens there.
fn listened_at(address: SocketAddr) -> Result<(), ServiceFault> {
    let fault = |error| ServiceFault::Devices(format!("{address}: {error}"));
    TcpStream::connect_timeout(&address, PATIENCE).map(drop).map_err(fault)
}

/// The address book of the communications provider.
fn book(config: &Config, address: SocketAddr) -> Result<Wan, ServiceFault> {
    let world = &config.world;
    let book = world.wan.as_ref().map_or_else(|| config.path(&world.dir).join(WAN_FILE), |file| config.path(file));
    Wan::read(&book, address.port())
}

/// Lines to the hubs of the address book, all at one port.
fn lines(config: &Config, address: SocketAddr, identity: &S1spIdentity) -> Result<DeviceLines, ServiceFault> {
    listened_at(address)?;
    let c = &config.commissioning;
    let connect = over_tcp(book(config, address)?, LineLimits::of(c));
    let listens: Listens = Arc::new(move || listened_at(address).is_ok());
    DeviceLines::new(c.lines.min(c.in_flight), &connect, identity, &listens)
}

fn start(dir: &Path) -> Result<(StartedWorld, SocketAddr), Failure> {
    let cannot = |why: String| {
        let what = format!("cannot start the simulated devices of {}: {why}", dir.display());
        Failure::new(what, "`tern world` says more; `tern corpus` makes devices")
    };
    let program = std::env::current_exe().map_err(|e| cannot(e.to_string()))?;
    let mut child = Command::new(program)
        .args(["--json", "world", "--until-stdin-closes"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C is for this process, which finishes what is in flight and needs the devices for it.
        .process_group(0)
        .spawn()
        .map_err(|e| cannot(e.to_string()))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).map_err(|e| cannot(e.to_string()))?;
    }
    match serde_json::from_str::<Listening>(&line) {
        Ok(listening) => Ok((StartedWorld(child), listening.address)),
        Err(_) => {
            let mut said = String::new();
            if let Some(mut stderr) = child.stderr.take() {
                let _ = stderr.read_to_string(&mut said);
            }
            let _ = child.wait();
            match serde_json::from_str::<Said>(&said) {
                Ok(Said { error }) => Err(error),
                Err(_) => Err(cannot(said.trim().to_owned())),
            }
        }
    }
}
