//! Which role talks to which, and about what: the one table of links between processes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tern_model::Role;

use crate::clock::Clock;
use crate::config::{Config, RoleConfig};
use crate::fault::ServiceFault;
use crate::links::client::{Address, Peer, Transport};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::pki::{self, TlsIdentity};
use crate::system::clock_of;

/// The roles that run as processes.
pub(super) const PROCESSES: [Role; 4] = [Role::Dsp, Role::S1sp, Role::Dco, Role::CommissioningParty];

/// Whose signed files a role takes in.
pub(super) fn senders_to(role: Role) -> &'static [Role] {
    match role {
        Role::S1sp => &[Role::Dsp, Role::RequestingParty, Role::CommissioningParty],
        Role::Dco => &[Role::Dsp, Role::RequestingParty],
        Role::CommissioningParty => &[Role::S1sp, Role::Dco],
        _ => &[],
    }
}

/// To whom a role's signed files go.
pub(super) fn receivers_of(role: Role) -> impl Iterator<Item = Role> {
    PROCESSES.into_iter().filter(move |to| senders_to(*to).contains(&role))
}

/// Whose orders a role obeys.
pub(super) fn orders_to(role: Role) -> &'static [Role] {
    match role {
        Role::Dsp | Role::Dco => &[Role::S1sp],
        _ => &[],
    }
}

/// Who hands whole sets in.
pub(super) fn sets_to(role: Role) -> &'static [Role] {
    match role {
        Role::Dsp => &[Role::RequestingParty],
        _ => &[],
    }
}

/// Whose decisions on stuck installations count with a role: those of whoever works with its own certificate.
pub(super) fn decisions_to(role: Role) -> &'static [Role] {
    match role {
        Role::S1sp => &[Role::S1sp],
        _ => &[],
    }
}

/// Everybody who may open a connection to a role.
pub(super) fn peers_of(role: Role) -> Vec<Role> {
    let mut peers = [senders_to(role), orders_to(role), sets_to(role), decisions_to(role)].concat();
    peers.sort_unstable();
    peers.dedup();
    peers
}

/// A role's part of the configuration; none of a role that is no process.
pub(super) fn configured(config: &Config, role: Role) -> Option<&RoleConfig> {
    let roles = &config.roles;
    match role {
        Role::Dsp => Some(&roles.dsp),
        Role::S1sp => Some(&roles.s1sp),
        Role::Dco => Some(&roles.dco),
        Role::CommissioningParty => Some(&roles.commissioning_party),
        _ => None,
    }
}

/// As [`configured`], where it must be one.
pub(super) fn part_of(config: &Config, role: Role) -> Result<&RoleConfig, ServiceFault> {
    configured(config, role).ok_or_else(|| ServiceFault::Configuration {
        what: format!("the role {role} runs as no process"),
        suggestion: "name dsp, s1sp, dco or commissioning-party".to_owned(),
    })
}

/// The file that says where a role listens.
#[must_use]
pub fn address_file(store: &Path) -> PathBuf {
    store.with_extension("address")
}

/// What a process needs to open links.
#[derive(Clone)]
pub(super) struct Ways {
    pub(super) own: Arc<TlsIdentity>,
    pub(super) trusted: Arc<Trusted>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Ways {
    /// As a party opens them that is no role's process.
    pub(super) fn of(config: &Config, party: &str) -> Result<Ways, ServiceFault> {
        let dir = config.path(&config.pki.dir);
        Ok(Ways {
            own: Arc::new(pki::load_tls(&dir, party)?),
            trusted: Arc::new(Trusted::new(pki::load_trust(&dir)?)),
            clock: clock_of(config),
        })
    }

    /// The link to a role.
    pub(super) fn to(&self, config: &Config, role: Role) -> Result<Peer, ServiceFault> {
        let part = part_of(config, role)?;
        let links = &config.links;
        let fixed = match role {
            Role::Dsp => &links.dsp,
            Role::S1sp => &links.s1sp,
            Role::Dco => &links.dco,
            _ => &links.commissioning_party,
        };
        let at = match fixed {
            Some(url) => Address::Fixed(host_and_port(url)?),
            None => Address::File(address_file(&config.path(&part.store))),
        };
        let (trusted, clock) = (self.trusted.clone(), self.clock.clone());
        let check = PeerCheck::new(trusted, clock, vec![role], Some(part.party.clone()));
        Ok(Peer {
            role,
            name: part.party.clone(),
            at,
            transport: Transport::Tls(Arc::new(tls::client(&self.own, Arc::new(check))?)),
            patience: Duration::from_millis(links.patience_ms),
            line: None,
        })
    }
}

/// Host and port of an address, as links take them.
pub(crate) fn host_and_port(url: &str) -> Result<String, ServiceFault> {
    let rest = url.strip_prefix("https://").map(|rest| rest.trim_end_matches('/'));
    let fits =
        |rest: &&str| rest.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    rest.filter(fits).map(str::to_owned).ok_or_else(|| ServiceFault::Configuration {
        what: format!("{url:?} is no address of a service"),
        suggestion: "write https://HOST:PORT".to_owned(),
    })
}
