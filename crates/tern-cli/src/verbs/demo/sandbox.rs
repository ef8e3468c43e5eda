//! `tern demo --serve`: devices and service of a folder run together, under one clock, for whoever makes DUIS software.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use tern_model::GroupId;
use tern_service::clock::{Clock, SteppedClock};
use tern_service::clock_below;
use tern_service::config::{Config, FILE_NAME};
use tern_service::sandbox::Sandbox;
use tern_service::serve::Service;
use tern_store::SqliteStore;
use tern_world::devices::{World, WorldClock};
use tern_world::files::{self, Readers};
use tern_world::server::{listen, serve_announced};

use super::super::corpus::Order;
use super::making::{self, Made};
use super::playground::Toys;
use super::screen::Screen;
use crate::context::{Configured, Context, Records, file_failure};
use crate::devices::Way;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{devices, interrupt};

/// Tells a folder that is a sandbox, once it is whole.
pub(super) const MARK: &str = ".tern-sandbox";
/// Installations, where nobody says otherwise.
const INSTALLATIONS: usize = 32;
/// Few enough that one of them has meters of every cohort.
const SUPPLIERS: usize = 3;
/// One group of each cohort.
const GROUPS: [GroupId; 4] = [GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA];
/// The file that keeps how far the clock was stepped.
const STEPS: &str = "world/clock-steps";

/// What sandbox is wanted.
pub(super) struct Wanted {
    pub(super) dir: PathBuf,
    pub(super) installations: Option<usize>,
    pub(super) seed: u64,
    /// Where Users may come by plain HTTP.
    pub(super) plain_http: Option<SocketAddr>,
}

/// Makes the sandbox where it is not there, and runs it until it is to stop.
pub(super) fn run(context: &Context, wanted: &Wanted) -> Result<Exit, Failure> {
    let dir = &wanted.dir;
    if !dir.join(MARK).exists() {
        let made = made(context, wanted)?;
        if made.interrupted {
            return Ok(Exit::Interrupted);
        }
        files::write(
            &dir.join(MARK),
            b"a sandbox made by tern demo --serve, which goes on with it\n",
            Readers::Anyone,
        )?;
    }
    let file = dir.join(FILE_NAME);
    let mut config = Config::load(&file)?;
    config.gateway.plain_http = wanted.plain_http;
    play(context, dir, &Configured { file: Some(file), config })
}

fn made(context: &Context, wanted: &Wanted) -> Result<Made, Failure> {
    let installations = wanted.installations.unwrap_or(INSTALLATIONS);
    let (kinds, group, seed) = (Vec::new(), GROUPS.to_vec(), wanted.seed);
    let order = Order {
        group,
        installations,
        seed,
        defects: 0,
        kinds,
        faults: 0,
        day: None,
        to_plan: false,
        behind: 0,
        suppliers_max: Some(SUPPLIERS),
    };
    making::make(context, &wanted.dir, order, &configuration()?)
}

/// The end of a sandbox's `tern.toml`: where Users come in stays the same over restarts.
fn configuration() -> Result<String, Failure> {
    let free = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).and_then(|listener| listener.local_addr());
    let users = free.map_err(|error| Failure::new(format!("no port is free: {error}"), "end what listens here"))?;
    Ok(format!(
        "
[clock]
# So far the clock was stepped ahead.
steps = \"{STEPS}\"

[gateway]
listen = \"{users}\"
# Clients that were made for SMETS2 send critical requests in two steps.
pre_commands = true

# A User with an address of its own has its replies posted there; those of all others lie in the sandbox.
# [[gateway.users]]
# party = \"supplier-a\"
# address = \"https://127.0.0.1:9443/smartdcc/duis\"

[commissioning]
# A device that is told to be slow answers a second late.
answer_timeout_ms = 3000
"
    ))
}

/// Devices and service, until Ctrl-C.
fn play(context: &Context, dir: &Path, configured: &Configured) -> Result<Exit, Failure> {
    let config = &configured.config;
    let steps = config.clock.steps.clone().unwrap_or_else(|| STEPS.into());
    let clock = Arc::new(SteppedClock::open(clock_below(config), config.path(&steps))?);
    let told = clock.clone();
    let folder = config.path(&config.world.dir);
    let world = World::open_at(&folder, WorldClock::told_by(Arc::new(move || told.now())))?;
    if !world.has_baseline() {
        world.keep_baseline()?;
    }
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let line = listen(any).map_err(|error| file_failure("listen for", &folder, &error))?;
    let (stop, ended) = (interrupt::stop_flag()?, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (hand, answers) = channel();
        let devices = scope.spawn(|| {
            serve_announced(&line, &world, &ended, move |_| {
                // Whoever waits for it may have gone.
                let _ = hand.send(());
            })
        });
        // Where they cannot answer, the service says so to whoever asks.
        let _ = answers.recv();
        let ran = serve(context, (dir, configured), (clock, &world), &stop);
        ended.store(true, Ordering::Release);
        let devices = devices.join();
        ran?;
        if let Ok(Err(error)) = devices {
            return Err(file_failure("answer for the devices of", &folder, &error));
        }
        context.output.say("stopped; the same command goes on")?;
        Ok(Exit::Clean)
    })
}

/// The service, with the screen once it listens.
fn serve(
    context: &Context,
    (dir, configured): (&Path, &Configured),
    (clock, world): (Arc<SteppedClock>, &World),
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let config = &configured.config;
    let Records { facts, warnings } = configured.records()?;
    context.output.say(&context.output.look().warnings(&warnings).join("\n"))?;
    let (way, toys) = (Way::new(config), Toys(world));
    let service = Service {
        config,
        facts,
        devices: &|identity| Ok(Box::new(devices::answering(config, identity)?)),
        connect: &|| way.connect(),
        clock: clock.clone(),
        open_store: &|path, role| Ok(Box::new(SqliteStore::open(path, role)?)),
        sandbox: Some(Sandbox { clock, devices: &toys }),
        say: &|words| eprintln!("sandbox: {words}"),
    };
    let shown = RefCell::new(Ok(()));
    service.run(stop, &|doors| {
        let screen = Screen::of(dir, config, doors).and_then(|screen| context.output.show(&screen));
        if screen.is_err() {
            // Nobody could use what it does not say.
            stop.store(true, Ordering::Release);
        }
        *shown.borrow_mut() = screen;
    })?;
    shown.into_inner()
}
