//! `tern demo`: everything once, from keys to commissioned meters, in a folder of its own; and a sandbox on top of it.

mod making;
mod planted;
mod playground;
mod sandbox;
mod screen;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use tern_model::GroupId;

use super::corpus::Order;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::values;

/// Watch signed and encrypted file sets become commissioned meters, and with --serve speak DUIS to them
///
/// Makes a key infrastructure, invents installations with planted defects and failing devices, exports and builds the file sets,
/// migrates them, and holds what was found against what was planted. Everything stays in the folder, with a tern.toml, so that
/// every other verb can be tried there. A folder that an earlier demo made is made anew.
///
/// With --serve it is a sandbox for makers of DUIS software: healthy installations of every cohort, their devices and the
/// service run until Ctrl-C, and lines are printed that read a meter. Started again in the same folder it goes on where it was.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern demo",
    "tern demo ./try --installations 200 --seed 7",
    "tern demo --serve"
))]
pub struct Args {
    /// The folder to make; by default tern-demo, or tern-sandbox with --serve
    dir: Option<PathBuf>,
    /// How many installations; by default 1000, or 32 with --serve
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = values::at_least_one)]
    installations: Option<usize>,
    /// The same seed gives the same installations
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many have devices that fail
    #[arg(long, value_name = "NUMBER", default_value_t = 8, conflicts_with = "serve")]
    faults: usize,
    /// Run a sandbox for Users on it: devices, service, faults and a clock to order
    #[arg(long)]
    serve: bool,
    /// Let Users of the sandbox come by plain HTTP too, at an address on loopback
    #[arg(long, value_name = "ADDRESS", requires = "serve")]
    plain_http: Option<SocketAddr>,
}

/// 5 %.
const DEFECTS_PERMILLE: usize = 50;
/// What a demo makes, where nobody says otherwise.
const INSTALLATIONS: usize = 1000;

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if self.serve {
            let dir = self.dir.unwrap_or_else(|| PathBuf::from("tern-sandbox"));
            let (installations, seed, plain_http) = (self.installations, self.seed, self.plain_http);
            return sandbox::run(context, &sandbox::Wanted { dir, installations, seed, plain_http });
        }
        let since = Instant::now();
        let dir = self.dir.unwrap_or_else(|| PathBuf::from("tern-demo"));
        let installations = self.installations.unwrap_or(INSTALLATIONS);
        let order = Order {
            group: vec![GroupId::EA],
            installations,
            seed: self.seed,
            defects: DEFECTS_PERMILLE,
            kinds: Vec::new(),
            faults: self.faults.min(installations / 4),
            day: None,
            to_plan: false,
            behind: 0,
            suppliers_max: None,
        };
        let made = making::make(context, &dir, order, QUICK)?;
        let told = planted::Told::of(&dir, made, since)?;
        context.output.show(&told)?;
        Ok(if told.interrupted { Exit::Interrupted } else { Exit::of_findings(told.differences.len()) })
    }
}

/// The end of a demo's `tern.toml`.
const QUICK: &str = "
[commissioning]
# Simulated devices answer at once: an answer that is lost need not be waited for long.
answer_timeout_ms = 500
";
