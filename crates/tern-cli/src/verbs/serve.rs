//! `tern serve`: the whole service in one process, with a door for Requesting Parties and one for Users. What it does is `tern_service`'s.

use std::net::SocketAddr;
use std::path::Path;

use jiff::civil::Date;
use tern_service::serve::{Service, address_file};
use tern_store::SqliteStore;

use crate::context::{Context, Records};
use crate::devices::Way;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::listening::Listens;
use crate::values::day;
use crate::{devices, interrupt};

/// Run the whole service: take sets from Requesting Parties over mutual TLS, judge them, commission, tell what became of them
///
/// All roles of the DCC's side run in this process, each with its own store and keys; the devices are those of a running
/// `tern world`. Requesting Parties come with `tern submit`, or with any client that speaks HTTP/1.1 under a certificate of
/// theirs, such as curl; Users send signed Service Requests to a door of their own. Where both listen stands in the files
/// `serve.address` and `gateway.address` beside the stores. Ctrl-C ends it cleanly; however
/// it ends, whatever was acknowledged is there, and the next start goes on.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern serve",
    "tern serve --config site/tern.toml",
    "tern serve --as-of 2020-12-14",
    "tern serve --plain-http 127.0.0.1:8080"
))]
pub struct Args {
    /// The day that chooses the rule books and counts as planned migration day; by default each day as it comes
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Let Users on this machine come by plain HTTP too, at an address on loopback, and have replies posted to http:// addresses
    /// there; whose a request is, is by its signature alone then
    #[arg(long, value_name = "ADDRESS")]
    plain_http: Option<SocketAddr>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut configured = context.configured(Path::new("."))?;
        configured.config.as_of = self.as_of;
        configured.config.gateway.plain_http = self.plain_http;
        let config = &configured.config;
        let Records { facts, warnings } = configured.records()?;
        let stop = interrupt::stop_flag()?;
        let way = Way::new(config);
        let service = Service {
            config,
            facts,
            devices: &|identity| Ok(Box::new(devices::answering(config, identity)?)),
            connect: &|| way.connect(),
            clock: tern_service::clock_of(config),
            open_store: &|path, role| Ok(Box::new(SqliteStore::open(path, role)?)),
            sandbox: None,
            say: &|words| eprintln!("tern serve: {words}"),
        };
        let listens = Listens { role: None, address_file: address_file(config), warnings };
        listens.while_runs(context, |ready| service.run(&stop, &|doors| ready(doors.requesting_parties, Some(doors))))
    }
}
