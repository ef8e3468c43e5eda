//! Viability Reports: what S1SP and DCO do alike with a judgement of their Required File Sets; and how findings are told in
//! them and in the DSP's validation file.
//!
//! This module must never let what is told grow beyond what can be signed: a set is refused entry by entry, however large it
//! is and however much is wrong with it.

use std::collections::BTreeMap;

use tern_model::{ChfIdentifier, Finding, Place};
use tern_rules::InstallationJudgement;
use tern_store::Put;
use tern_wire::migration::{FindingEntry, ReportInstallation, Validity};
use tern_wire::xml::Limits;

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
        let mut of_set_clauses: Vec<String> = of_set.iter().map(|f| f.clause.to_string()).collect();
        of_set_clauses.dedup();
        let mut telling = Telling::of(verdicts.installations.len());
        let mut result = Viability { entries: Vec::new(), invalid: BTreeMap::new(), puts: Vec::new() };
        for installation in &verdicts.installations {
            let kept = if whole && installation.is_clean() { keep(installation)? } else { None };
            let outcome = if kept.is_some() { Validity::Valid } else { Validity::Invalid };
            let own = installation.findings();
            let more: &[Finding] = match kept {
                Some(puts) => {
                    result.puts.extend(puts);
                    &[]
                }
                None => {
                    let clauses = clauses(installation).into_iter().chain(of_set_clauses.iter().cloned());
                    result.invalid.insert(installation.chf, clauses.collect());
                    &of_set
                }
            };
            let findings = telling.tell(own.iter().chain(more));
            result.entries.push(ReportInstallation { chf_identifier: installation.chf, outcome, findings });
        }
        Ok(result)
    }
}

/// So many findings are told of one installation; one more says how many there are beside them.
const TOLD_MAX: usize = 20;

/// What the entries of a file may take in all, in bytes: 7/8 of what can be signed.
const ROOM: usize = Limits::DEFAULT.max_bytes / 8 * 7;

/// What is kept free for each entry, in bytes: itself, and the finding that counts the rest.
const ENTRY: usize = 512;

/// What a tag, a text, or a character that the caps count like one takes of the room, in bytes.
const NODE: usize = Limits::DEFAULT.max_bytes / Limits::DEFAULT.max_nodes + 1;

/// What a finding takes beside its texts: 8 elements, 7 of them with text.
const FINDING: usize = 23 * NODE;

/// Tells findings in a file that must stay one that can be signed: the first few of each installation, as far as the room
/// of the whole file goes, shared among all its entries. What an entry leaves of its share is the next ones'.
pub(super) struct Telling {
    share: usize,
    room: usize,
}

impl Telling {
    /// For a file of so many entries.
    pub(super) fn of(installations: usize) -> Telling {
        Telling::within(ROOM, installations)
    }

    fn within(room: usize, installations: usize) -> Telling {
        Telling { share: (room / installations.max(1)).saturating_sub(ENTRY), room: 0 }
    }

    /// The next entry's findings: the first of them, and where that is not all, one more that says so.
    pub(super) fn tell<'a>(&mut self, findings: impl Iterator<Item = &'a Finding>) -> Vec<FindingEntry> {
        self.room = self.room.saturating_add(self.share);
        let mut findings = findings.peekable();
        let mut told = Vec::new();
        while let Some(finding) = findings.next_if(|_| told.len() < TOLD_MAX) {
            let entry = FindingEntry::from(finding);
            let Some(room) = self.room.checked_sub(size(&entry)) else {
                let rest = findings.count();
                told.push(untold(finding, rest + 1, told.len()));
                return told;
            };
            self.room = room;
            told.push(entry);
        }
        if let Some(first) = findings.next() {
            told.push(untold(first, findings.count() + 1, told.len()));
        }
        told
    }
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
        b'=' => NODE,
        b'&' | b'<' | b'>' | b'"' | b'\r' | b'\n' | b'\t' => 6,
        _ => 1,
    };
    FINDING + texts.into_iter().flat_map(str::bytes).map(of_byte).sum::<usize>()
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
    use jiff::Timestamp;
    use tern_model::{Digest, Eui64, Grade, GroupId, PartyId};
    use tern_wire::migration::{MigrationHeader, ViabilityReport};
    use tern_wire::{schema, xml};

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
        let tell = |count: usize| Telling::of(10).tell(vec![finding("x"); count].iter());
        assert_eq!(tell(0), []);
        assert_eq!(tell(20), vec![FindingEntry::from(&finding("x")); 20]);
        let many = tell(700);
        assert_eq!(many.len(), 21);
        assert_eq!(many[20].message.as_str(), "680 more findings of this installation are not told here");
        assert_eq!((many[20].clause.as_str(), many[20].found.as_str()), ("15.6", "700 findings"));
    }

    /// The caps at a 64th of their size: what fills them is written in no time.
    #[test]
    fn a_report_stays_within_the_caps_whatever_is_wrong_with_its_installations() {
        let limits = Limits { max_bytes: 1 << 20, max_nodes: Limits::DEFAULT.max_nodes / 64, ..Limits::DEFAULT };
        for text in ["x".repeat(100), "&".repeat(999), "=".repeat(999), "ä".repeat(999), String::new()] {
            for installations in [1, 30, 1_500] {
                let findings = vec![finding(&text); 30];
                let mut telling = Telling::within(ROOM / 64, installations);
                let entries = (0..installations as u64).map(|n| ReportInstallation {
                    chf_identifier: ChfIdentifier(Eui64(n)),
                    outcome: Validity::Invalid,
                    findings: telling.tell(findings.iter()),
                });
                let report = report(entries.collect());
                assert!(report.installations.iter().all(|i| {
                    let last = i.findings.last().map_or("", |f| f.message.as_str());
                    last == format!("{} more findings of this installation are not told here", 31 - i.findings.len())
                }));
                let written = schema::write(&report);
                let guarded = xml::guard("report", written.as_bytes(), &limits);
                assert!(guarded.is_ok(), "{installations} times {text:.10}: {:?}", guarded.err());
            }
        }
    }

    fn report(installations: Vec<ReportInstallation>) -> ViabilityReport {
        ViabilityReport {
            migration_header: MigrationHeader {
                requesting_party_id: PartyId(Eui64(1)),
                group_id: GroupId::EA,
                file_counter: 1,
                creation_date_time: Timestamp::UNIX_EPOCH,
                smets1_smso: PartyId(Eui64(2)),
            },
            migration_common_validation_file_digest: Digest([0; 32]),
            report_date_time: Timestamp::UNIX_EPOCH,
            installations,
        }
    }
}
