//! `tern world`: simulated devices as a process of their own.

mod image;
mod invented;
mod keys;

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tern_model::{ConfiguredAssociations, DeviceId};
use tern_world::devices::{ASSOCIATIONS_FILE, World, WorldClock, read_associations};
use tern_world::server::{listen, serve_alone, serve_announced};

use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::look::{Look, counted};
use crate::output::Report;
use crate::values;

/// Answer for simulated devices, until Ctrl-C
///
/// Speaks DLMS/COSEM for every installation, each on a loopback address of its own (`wan.csv` in the folder) and all on one port. Prints where it
/// listens, and writes that into the folder's `address` file, where `tern migrate` finds it. The devices keep their state and the log of
/// everything that was done to them in the folder, whatever becomes of the process. It is a test world: --keys prints the keys of any device in it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern world",
    "tern world work/world --address 127.0.0.1:4059",
    "tern world ./meters --installations 10000 --seed 7",
    "tern world ./meters --keys 00-DB-12-53-80-00-00-03",
    "tern world --image 00-DB-12-53-80-00-00-03 --version 2.0 --out meter-2.0.bin"
))]
pub struct Args {
    /// The devices' folder; by default tern.toml's, or ./world
    dir: Option<PathBuf>,
    /// Make so many installations from a seed, in a folder that holds none
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = values::at_least_one)]
    installations: Option<usize>,
    /// The same seed makes the same installations
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "installations")]
    seed: u64,
    /// Print how a device is reached and the keys that it holds now, and end
    #[arg(long, value_name = "DEVICE ID", conflicts_with_all = ["installations", "address", "until_stdin_closes"])]
    keys: Option<DeviceId>,
    /// Write a firmware image for a device's model, as its maker would, and end
    #[arg(long, value_name = "DEVICE ID", requires_all = ["version", "out"],
          conflicts_with_all = ["keys", "installations", "address", "until_stdin_closes"])]
    image: Option<DeviceId>,
    /// The firmware version that the image holds
    #[arg(long, value_name = "VERSION", requires = "image")]
    version: Option<String>,
    /// The file of the image
    #[arg(long, value_name = "FILE", requires = "image")]
    out: Option<PathBuf>,
    /// Open the low-level association of a model of ESME under a password, or of every model
    #[arg(long, value_name = "[MODEL=]PASSWORD", conflicts_with = "keys")]
    low_level: Vec<String>,
    /// What models open, as `[[associations.models]]` of a tern.toml; by default the folder's associations.toml, where it holds one
    #[arg(long, value_name = "FILE")]
    associations: Option<PathBuf>,
    /// Where to listen, on loopback; by default tern.toml's, or a port that is free
    #[arg(long, value_name = "ADDRESS")]
    address: Option<SocketAddr>,
    /// Stop when standard input closes: when the process that started this one is gone. Nobody else is told the address
    #[arg(long)]
    until_stdin_closes: bool,
}

/// The first line that is printed, once the `address` file is written, if it is.
#[derive(Debug, Serialize)]
struct Listening {
    address: SocketAddr,
    dir: PathBuf,
    installations: usize,
    /// The most memory that this process held until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_mib: Option<u64>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let near = self.dir.clone().unwrap_or_else(|| PathBuf::from("."));
        let configured = context.config_or_default(&near)?;
        let dir = configured.dir(self.dir, &configured.config.world.dir);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let wanted = self.address.or(configured.config.world.address).unwrap_or(any);
        if !wanted.ip().is_loopback() {
            let what = format!("{wanted} is not a loopback address");
            return Err(Failure::new(what, "simulated devices are for this machine alone: use 127.0.0.1"));
        }
        if let Some(installations) = self.installations {
            invented::invent(&dir, &configured, installations, self.seed)?;
        }
        need_dir(&dir, "`tern corpus` makes devices, and so does --installations; name their folder")?;
        let associations = self.associations.as_deref().map(read_named).transpose()?;
        if let Some(device) = self.keys {
            let own = read_associations(&dir.join(ASSOCIATIONS_FILE))?;
            let associations = associations.or(own);
            context.output.show(&keys::Keys::of(&dir, device, &associations.unwrap_or_default())?)?;
            return Ok(Exit::Clean);
        }
        if let (Some(device), Some(version), Some(out)) = (self.image, &self.version, &self.out) {
            context.output.show(&image::Written::of(&dir, device, version, out)?)?;
            return Ok(Exit::Clean);
        }
        let clock = configured.clock();
        let mut world = World::open_at(&dir, WorldClock::told_by(Arc::new(move || clock.now())))?;
        if let Some(associations) = associations {
            world.set_associations(associations);
        }
        for opened in &self.low_level {
            let (model, password) = opened.split_once('=').unwrap_or(("", opened));
            world.open_low_level(model, password);
        }
        let cannot = |error: std::io::Error| {
            Failure::new(
                format!("cannot listen on {wanted}: {error}"),
                "choose another with --address, or let 127.0.0.1:0 choose",
            )
        };
        let listener = listen(wanted).map_err(cannot)?;
        let stop = interrupt::stop_flag()?;
        if self.until_stdin_closes {
            stop_with_stdin(stop.clone());
        }
        let mut shown = Ok(());
        let announce = |address| {
            let installations = world.installations().count();
            shown = context.output.show(&Listening { address, dir, installations, peak_memory_mib: peak_memory_mib() });
        };
        let served = if self.until_stdin_closes {
            serve_alone(&listener, &world, &stop, |address| {
                announce(address);
                Ok(())
            })
        } else {
            serve_announced(&listener, &world, &stop, announce)
        };
        served.map_err(|error| {
            let what = format!("the line to the devices failed: {error}");
            Failure::new(what, "start `tern world` again; nothing is lost")
        })?;
        shown?;
        context.output.say("stopped")?;
        Ok(Exit::Clean)
    }
}

/// The tables of a file that was named, and so must be there.
fn read_named(path: &Path) -> Result<ConfiguredAssociations, Failure> {
    read_associations(path)?.ok_or_else(|| {
        let what = format!("there is no file {}", path.display());
        Failure::new(what, "name a file with [[associations.models]]; docs/reference/configuration.md shows one")
    })
}

/// As Linux counts it; nothing elsewhere.
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib >> 10)
}

fn stop_with_stdin(stop: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut bytes = [0; 256];
        while stdin.read(&mut bytes).is_ok_and(|read| read > 0) {}
        stop.store(true, Ordering::Release);
    });
}

impl Report for Listening {
    fn text(&self, look: &Look) -> String {
        let installations = counted(self.installations, "installation");
        let held = self.peak_memory_mib.map_or_else(String::new, |mib| format!(", {mib} MiB held at most"));
        let (listening, dir) = (look.good("listening"), self.dir.display());
        format!("{listening} on {}: the devices of {installations} in {dir}{held}", self.address)
    }
}
