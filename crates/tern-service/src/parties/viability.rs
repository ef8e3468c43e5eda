//! Viability Reports: what S1SP and DCO do alike with a judgement of their Required File Sets.

use std::collections::BTreeMap;

use tern_model::ChfIdentifier;
use tern_rules::InstallationJudgement;
use tern_store::Put;
use tern_wire::migration::{FindingEntry, ReportInstallation, Validity};

use super::dsp::clauses;
use crate::fault::ServiceFault;
use crate::judging::Judgement;

/// A judgement as its report tells it, and what is kept of the viable installations.
pub(super) struct Viability {
    /// The report's entries.
    pub(super) entries: Vec<ReportInstallation>,
    /// Installations that are not viable, with the clauses.
    pub(super) invalid: BTreeMap<ChfIdentifier, Vec<String>>,
    /// Changes that keep what the party needs of the viable ones.
    pub(super) puts: Vec<Put>,
}

impl Viability {
    /// Goes through a judgement. An installation is viable where the set as a whole and it are clean, and `keep` finds
    /// everything that it needs.
    ///
    /// # Errors
    /// What `keep` says.
    pub(super) fn of(
        judgement: &Judgement,
        mut keep: impl FnMut(&InstallationJudgement) -> Result<Option<Vec<Put>>, ServiceFault>,
    ) -> Result<Viability, ServiceFault> {
        let verdicts = &judgement.verdicts;
        let whole = verdicts.set_is_clean();
        let of_set = verdicts.refusals();
        let mut result = Viability { entries: Vec::new(), invalid: BTreeMap::new(), puts: Vec::new() };
        for installation in &verdicts.installations {
            let kept = if whole && installation.is_clean() { keep(installation)? } else { None };
            let outcome = if kept.is_some() { Validity::Valid } else { Validity::Invalid };
            let mut findings = installation.findings();
            match kept {
                Some(puts) => result.puts.extend(puts),
                None => {
                    let of_set_clauses = of_set.iter().map(|f| f.clause.to_string());
                    result
                        .invalid
                        .insert(installation.chf, clauses(installation).into_iter().chain(of_set_clauses).collect());
                    findings.extend(of_set.iter().cloned());
                }
            }
            let findings = findings.iter().map(FindingEntry::from).collect();
            result.entries.push(ReportInstallation { chf_identifier: installation.chf, outcome, findings });
        }
        Ok(result)
    }
}
