//! A role as a process of its own (`tern role`): its own store, its own keys, and links to the others by mutual TLS.
//!
//! What crosses is what crosses in one process too: signed files from outbox to inbox, and the S1SP's orders to DCO and DSP
//! with their answers. Nothing is acknowledged before it is durable; a lost answer is asked again; a peer that is down stalls
//! only what needs it. A role that ends at any moment loses nothing: what is open stands in its store.

pub(crate) mod bell;
pub(crate) mod courier;
mod decisions;
mod desk;
mod hand_in;
mod handed_in;
pub(crate) mod renewal;
pub(crate) mod shared_store;
mod ways;
pub(crate) mod work;

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tern_model::Role;
use tern_store::{SqliteStore, Store};

use crate::config::Config;
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::lanes::{Devices, S1spIdentity};
use crate::links::entry::Entry;
use crate::links::server::{Manner, Server};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::opening::{Opening, shared_of};
use crate::parties::Shared;
use crate::pki::{self, files};
use crate::system::clock_of;
use bell::Bells;
use desk::{FrontDesk, Seat};
use renewal::Records;
use shared_store::SharedStore;
use ways::{Ways, part_of, peers_of, receivers_of};
use work::{Elsewhere, Work};

pub use decisions::RunningS1sp;
pub use hand_in::HandIn;
pub(crate) use hand_in::Waiting;
pub use ways::address_file;
pub(crate) use ways::host_and_port;

/// How the S1SP comes to a line to the devices.
pub type ConnectDevices<'a> = &'a (dyn Fn(&S1spIdentity) -> Result<Box<dyn Devices>, ServiceFault> + Sync);

/// So often a role looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// What a role process is given.
pub struct RoleProcess<'a> {
    /// Which role.
    pub role: Role,
    /// As configured.
    pub config: &'a Config,
    /// The DCC's records.
    pub facts: FactsIndex,
    /// The way to the devices; only the S1SP takes it.
    pub devices: ConnectDevices<'a>,
    /// Tells people what happens on the links.
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// Whether a role is to stop, and why.
#[derive(Debug, Default)]
pub(crate) struct Halt {
    asked: AtomicBool,
    fault: Mutex<Option<ServiceFault>>,
    told: Condvar,
}

impl Halt {
    pub(crate) fn ask(&self) {
        // Nobody is between looking and waiting meanwhile.
        let held = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        self.asked.store(true, Ordering::Release);
        drop(held);
        self.told.notify_all();
    }

    /// Waits for so long, and no longer than until it is asked.
    pub(crate) fn wait(&self, at_most: Duration) {
        let held = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.told.wait_timeout_while(held, at_most, |_| !self.is_asked()));
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.asked
    }

    /// It cannot go on; the first reason counts.
    pub(crate) fn fail(&self, fault: ServiceFault) {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
        self.ask();
    }

    /// How it ended, now that it has.
    pub(crate) fn ended(self) -> Result<(), ServiceFault> {
        self.fault.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    pub(crate) fn heed(&self, ended: Result<(), ServiceFault>) {
        if let Err(fault) = ended {
            self.fail(fault);
        }
    }
}

impl RoleProcess<'_> {
    /// Runs the role until `stop` is set; `ready` is told where it listens, once the file beside its store says so too.
    ///
    /// # Errors
    /// Keys, store or facts cannot be had, nobody may listen there, or the store failed: the next start takes everything up.
    pub fn run(self, stop: &AtomicBool, ready: &dyn Fn(SocketAddr)) -> Result<(), ServiceFault> {
        let (role, config, say) = (self.role, self.config, self.say);
        let devices = self.devices;
        let (opened, seat) = self.open()?;
        let Opened { ways, store, incoming, listener, .. } = &opened;
        let (halt, bells) = (Halt::default(), Bells::default());
        let records = Records::new(opened.shared.facts.clone());
        let hands = Hands { bells: &bells, halt: &halt, say };
        let work = match &seat {
            Seat::S1sp(s1sp) => Some(Work {
                store: store.clone(),
                seal: s1sp.seal.clone(),
                signer: s1sp.signer().clone(),
                config,
                shared: opened.shared.clone(),
                trusted: &ways.trusted,
                records: &records,
                others: Box::new(Elsewhere {
                    dco: ways.to(config, Role::Dco)?,
                    dsp: ways.to(config, Role::Dsp)?,
                    hands,
                }),
                devices,
                hands,
            }),
            _ => None,
        };
        let (trusted, clock) = (ways.trusted.clone(), ways.clock.clone());
        let (party, records) = (ways.own.certificate.party(), &records);
        let desk = FrontDesk { role, party, seat: Mutex::new(seat), config, trusted, records, clock, incoming, hands };
        let check = Arc::new(PeerCheck::new(ways.trusted.clone(), ways.clock.clone(), peers_of(role), None));
        let entry = Entry::Known { config: Arc::new(tls::server(&ways.own, check.clone())?), check, desk: &desk };
        let server = Server { manner: Manner::LINK, entry, incoming, say };
        let couriers = receivers_of(role).map(|to| ways.to(config, to)).collect::<Result<Vec<_>, _>>()?;
        let announced = Announced::at(&opened.store_path, listener)?;
        let at = announced.address;
        std::thread::scope(|scope| {
            scope.spawn(|| halt.heed(server.serve(listener, halt.flag()).map_err(|e| cannot_listen(at, &e))));
            for peer in couriers {
                scope.spawn(move || hands.halt.heed(courier::run(store.clone(), peer, hands)));
            }
            if let Some(work) = work {
                scope.spawn(|| halt.heed(work.run()));
            }
            ready(at);
            scope.spawn(|| renewal::run(config, &ways.trusted, records, hands));
            watch(hands, stop);
        });
        halt.ended()
    }

    /// Opens the role's own keys and its own store, and listens.
    fn open(self) -> Result<(Opened, Seat), ServiceFault> {
        let (role, config) = (self.role, self.config);
        let part = part_of(config, role)?;
        let clock = clock_of(config);
        let own = Arc::new(pki::load_tls(&config.path(&config.pki.dir), &part.party)?);
        let shared = shared_of(config, self.facts, clock.clone())?;
        let trusted = Arc::new(Trusted::new(shared.trust.clone()));
        let held = RefCell::new(None);
        let open_store = |path: &Path, role: Role| {
            let store = SharedStore::new(Box::new(SqliteStore::open(path, role)?))?;
            held.replace(Some(store.clone()));
            Ok(Box::new(store) as Box<dyn Store>)
        };
        let seat = seat(&Opening { config, shared: &shared, open_store: &open_store }, role)?;
        let store = held.into_inner().ok_or_else(|| ServiceFault::Body("no store was opened".to_owned()))?;
        let store_path = config.path(&part.store);
        let incoming = emptied(&store_path.with_extension("incoming"))?;
        let listener = TcpListener::bind(part.listen).map_err(|error| cannot_listen(part.listen, &error))?;
        let ways = Ways { own, trusted, clock };
        Ok((Opened { ways, shared, store, store_path, incoming, listener }, seat))
    }
}

/// What a role has open, but for the party itself.
struct Opened {
    ways: Ways,
    shared: Shared,
    store: SharedStore,
    store_path: PathBuf,
    /// Where files lie until they are taken over.
    incoming: PathBuf,
    listener: TcpListener,
}

/// What the threads of a role share.
#[derive(Clone, Copy)]
pub(crate) struct Hands<'a> {
    /// Ring when there is something to do.
    pub(crate) bells: &'a Bells,
    /// Whether they are to stop.
    pub(crate) halt: &'a Halt,
    /// Tells people what happens.
    pub(crate) say: &'a (dyn Fn(&str) + Sync),
}

/// Waits until the role is to stop.
pub(crate) fn watch(hands: Hands<'_>, stop: &AtomicBool) {
    while !hands.halt.is_asked() && !stop.load(Ordering::Acquire) {
        hands.halt.wait(LOOK);
    }
    hands.halt.ask();
    hands.bells.ring_all();
}

/// The party, opened with its own store and keys and nobody else's.
fn seat(opening: &Opening<'_>, role: Role) -> Result<Seat, ServiceFault> {
    Ok(match role {
        Role::Dsp => Seat::Dsp(opening.dsp()?),
        Role::S1sp => Seat::S1sp(opening.s1sp(opening.seal()?)?),
        Role::Dco => Seat::Dco(opening.dco(opening.custody()?)?),
        _ => Seat::Commissioning(opening.commissioning_party()?),
    })
}

/// A folder with nothing in it: what lies there was never acknowledged.
pub(crate) fn emptied(path: &Path) -> Result<PathBuf, ServiceFault> {
    let _ = std::fs::remove_dir_all(path);
    files::make_dir(path, files::Access::Owner)?;
    Ok(path.to_owned())
}

pub(crate) fn cannot_listen(at: SocketAddr, error: &std::io::Error) -> ServiceFault {
    ServiceFault::Configuration {
        what: format!("cannot listen on {at}: {error}"),
        suggestion: "name another address as `listen` of the role, or port 0".to_owned(),
    }
}

/// The file that says where a process listens, until it ends; it stands where a store of its name would.
pub(crate) struct Announced {
    path: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Announced {
    pub(crate) fn at(store: &Path, listener: &TcpListener) -> Result<Announced, ServiceFault> {
        let path = address_file(store);
        let address = listener.local_addr().map_err(|e| cannot_listen(SocketAddr::from(([0, 0, 0, 0], 0)), &e))?;
        files::write(&path, format!("{address}\n").as_bytes(), files::Access::Everybody)?;
        Ok(Announced { path, address })
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // A role that was killed leaves it behind: then nobody listens there.
        let _ = std::fs::remove_file(&self.path);
    }
}
