//! The DCC's gateway for Users (`tern serve`): signed Service Requests come in over mutual TLS, and replies go out to the Users'
//! own addresses.
//!
//! It is the DSP's part of a request's way: it judges, acknowledges, holds, countersigns, and signs what goes back. It must never
//! say anything to a device, nor acknowledge what is not durable.

mod back;
mod client;
mod course;
mod decided;
mod distribution;
mod door;
mod elements;
mod inventory;
pub(crate) mod known;
mod ledger;
mod letters;
mod onward;
mod pre_command;
pub(crate) mod record;
mod replies;
mod reply_address;
mod under_way;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tern_model::{PartyId, Role};
use tern_requests::Codes;
use tern_requests::machine::dsp::Waits;
use tern_requests::stages::Limits as StageLimits;
use tern_wire::duis::SchemaVersion;
use tern_wire::smki::Signer;

use crate::config::{Config, GatewayConfig};
use crate::equivalent::{RequestDesk, TO_DSP};
use crate::fault::ServiceFault;
use crate::links::client::Transport;
use crate::links::entry::Entry;
use crate::links::guests::Places;
use crate::links::server::{Desk, Manner, Server};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::parties::Shared;
use crate::pki::{self, TlsIdentity};
use crate::roles::bell::{Bell, Pause};
use crate::roles::courier::Complaint;
use crate::roles::renewal::Records;
use crate::roles::{Announced, Hands, cannot_listen};
use crate::sandbox::{Annex, Sandbox};
pub(crate) use back::FromS1sp;
use course::Rules;
use door::Door;
use known::Knowledge;
pub(crate) use ledger::Ledger;
use replies::{Courier, Destination};
use reply_address::{ReplyAddress, not_here};
use under_way::Requests;

pub use client::{Answered, Ready, User, Wanted};
pub(crate) use letters::letters_of;
pub use letters::{Letter, dead_letters, send_letters_again};
pub use record::{RequestRecord, Told};
pub(crate) use replies::DEAD_LETTER;
pub use replies::DeadLetter;

/// How long it waits for something to do before it looks by itself: what was held is sent on within that.
const LOOK: Duration = Duration::from_millis(500);
/// Installations that are spoken to at once.
const REQUESTS_AT_ONCE: usize = 8;
/// Where replies are posted, where a User's address names no path.
const REPLY_PATH: &str = "/smartdcc/duis";

/// The gateway, open.
pub(crate) struct Gateway<'a> {
    with: Parts<'a>,
    own: TlsIdentity,
    listener: TcpListener,
    /// For those who come by plain HTTP.
    plain: Option<TcpListener>,
    rules: Rules,
    pub(crate) codes: Codes,
}

/// The file that says where the gateway listens.
#[must_use]
pub fn address_file(config: &Config) -> PathBuf {
    crate::roles::address_file(&place(config))
}

/// What the gateway's files are called after.
fn place(config: &Config) -> PathBuf {
    config.path(&config.roles.dsp.store).with_file_name("gateway")
}

/// What the gateway works with, most of it in common with the rest of the service.
pub(crate) struct Parts<'a> {
    pub(crate) config: &'a Config,
    /// Over the DSP's store.
    pub(crate) ledger: Ledger,
    /// The DSP's.
    pub(crate) signer: Arc<Signer>,
    pub(crate) shared: Shared,
    pub(crate) trusted: Arc<Trusted>,
    pub(crate) records: &'a Records,
    /// Where files lie until they are taken over; requests are kept in memory.
    pub(crate) incoming: &'a Path,
    pub(crate) hands: Hands<'a>,
    pub(crate) sandbox: Option<Sandbox<'a>>,
}

impl<'a> Gateway<'a> {
    /// Opens the gateway and its listener.
    ///
    /// # Errors
    /// Keys cannot be had, nobody may listen there, or the configuration of codes cannot be.
    pub(crate) fn open(with: Parts<'a>) -> Result<Gateway<'a>, ServiceFault> {
        let config = with.config;
        let own = pki::load_tls(&config.path(&config.pki.dir), &config.roles.dsp.party)?;
        let at = config.gateway.listen;
        let listener = TcpListener::bind(at).map_err(|error| cannot_listen(at, &error))?;
        let plain = config.gateway.plain_http.map(listen_here).transpose()?;
        let (rules, codes) = (config.gateway.rules(), config.gateway.codes()?);
        Ok(Gateway { with, own, listener, plain, rules, codes })
    }

    /// Says where it listens, until what is given goes.
    ///
    /// # Errors
    /// The file beside the stores cannot be written.
    pub(crate) fn announce(&self) -> Result<Announced, ServiceFault> {
        Announced::at(&place(self.with.config), &self.listener)
    }

    /// Where it listens for plain HTTP, where it does.
    pub(crate) fn plain_address(&self) -> Option<SocketAddr> {
        self.plain.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Takes requests in until it is stopped, sends them on to the S1SP, and takes what comes back to the Users.
    ///
    /// # Errors
    /// The listener or a store failed.
    pub(crate) fn serve(&self, couriers: Vec<Courier<'_>>, s1sp: &RequestDesk<'_>) -> Result<(), ServiceFault> {
        let Parts { shared, hands, trusted, .. } = &self.with;
        let (hands, config) = (*hands, &self.with.config.gateway);
        // The DSP's own certificate is its operator's.
        let roles = vec![Role::Supplier, Role::NetworkOperator, Role::Dsp];
        let check = Arc::new(PeerCheck::new(trusted.clone(), shared.clock.clone(), roles, None));
        let door = self.door();
        let requests = Requests { door: &door, s1sp };
        let annex = self.annex(&door, &requests)?;
        let desk: &dyn Desk = annex.as_ref().map_or(&door, |annex| annex);
        let places = Places { known: config.connections_max, of_one: config.connections_of_one_max };
        let manner = Manner { places, tells: false, quiet: Duration::from_secs(config.quiet_seconds.into()) };
        let server = |entry| Server { manner, entry, incoming: self.with.incoming, say: hands.say };
        let in_the_clear = server(Entry::Anybody(&door));
        let server = server(Entry::Known { config: Arc::new(tls::server(&self.own, check.clone())?), check, desk });
        let at = self.listener.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
        let halt = hands.halt;
        std::thread::scope(|scope| {
            scope.spawn(|| halt.heed(self.send_on(&door, s1sp)));
            scope.spawn(|| halt.heed(self.bring_back(&door, s1sp)));
            if let Some(listener) = &self.plain {
                let at = self.plain_address().unwrap_or(at);
                let served = || in_the_clear.serve(listener, halt.flag());
                scope.spawn(move || halt.heed(served().map_err(|error| cannot_listen(at, &error))));
            }
            for courier in couriers {
                scope.spawn(|| halt.heed(courier.run()));
            }
            scope.spawn(|| halt.heed(s1sp.distribute()));
            for _ in 0..REQUESTS_AT_ONCE {
                scope.spawn(|| halt.heed(s1sp.work()));
            }
            server.serve(&self.listener, halt.flag()).map_err(|error| cannot_listen(at, &error))
        })
    }

    /// The sandbox in front of the door, where this is one.
    fn annex<'s>(&'s self, door: &'s Door<'_>, requests: &'s Requests<'_>) -> Result<Option<Annex<'s>>, ServiceFault> {
        let Parts { ledger, trusted, hands, .. } = &self.with;
        let open = |sandbox| Annex::open((sandbox, door, requests), (ledger, trusted), self.knowledge(), *hands);
        self.with.sandbox.clone().map(open).transpose()
    }

    fn knowledge(&self) -> Knowledge<'_> {
        let Parts { ledger, shared, records, .. } = &self.with;
        Knowledge { ledger, records, rulebook: shared.rulebook.clone(), as_of: shared.as_of }
    }

    /// The door, and what follows behind it.
    fn door(&self) -> Door<'_> {
        let Parts { config, ledger, signer, shared, trusted, hands, .. } = &self.with;
        Door {
            request_bytes_max: config.gateway.request_bytes_max,
            schema: config.gateway.schema().unwrap_or(SchemaVersion::V5_1),
            rules: self.rules,
            codes: &self.codes,
            ledger,
            signer: signer.clone(),
            trusted,
            knowledge: self.knowledge(),
            clock: shared.clock.clone(),
            hands: *hands,
        }
    }

    /// Has what is due go on.
    fn send_on(&self, door: &Door<'_>, s1sp: &RequestDesk<'_>) -> Result<(), ServiceFault> {
        door.resume()?;
        let bell = &self.with.hands.bells.requests;
        self.until_stopped(bell, || Ok(door.go_on(&|documents| s1sp.take(documents))? + door.distribute(s1sp)?))
    }

    /// Brings what the S1SP signed to the DSP.
    fn bring_back(&self, door: &Door<'_>, s1sp: &RequestDesk<'_>) -> Result<(), ServiceFault> {
        let (bells, mut told) = (self.with.hands.bells, BTreeSet::new());
        self.until_stopped(&bells.answers, || {
            let (mut after, mut brought) = (0, 0);
            loop {
                let waiting = back::waiting(s1sp.with.ledger.view(), TO_DSP, after)?;
                let Some(last) = waiting.last() else { return Ok(brought) };
                after = last.number;
                // What is not believed stays with the S1SP, and holds up no other.
                let here = door.come_back(&waiting, &mut |answer, fault| {
                    if told.insert(answer.number) {
                        (self.with.hands.say)(&format!("{fault}; it waits"));
                    }
                })?;
                s1sp.delivered(&here)?;
                bells.replies.ring();
                brought += here.len();
            }
        })
    }

    /// Does something again and again, at once while there is something to do.
    fn until_stopped(
        &self,
        bell: &Bell,
        mut work: impl FnMut() -> Result<usize, ServiceFault>,
    ) -> Result<(), ServiceFault> {
        let hands = self.with.hands;
        let (mut pause, mut complaint) = (Pause::new(), Complaint::new(hands.say));
        while !hands.halt.is_asked() {
            let seen = bell.rung();
            match work() {
                Ok(0) => bell.wait(seen, LOOK),
                Ok(_) => {
                    complaint.works("requests of Users go on again");
                    pause = Pause::new();
                }
                Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                Err(fault) => {
                    complaint.fails("what Users request", &fault);
                    bell.wait(bell.rung(), pause.next());
                }
            }
        }
        Ok(())
    }

    /// Those who take replies to the Users whose addresses are known; in a sandbox, to all.
    ///
    /// # Errors
    /// An address or a User is none.
    pub(crate) fn couriers(&self) -> Result<Vec<Courier<'_>>, ServiceFault> {
        let Parts { config, ledger, shared, trusted, hands, .. } = &self.with;
        let (config, rules) = (&config.gateway, self.rules);
        let expires = SignedDuration::from_hours(config.reply_expires_hours.into());
        let addressed = |user: &crate::config::UserConfig| {
            let trust = trusted.now();
            let known = trust.certificates().find(|known| known.common_name() == user.party);
            let party = known.map(|known| known.party()).ok_or_else(|| ServiceFault::Configuration {
                what: format!("gateway.users names {:?}, and the key infrastructure has no such party", user.party),
                suggestion: "`tern pki show` lists the parties".to_owned(),
            })?;
            let ReplyAddress { at, path, is_plain } = ReplyAddress::of(&user.address)?;
            if is_plain && config.plain_http.is_none() {
                return Err(not_asked_for(&user.address));
            }
            let transport = if is_plain {
                Transport::Plain
            } else {
                replies::secured(&self.own, (trusted.clone(), shared.clock.clone()), &user.party)?
            };
            let peer = replies::peer(transport, (&user.party, at));
            Ok::<_, ServiceFault>((party, Destination::Posted { path, peer: Box::new(peer) }))
        };
        let mut destinations = config.users.iter().map(addressed).collect::<Result<Vec<_>, _>>()?;
        if self.with.sandbox.is_some() {
            let known: BTreeSet<PartyId> = destinations.iter().map(|(party, _)| *party).collect();
            let trust = trusted.now();
            let users = trust.certificates().filter(|c| known::user(c.role()).is_some()).map(|c| c.party());
            let others: BTreeSet<PartyId> = users.filter(|party| !known.contains(party)).collect();
            destinations.extend(others.into_iter().map(|party| (party, Destination::LaidDown)));
        }
        let courier = |(user, to)| {
            let (hands, clock) = (*hands, shared.clock.clone());
            Courier { ledger, clock, user, to, expires, rules, hands }
        };
        Ok(destinations.into_iter().map(courier).collect())
    }
}

impl GatewayConfig {
    /// By what requests go.
    fn rules(&self) -> Rules {
        let GatewayConfig { counter_window, pre_commands, .. } = *self;
        let limits = StageLimits { counter_window, pre_commands, ..StageLimits::default() };
        let answer = SignedDuration::from_secs((self.answer_wait_minutes * 60).into());
        Rules { limits, waits: Waits { answer } }
    }

    /// The response codes in force.
    ///
    /// # Errors
    /// [`ServiceFault::Configuration`]: a code or a reason is none.
    pub fn codes(&self) -> Result<Codes, ServiceFault> {
        let pairs = self.codes.iter().map(|(reason, code)| (reason.as_str(), code.as_str()));
        Codes::overridden(pairs).map_err(|problem| ServiceFault::Configuration {
            what: format!("gateway.codes: {problem}"),
            suggestion: "`tern srv --stages` lists the reasons with their codes".to_owned(),
        })
    }
}

/// Listens by plain HTTP, on loopback alone.
fn listen_here(at: SocketAddr) -> Result<TcpListener, ServiceFault> {
    if !at.ip().is_loopback() {
        return Err(not_here(&at.to_string()));
    }
    TcpListener::bind(at).map_err(|error| cannot_listen(at, &error))
}

fn not_asked_for(address: &str) -> ServiceFault {
    ServiceFault::Configuration {
        what: format!("{address}: replies go by TLS alone, where plain HTTP is not asked for"),
        suggestion: "start with --plain-http ADDRESS, or name https://HOST:PORT/PATH in gateway.users".to_owned(),
    }
}
