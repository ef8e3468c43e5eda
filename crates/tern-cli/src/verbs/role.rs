//! `tern role`: one role as a process of its own. What it does is `tern_service`'s.

use std::path::Path;

use clap::ValueEnum;
use jiff::civil::Date;
use tern_model::Role;
use tern_service::roles::{RoleProcess, address_file};

use crate::context::{Context, Records};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::listening::Listens;
use crate::values::day;
use crate::{devices, interrupt};

/// Run one role of the DCC's side as a process of its own
///
/// It opens its own store and its own keys, and no other role's. The roles talk to each other by mutual TLS, under the
/// certificates that `tern pki` issues for it; where each listens stands in a file beside its store. Start all four, and
/// `tern world`; then `tern migrate --roles` hands sets in. Ctrl-C ends it cleanly; however it ends, the next start goes on.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern role dco", "tern role s1sp --config site/tern.toml"))]
pub struct Args {
    /// Which role
    role: Named,
    /// The day that chooses the rule books and counts as planned migration day; by default each day as it comes
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
}

/// The roles that run as processes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Named {
    /// The DCC's data service: takes sets in, keeps the Smart Metering Inventory
    Dsp,
    /// The SMETS1 Service Provider: commissions installations; needs a running `tern world`
    S1sp,
    /// The Dual Control Organisation: keeps master keys
    Dco,
    /// The Commissioning Party: instructs what S1SP and DCO both found viable
    CommissioningParty,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut configured = context.configured(Path::new("."))?;
        configured.config.as_of = self.as_of;
        let config = &configured.config;
        let Records { facts, warnings } = configured.records()?;
        let stop = interrupt::stop_flag()?;
        let (role, roles) = match self.role {
            Named::Dsp => (Role::Dsp, &config.roles.dsp),
            Named::S1sp => (Role::S1sp, &config.roles.s1sp),
            Named::Dco => (Role::Dco, &config.roles.dco),
            Named::CommissioningParty => (Role::CommissioningParty, &config.roles.commissioning_party),
        };
        let process = RoleProcess {
            role,
            config,
            facts,
            devices: &|identity| Ok(Box::new(devices::answering(config, identity)?)),
            say: &|words| eprintln!("tern role {role}: {words}"),
        };
        let address_file = address_file(&config.path(&roles.store));
        let listens = Listens { role: Some(role), address_file, warnings };
        listens.while_runs(context, |ready| process.run(&stop, &|address| ready(address, None)))
    }
}
