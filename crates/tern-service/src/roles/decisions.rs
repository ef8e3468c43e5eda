//! What a person decides on a stuck installation while the S1SP's role runs (`tern resolve`), at both ends of the link.
//!
//! It counts where it comes under the S1SP's own certificate: whoever holds that key may open its store too. Deciding makes the
//! decision durable and audited; what follows of it the role's own work takes up. It must never carry an order out itself.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tern_flow::Closing;
use tern_model::{Outcome, Role};

use super::ways::{Ways, address_file};
use crate::config::Config;
use crate::executor::{InstallationRecord, Lanes, Order, Returned, Running};
use crate::fault::ServiceFault;
use crate::links::client::{Peer, Sent};
use crate::links::server::Answer;
use crate::links::tls::Trusted;
use crate::opening::Workplace;
use crate::overview::Overview;
use crate::parties::{Party, S1sp};

/// How often one looks whether an installation has come to rest.
const LOOK: Duration = Duration::from_millis(50);
/// So often the role is asked whether it is there meanwhile.
const PRESENCE: Duration = Duration::from_secs(5);

/// As it crosses the link.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// The installation under its set, as [`InstallationRecord::key`] names it.
    migration: String,
    /// Who holds it now, where it is closed; none: what is in place is taken back again.
    closing: Option<Closing>,
}

/// Lanes on which nothing goes out.
struct Nowhere;

impl Lanes for Nowhere {
    fn submit(&mut self, _orders: Vec<Order>) -> Result<(), ServiceFault> {
        Ok(())
    }

    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault> {
        Ok(Vec::new())
    }
}

/// Makes a decision durable; the answer is how the installation ended, and nothing where it goes on.
pub(super) fn take(
    s1sp: &mut S1sp,
    config: &Config,
    trusted: &Trusted,
    decision: Decision,
) -> Result<Answer, ServiceFault> {
    let (shared, seal) = (s1sp.shared().clone(), s1sp.seal.clone());
    let signer = s1sp.signer().clone();
    let trust = || trusted.now();
    let store = s1sp.store();
    let mut place = Workplace { store, seal: &seal, signer: &signer, config, shared: &shared, trust: &trust };
    let mut ended: Option<Outcome> = None;
    let decided = place.with_executor(&mut Nowhere, &mut |executor| {
        ended = executor.decide(&decision.migration, decision.closing.clone())?;
        Ok(Running::default())
    });
    match decided {
        Ok(_) => Ok(Answer::json(&ended)),
        Err(fault @ ServiceFault::NotStuck(_)) => Ok(Answer::refusal(404, fault.to_string())),
        Err(fault) => Err(fault),
    }
}

/// The S1SP's role where it runs, as its operator reaches it.
pub struct RunningS1sp(Peer);

impl RunningS1sp {
    /// The role, where it runs; none where nobody answers, so that the stores are free.
    ///
    /// # Errors
    /// The configuration names an address that is none.
    pub fn find(config: &Config) -> Result<Option<RunningS1sp>, ServiceFault> {
        let part = &config.roles.s1sp;
        if config.links.s1sp.is_none() && !address_file(&config.path(&part.store)).exists() {
            return Ok(None);
        }
        let mut peer = Ways::of(config, &part.party)?.to(config, Role::S1sp)?;
        let there = peer.ask(("GET", "/"), Sent::Bytes(&[])).is_ok();
        Ok(there.then_some(RunningS1sp(peer)))
    }

    /// Hands a decision over, and waits until the installation is at rest.
    ///
    /// # Errors
    /// The role does not answer, or refuses; a store cannot be read. What was decided stands, and the role goes on with it.
    pub fn resolve(
        &mut self,
        overview: &Overview,
        record: &InstallationRecord,
        closing: Option<Closing>,
    ) -> Result<Outcome, ServiceFault> {
        let decision = Decision { migration: record.key(), closing };
        let body = serde_json::to_vec(&decision).map_err(ServiceFault::body)?;
        let said = self.0.ask(("POST", "/decisions"), Sent::Bytes(&body))?;
        if let Some(outcome) = serde_json::from_slice::<Option<Outcome>>(&said).map_err(ServiceFault::body)? {
            return Ok(outcome);
        }
        let mut asked = Instant::now();
        loop {
            if let Some(Some(outcome)) = overview.result(record.plan.set, record.plan.chf)? {
                return Ok(outcome);
            }
            if asked.elapsed() > PRESENCE {
                self.0.ask(("GET", "/"), Sent::Bytes(&[]))?;
                asked = Instant::now();
            }
            std::thread::sleep(LOOK);
        }
    }
}
