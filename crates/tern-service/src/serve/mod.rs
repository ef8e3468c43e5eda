//! The whole service in one process (`tern serve`): all parties of the DCC's side, a door for Requesting Parties, who hand
//! sets in over mutual TLS and read what became of them, and the gateway for Users.
//!
//! The parties are those of `tern migrate`, the links and the S1SP's work those of `tern role`. Nothing is acknowledged before it
//! is durable; a process that ends at any moment loses nothing, and the next start goes on. The door must never show a party
//! what another one sent.

mod asked;
mod door;
mod listing;
mod submissions;
mod submit;
mod told;
mod views;
mod works;

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use tern_model::Role;
use tern_store::Store;

use crate::System;
use crate::clock::Clock;
use crate::config::Config;
use crate::equivalent::{self, RequestDesk};
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::gateway::{Gateway, Ledger, Parts};
use crate::lanes::Connect;
use crate::links::entry::Entry;
use crate::links::server::{Manner, Server};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::metrics::Metrics;
use crate::pki;
use crate::roles::bell::Bells;
use crate::roles::renewal::{self, Records};
use crate::roles::shared_store::SharedStore;
use crate::roles::work::Work;
use crate::roles::{Announced, ConnectDevices, Halt, Hands, cannot_listen, emptied, watch};
use crate::sandbox::Sandbox;
use crate::system::OpenStore;
use door::Door;
use submissions::Submissions;
use views::Views;
use works::House;

pub use submit::{Errand, Submitter};

/// The service.
pub struct Service<'a> {
    /// As configured.
    pub config: &'a Config,
    /// The DCC's records.
    pub facts: FactsIndex,
    /// The way to the devices.
    pub devices: ConnectDevices<'a>,
    /// The way to one installation's devices, for Service Requests.
    pub connect: &'a (dyn Fn() -> Result<Connect, ServiceFault> + Sync),
    /// What time it is; [`crate::clock_of`] has what the configuration names.
    pub clock: Arc<dyn Clock>,
    /// Opens a role's store.
    pub open_store: OpenStore<'a>,
    /// What makes it a sandbox; none anywhere else.
    pub sandbox: Option<Sandbox<'a>>,
    /// Tells people what happens.
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// Where a service listens.
#[derive(Debug, Clone, Copy)]
pub struct Doors {
    /// For Requesting Parties.
    pub requesting_parties: SocketAddr,
    /// For Users.
    pub users: SocketAddr,
    /// For Users by plain HTTP, where that is asked for.
    pub plain_http: Option<SocketAddr>,
}

/// Where what belongs to the door stands: beside the DSP's store.
fn beside(config: &Config, ending: &str) -> PathBuf {
    config.path(&config.roles.dsp.store).with_extension(ending)
}

/// The file that says where the service listens.
#[must_use]
pub fn address_file(config: &Config) -> PathBuf {
    crate::roles::address_file(&door_of(config))
}

/// What the door's files are called after.
fn door_of(config: &Config) -> PathBuf {
    config.path(&config.roles.dsp.store).with_file_name("serve")
}

impl Service<'_> {
    /// Runs the service until `stop` is set; `ready` is told where it listens, once the files beside the stores say
    /// so too.
    ///
    /// # Errors
    /// Keys, stores or facts cannot be had, nobody may listen there, or a store failed: the next start takes everything up.
    pub fn run(self, stop: &AtomicBool, ready: &dyn Fn(Doors)) -> Result<(), ServiceFault> {
        let (config, say, devices, connect) = (self.config, self.say, self.devices, self.connect);
        let dir = config.path(&config.pki.dir);
        let own = pki::load_tls(&dir, &config.roles.dsp.party)?;
        let (system, store, ledger) = opened(config, self.facts, (self.clock, self.open_store))?;
        let (clock, shared) = (system.shared.clock.clone(), system.shared.clone());
        let (seal, signer) = (system.s1sp.seal.clone(), system.s1sp.signer().clone());
        let (trusted, records) = (Arc::new(Trusted::new(shared.trust.clone())), Records::new(shared.facts.clone()));
        let incoming = emptied(&beside(config, "uploads"))?;
        let submissions = Submissions::open(beside(config, "submitted"))?;
        let listener = TcpListener::bind(config.serve.listen).map_err(|e| cannot_listen(config.serve.listen, &e))?;
        let (halt, bells) = (Halt::default(), Bells::default());
        let hands = Hands { bells: &bells, halt: &halt, say };
        let check = Arc::new(PeerCheck::new(trusted.clone(), clock.clone(), vec![Role::RequestingParty], None));
        let metrics = Metrics::open(config, (ledger.clone(), store.clone()), hands)?;
        let gateway = Gateway::open(Parts {
            config,
            ledger,
            signer: Arc::new(pki::load_signer(&dir, &config.roles.dsp.party)?),
            shared: shared.clone(),
            trusted: trusted.clone(),
            records: &records,
            incoming: &incoming,
            hands,
            sandbox: self.sandbox,
        })?;
        let door = Door {
            submissions: &submissions,
            views: Views::new(config),
            config: &config.serve,
            clock,
            incoming: &incoming,
            hands,
            uploading: Mutex::default(),
        };
        let entry = Entry::Known { config: Arc::new(tls::server(&own, check.clone())?), check, desk: &door };
        let server = Server { manner: Manner::LINK, entry, incoming: &incoming, say };
        let system = Mutex::new(system);
        let house = House { system: &system, trusted: &trusted, records: &records };
        let others = Box::new(house);
        let parts = equivalent::Parts {
            ledger: Ledger::new(store.clone()),
            seal: seal.clone(),
            signer: signer.clone(),
            shared: shared.clone(),
            trusted: trusted.clone(),
            dco: &house,
            connect,
            codes: gateway.codes.clone(),
            hands,
        };
        let desk = RequestDesk::open(parts, config)?;
        let work =
            Work { store, seal, signer, config, shared, trusted: &trusted, records: &records, others, devices, hands };
        let (announced, at_gateway) = (Announced::at(&door_of(config), &listener)?, gateway.announce()?);
        let at = announced.address;
        let couriers = gateway.couriers()?;
        std::thread::scope(|scope| {
            scope.spawn(|| halt.heed(gateway.serve(couriers, &desk)));
            scope.spawn(|| halt.heed(server.serve(&listener, halt.flag()).map_err(|e| cannot_listen(at, &e))));
            scope.spawn(|| halt.heed(works::judge(house, &submissions, hands)));
            scope.spawn(|| halt.heed(work.run()));
            scope.spawn(|| halt.heed(metrics.as_ref().map_or(Ok(()), Metrics::serve)));
            ready(Doors { requesting_parties: at, users: at_gateway.address, plain_http: gateway.plain_address() });
            scope.spawn(|| renewal::run(config, &trusted, &records, hands));
            watch(hands, stop);
        });
        halt.ended()
    }
}

/// All parties, and the stores of S1SP and DSP under further hands.
fn opened(
    config: &Config,
    facts: FactsIndex,
    (clock, open): (Arc<dyn Clock>, OpenStore<'_>),
) -> Result<(System, SharedStore, Ledger), ServiceFault> {
    let (of_s1sp, of_dsp) = (RefCell::new(None), RefCell::new(None));
    let open_store = |path: &Path, role: Role| {
        let store = SharedStore::new(open(path, role)?)?;
        match role {
            Role::S1sp => drop(of_s1sp.replace(Some(store.clone()))),
            Role::Dsp => drop(of_dsp.replace(Some(store.clone()))),
            _ => {}
        }
        Ok(Box::new(store) as Box<dyn Store>)
    };
    let system = System::open_with(config.clone(), facts, clock, &open_store)?;
    let held = |store: RefCell<Option<SharedStore>>| {
        store.into_inner().ok_or_else(|| ServiceFault::Body("no store was opened".to_owned()))
    };
    Ok((system, held(of_s1sp)?, Ledger::new(held(of_dsp)?)))
}
