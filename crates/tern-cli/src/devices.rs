//! The line to the devices: to those that answer already, else to a `tern world` that is started for this command alone.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tern_service::ServiceFault;
use tern_service::config::Config;
use tern_service::facts::FileStamp;
use tern_service::lanes::{Connect, DeviceLines, LineLimits, Listens, S1spIdentity, Wan, over_tcp};
use tern_world::devices::{ADDRESS_FILE, WAN_FILE, World};

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
    lines(config, announced(config)?, identity)
}

/// Where devices answer already.
fn announced(config: &Config) -> Result<SocketAddr, ServiceFault> {
    let dir = config.path(&config.world.dir);
    let address = config.world.address.or_else(|| tern_world::server::address_of(&dir));
    address.ok_or_else(|| ServiceFault::Devices(format!("no `tern world` runs on {}", dir.display())))
}

/// The way to single installations' devices, where a world answers already: looked up when it is first asked for, and again
/// when the world says another address, or the address book is another.
pub struct Way<'a> {
    config: &'a Config,
    known: Mutex<Option<Known>>,
}

/// A way as it was looked up, and what it was read from.
struct Known {
    read_from: [Option<FileStamp>; 2],
    connect: Connect,
}

impl<'a> Way<'a> {
    /// Looks nothing up yet.
    pub fn new(config: &'a Config) -> Way<'a> {
        Way { config, known: Mutex::new(None) }
    }

    /// The way as it is now.
    ///
    /// # Errors
    /// As [`answering`].
    pub fn connect(&self) -> Result<Connect, ServiceFault> {
        let says_where = self.config.path(&self.config.world.dir).join(ADDRESS_FILE);
        let read_from = [FileStamp::of(&says_where), FileStamp::of(&book_file(self.config))];
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.read_from == read_from) {
            return Ok(known.connect.clone());
        }
        let book = book(self.config, announced(self.config)?)?;
        let connect = over_tcp(book, LineLimits::of(&self.config.commissioning));
        *known = Some(Known { read_from, connect: connect.clone() });
        Ok(connect)
    }
}

/// Whether anybody listens there.
fn listened_at(address: SocketAddr) -> Result<(), ServiceFault> {
    let fault = |error| ServiceFault::Devices(format!("{address}: {error}"));
    TcpStream::connect_timeout(&address, PATIENCE).map(drop).map_err(fault)
}

/// The file with the address book of the communications provider.
fn book_file(config: &Config) -> PathBuf {
    let world = &config.world;
    world.wan.as_ref().map_or_else(|| config.path(&world.dir).join(WAN_FILE), |file| config.path(file))
}

/// The address book of the communications provider.
fn book(config: &Config, address: SocketAddr) -> Result<Wan, ServiceFault> {
    Wan::read(&book_file(config), address.port())
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
