//! The whole service in this process, over a laboratory: gateway, request desk, DCO and simulated devices, on stores that lose
//! their power by plan and a clock in hand.
//!
//! Everything in it is real: TLS, signatures, stores, the code that answers for the devices. It must never say what is right.

mod clock;
mod homes;
mod letterbox;
mod user;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tern_model::Role;
use tern_service::ServiceFault;
use tern_service::clock::Clock;
use tern_service::config::{Config, UserConfig};
use tern_service::lanes::Connect;
use tern_service::serve::Service;
use tern_store::{SqliteStore, Store};

use crate::{CrashingStore, Lab, Power};

pub use clock::HandClock;
pub use homes::{Home, homes};
pub use letterbox::{Letterbox, free_address};
pub use user::{Line, Said, UserClient, answer, head_of, post};

/// What a service is started with.
pub struct ServedPlan {
    /// As configured.
    pub config: Config,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// On what its stores hang; none: they are the plain ones.
    pub power: Option<Power>,
    /// On what the DCO's store hangs alone.
    pub dco_power: Option<Power>,
    /// The way to the devices.
    pub connect: Connect,
}

impl ServedPlan {
    /// Everything by default, over a laboratory's folder and devices.
    #[must_use]
    pub fn of(lab: &Lab, clock: Arc<dyn Clock>) -> ServedPlan {
        ServedPlan { config: lab.config(), clock, power: None, dco_power: None, connect: lab.connect() }
    }

    /// With stores on a power.
    #[must_use]
    pub fn on(self, power: &Power) -> ServedPlan {
        ServedPlan { power: Some(power.clone()), ..self }
    }

    /// With a User's address for replies.
    #[must_use]
    pub fn reached_at(mut self, party: &str, at: SocketAddr) -> ServedPlan {
        let address = format!("https://{at}");
        self.config.gateway.users.push(UserConfig { party: party.to_owned(), address });
        self
    }
}

/// A service that runs in threads of this process, until it is stopped or this value goes.
pub struct Served {
    /// The door for Requesting Parties.
    pub door: SocketAddr,
    /// The door for Users.
    pub gateway: SocketAddr,
    clock: Arc<dyn Clock>,
    pki: std::path::PathBuf,
    stop: Arc<AtomicBool>,
    said: Arc<Mutex<Vec<String>>>,
    runs: Option<JoinHandle<Result<(), ServiceFault>>>,
}

impl Served {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// As [`Service::run`], where it does not come so far.
    ///
    /// # Panics
    /// The laboratory's facts or keys cannot be read.
    pub fn start(lab: &Lab, plan: ServedPlan) -> Result<Served, ServiceFault> {
        let (stop, said) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (ready, listens) = channel();
        let (facts, identity, pki) = (lab.facts(), lab.identity(), plan.config.path(&plan.config.pki.dir));
        let clock = plan.clock.clone();
        let runs = std::thread::spawn({
            let (stop, said) = (stop.clone(), said.clone());
            move || {
                let ServedPlan { config, clock, power, dco_power, connect } = plan;
                let service = Service {
                    config: &config,
                    facts,
                    devices: &|_| Ok(Box::new(crate::DirectDevices::new(connect.clone(), identity.clone()))),
                    connect: &|| Ok(connect.clone()),
                    clock,
                    sandbox: None,
                    open_store: &|path, role| {
                        let own = dco_power.as_ref().filter(|_| role == Role::Dco);
                        opened(path, role, own.or(power.as_ref()))
                    },
                    say: &|words| said.lock().unwrap_or_else(PoisonError::into_inner).push(words.to_owned()),
                };
                service.run(&stop, &|doors| {
                    // Whoever started it waits for this.
                    let _ = ready.send((doors.requesting_parties, doors.users));
                })
            }
        });
        match listens.recv() {
            Ok((door, gateway)) => Ok(Served { door, gateway, clock, pki, stop, said, runs: Some(runs) }),
            Err(_) => Err(ended(runs).err().unwrap_or(ServiceFault::Body("it ended before it began".to_owned()))),
        }
    }

    /// A User of it.
    #[must_use]
    pub fn user(&self, name: &str) -> UserClient {
        UserClient::new(&self.pki, name, self.gateway, self.clock.clone())
    }

    /// What it has told people so far.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it has ended by itself, as where its power went off.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.runs.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// As [`Service::run`].
    pub fn stop(mut self) -> Result<(), ServiceFault> {
        self.stop.store(true, Ordering::Release);
        self.runs.take().map_or(Ok(()), ended)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(runs) = self.runs.take() {
            // Whoever wants to know how it ended stops it.
            let _ = runs.join();
        }
    }
}

fn ended(runs: JoinHandle<Result<(), ServiceFault>>) -> Result<(), ServiceFault> {
    runs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn opened(path: &Path, role: Role, power: Option<&Power>) -> Result<Box<dyn Store>, tern_store::StoreFault> {
    let store = SqliteStore::open(path, role)?;
    Ok(match power {
        Some(power) => Box::new(CrashingStore::new(store, power)),
        None => Box::new(store),
    })
}
