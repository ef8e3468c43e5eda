//! `tern world`: simulated devices as a process of their own.

use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tern_world::devices::World;
use tern_world::server::{serve_alone, serve_announced};

use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::look::{Look, counted};
use crate::output::Report;

/// Answer for simulated devices, until Ctrl-C
///
/// Prints where it listens, and writes that into the folder's `address` file, where `tern migrate` finds it. The devices keep their state and the log of
/// everything that was done to them in the folder, whatever becomes of the process.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern world", "tern world work/world --address 127.0.0.1:4059"))]
pub struct Args {
    /// The devices' folder; by default tern.toml's, or ./world
    dir: Option<PathBuf>,
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
        need_dir(&dir, "`tern corpus` makes devices; name their folder")?;
        let world = World::open(&dir)?;
        let cannot = |error: std::io::Error| {
            Failure::new(
                format!("cannot listen on {wanted}: {error}"),
                "choose another with --address, or let 127.0.0.1:0 choose",
            )
        };
        let listener = TcpListener::bind(wanted).map_err(cannot)?;
        let stop = interrupt::stop_flag()?;
        if self.until_stdin_closes {
            stop_with_stdin(stop.clone());
        }
        let mut shown = Ok(());
        let announce = |address| {
            let installations = world.installations().count();
            shown = context.output.show(&Listening { address, dir, installations });
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
        format!(
            "{} on {}: the devices of {} in {}",
            look.good("listening"),
            self.address,
            counted(self.installations, "installation"),
            self.dir.display()
        )
    }
}
