//! What an execution brings about, in the DCC's fact records: notices, and what the SMSOs have configured. By them the sets of a
//! day are judged, as any set is.

use jiff::Timestamp;
use tern_model::facts::{Notice, SmsoConfiguration, SourceRow};
use tern_model::{ChfIdentifier, PartyId, Role};
use tern_wire::smki::{Trust, Usage};

use super::Execution;
use super::begin::Configuration;
use super::kept::{CONFIGURATION, NOTICE};
use super::notices::NoticeGiven;
use super::rows::put_rows;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::pki;

impl Execution {
    /// Writes the file of notices anew, with the rows of others as they are.
    pub(super) fn write_notices(&self, config: &Config) -> Result<(), ServiceFault> {
        let (row, day) = (SourceRow::default(), self.state.day);
        let given: Vec<(String, NoticeGiven)> = self.kept.all(NOTICE)?;
        let notice = |(_, given): (String, NoticeGiven)| Notice {
            row,
            chf: given.chf,
            supplier: given.supplier,
            kind: given.kind,
            issued: given.issued,
            earliest: given.earliest,
            state: given.state(day),
        };
        put_rows(&config.path(&config.facts.dir), &given.into_iter().map(notice).collect::<Vec<_>>())
    }

    /// Writes both files anew, with the rows of others as they are.
    pub(super) fn write_records(&self, config: &Config, now: Timestamp) -> Result<(), ServiceFault> {
        self.write_notices(config)?;
        let (facts, row) = (config.path(&config.facts.dir), SourceRow::default());
        let trust = pki::load_trust(&config.path(&config.pki.dir))?;
        let all: Vec<(String, Configuration)> = self.kept.all(CONFIGURATION)?;
        let mut rows = Vec::new();
        for (key, configuration) in all {
            let Some(done) = configuration.done else { continue };
            let chf: ChfIdentifier = key.parse().map_err(|_| ServiceFault::body(format!("{key} is no hub")))?;
            let smso = party_of(&trust, &self.smso_of(chf)?, now)?;
            rows.push(SmsoConfiguration { row, chf, smso, configured: done, tried: Some(done) });
        }
        put_rows(&facts, &rows)
    }
}

/// The identifier of an SMSO that an estate names.
pub(super) fn party_of(trust: &Trust, name: &str, now: Timestamp) -> Result<PartyId, ServiceFault> {
    let certificates = trust.usable(Role::Smso, None, Usage::Sign, now);
    let named = certificates.iter().find(|certificate| certificate.common_name() == name);
    named.map(|certificate| certificate.party()).ok_or_else(|| ServiceFault::Refused {
        what: format!("the estate names the SMSO `{name}`, and no SMSO of that name may sign on this day"),
        suggestion: "`tern pki show` lists the parties; `tern pki issue` makes one".to_owned(),
    })
}
