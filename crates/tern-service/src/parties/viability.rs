//! Viability Reports: what S1SP and DCO do alike with a judgement of their Required File Sets; and how findings are told in
//! them and in the DSP's validation file.
//!
//! This module must never let what is told of one installation grow beyond what its receiver can read: a set is refused entry
//! by entry, however large it is and however much is wrong with it.

use tern_model::{Finding, Place};
use tern_rules::{InstallationJudgement, SetJudgement};
use tern_store::Put;
use tern_wire::migration::{FindingEntry, ReportInstallation, Validity, ViabilityReport};

use super::dsp::clauses;
use super::writing::Writing;
use crate::fault::ServiceFault;

/// How a set as a whole bears on each of its installations, for a viability report.
pub(super) struct Viability {
    /// Whether the set as a whole may go on.
    pub(super) whole: bool,
    of_set: Vec<Finding>,
    of_set_clauses: Vec<String>,
}

impl Viability {
    pub(super) fn of(set: &SetJudgement) -> Viability {
        let of_set = set.refusals();
        let mut of_set_clauses: Vec<String> = of_set.iter().map(|f| f.clause.to_string()).collect();
        of_set_clauses.dedup();
        Viability { whole: set.set_is_clean(), of_set, of_set_clauses }
    }

    /// Writes what the party says of an installation: viable, where it `kept` what it needs of it, and with these records of
    /// it; else refused.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn tell(
        &self,
        writing: &mut Writing<ViabilityReport>,
        installation: &InstallationJudgement,
        kept: Option<Vec<Put>>,
    ) -> Result<(), ServiceFault> {
        let outcome = if kept.is_some() { Validity::Valid } else { Validity::Invalid };
        let own = installation.findings();
        let more: &[Finding] = match kept {
            Some(puts) => {
                writing.keep(puts);
                &[]
            }
            None => {
                let clauses = clauses(installation).into_iter().chain(self.of_set_clauses.iter().cloned());
                writing.refuse(installation.chf, &clauses.collect::<Vec<_>>())?;
                &self.of_set
            }
        };
        let findings = told(own.iter().chain(more));
        writing.answer(&ReportInstallation { chf_identifier: installation.chf, outcome, findings })
    }
}

/// So many findings are told of one installation; one more says how many there are beside them.
const TOLD_MAX: usize = 20;

/// What a finding takes beside its texts: 8 elements, 7 of them with text.
const FINDING_BYTES: usize = 256;

/// What the findings of one entry may take, in bytes: an entry of a stream must stay one that can be read.
const ROOM: usize = 256 << 10;

/// The first findings of an installation, and where that is not all, one more that says so.
pub(super) fn told<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<FindingEntry> {
    let mut findings = findings.peekable();
    let (mut told, mut room) = (Vec::new(), ROOM);
    while let Some(finding) = findings.next_if(|_| told.len() < TOLD_MAX) {
        let entry = FindingEntry::from(finding);
        let Some(left) = room.checked_sub(size(&entry)) else {
            let rest = findings.count();
            told.push(untold(finding, rest + 1, told.len()));
            return told;
        };
        room = left;
        told.push(entry);
    }
    if let Some(first) = findings.next() {
        told.push(untold(first, findings.count() + 1, told.len()));
    }
    told
}

/// What a finding takes of the room at most.
fn size(entry: &FindingEntry) -> usize {
    let texts = [
        entry.clause.as_str(),
        entry.grade.as_str(),
        entry.place.as_str(),
        entry.message.as_str(),
        entry.found.as_str(),
        entry.expected.as_str(),
        entry.suggestion.as_str(),
    ];
    let of_byte = |byte: u8| match byte {
        b'&' | b'<' | b'>' | b'"' | b'\r' | b'\n' | b'\t' => 6,
        _ => 1,
    };
    FINDING_BYTES + texts.into_iter().flat_map(str::bytes).map(of_byte).sum::<usize>()
}

/// Stands for the findings that are not told, under the clause of the first of them.
fn untold(first: &Finding, count: usize, told: usize) -> FindingEntry {
    FindingEntry::from(&Finding {
        clause: first.clause.clone(),
        grade: first.grade,
        place: Place::default(),
        message: format!("{count} more findings of this installation are not told here"),
        found: format!("{} findings", told + count),
        expected: String::new(),
        suggestion: "mend what is told first, and send the installation in a new set".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use tern_model::Grade;

    use super::*;

    fn finding(text: &str) -> Finding {
        let text = text.to_owned();
        Finding {
            clause: "15.6".into(),
            grade: Grade::Stated,
            place: Place::document("MCF.xml"),
            message: text.clone(),
            found: text.clone(),
            expected: text.clone(),
            suggestion: text,
        }
    }

    #[test]
    fn twenty_findings_are_told_and_the_rest_is_counted() {
        let tell = |count: usize| told(vec![finding("x"); count].iter());
        assert_eq!(tell(0), []);
        assert_eq!(tell(20), vec![FindingEntry::from(&finding("x")); 20]);
        let many = tell(700);
        assert_eq!(many.len(), 21);
        assert_eq!(many[20].message.as_str(), "680 more findings of this installation are not told here");
        assert_eq!((many[20].clause.as_str(), many[20].found.as_str()), ("15.6", "700 findings"));
    }

    #[test]
    fn an_entry_stays_one_that_can_be_read_whatever_is_wrong_with_its_installation() {
        for text in ["x".repeat(100), "&".repeat(999), "=".repeat(999), "ä".repeat(999), String::new()] {
            let entry = ReportInstallation {
                chf_identifier: tern_model::ChfIdentifier(tern_model::Eui64(1)),
                outcome: Validity::Invalid,
                findings: told(vec![finding(&text); 30].iter()),
            };
            let last = entry.findings.last().map_or("", |f| f.message.as_str());
            let untold = 31 - entry.findings.len();
            assert_eq!(last, format!("{untold} more findings of this installation are not told here"), "{text:.10}");
            let report = tern_wire::migration::ViabilityReport { installations: vec![entry], ..empty() };
            let written = tern_wire::schema::write(&report).len();
            assert!(written < ROOM + 4_096, "{text:.10}: {written} bytes");
        }
    }

    fn empty() -> ViabilityReport {
        ViabilityReport {
            migration_header: tern_wire::migration::MigrationHeader {
                requesting_party_id: tern_model::PartyId(tern_model::Eui64(1)),
                group_id: tern_model::GroupId::EA,
                file_counter: 1,
                creation_date_time: jiff::Timestamp::UNIX_EPOCH,
                smets1_smso: tern_model::PartyId(tern_model::Eui64(2)),
            },
            migration_common_validation_file_digest: tern_model::Digest([0; 32]),
            report_date_time: jiff::Timestamp::UNIX_EPOCH,
            overlay: None,
            installations: Vec::new(),
        }
    }
}
