//! What was planted in a demo's corpus, held against what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, Outcome};
use tern_service::System;
use tern_service::config::FILE_NAME;
use tern_service::migrate::SetResult;
use tern_service::overview::Overview;
use tern_service::reports::Period;
use tern_service::results::{Tally, Tallying, reasons};
use tern_world::corpus::{Corpus, PlantedKind};

use super::super::report;
use super::making::Made;
use crate::context::{Configured, absolute, file_failure};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count_cell, good_cell};
use crate::outcomes;
use crate::output::Report;

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    dir: PathBuf,
    day: Date,
    seconds: f64,
    migrated_per_second: f64,
    outcomes: Vec<Tally>,
    planted: Vec<PlantedRow>,
    pub(super) differences: Vec<Difference>,
    pub(super) interrupted: bool,
    evidence: Vec<String>,
}

/// One kind that was planted, and how many of it were found as such.
#[derive(Debug, Serialize)]
struct PlantedRow {
    kind: &'static str,
    expected: String,
    planted: usize,
    found: usize,
}

/// An installation that did not end as planted.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    chf_identifier: ChfIdentifier,
    planted: &'static str,
    ended: String,
}

impl Told {
    /// Leaves the evidence, and says what came of it.
    pub(super) fn of(dir: &Path, made: Made, since: Instant) -> Result<Told, Failure> {
        let mut ended = Tallying::default();
        made.results.iter().for_each(|result| ended.append(&result.ended));
        let evidence = leave_evidence(dir, &made.configured)?;
        let overview = Overview::open(&made.configured.config)?;
        let (planted, differences) = compare(&made.corpus, &overview, &made.results)?;
        Ok(Told {
            dir: absolute(dir),
            day: made.day,
            seconds: since.elapsed().as_secs_f64(),
            migrated_per_second: made.rate,
            outcomes: ended.rows(),
            planted,
            differences,
            interrupted: made.interrupted,
            evidence,
        })
    }
}

/// The reports and the parties' audit.
fn leave_evidence(dir: &Path, configured: &Configured) -> Result<Vec<String>, Failure> {
    report::write(configured, Some(dir.join("reports")), Period::default(), None)?;
    let mut system = System::open(configured.config.clone(), configured.records()?.facts)?;
    let path = dir.join("audit.log");
    let log = std::fs::File::create(&path).map_err(|e| file_failure("write", &path, &e))?;
    let mut log = std::io::BufWriter::new(log);
    system.audit_text(&mut log)?;
    std::io::Write::flush(&mut log).map_err(|e| file_failure("write", &path, &e))?;
    Ok(["sets/", "facts/", "stores/", "world/effects.log", "reports/", "audit.log", "planted.csv", FILE_NAME]
        .map(str::to_owned)
        .to_vec())
}

/// Holds what was found against what was planted: every planted installation ends as its kind says, every other one is
/// commissioned.
fn compare(
    corpus: &Corpus,
    overview: &Overview,
    results: &[SetResult],
) -> Result<(Vec<PlantedRow>, Vec<Difference>), Failure> {
    let mut rows: BTreeMap<(PlantedKind, &'static str), (usize, usize)> = BTreeMap::new();
    let mut differences = Vec::new();
    let planted: BTreeMap<_, _> = corpus.planted.iter().map(|p| (p.chf, (p.kind, p.code()))).collect();
    let mut untold: BTreeSet<ChfIdentifier> = corpus.devices.iter().map(|i| i.hub.chf).collect();
    let mut hold = |chf: ChfIdentifier, end: Option<&Outcome>| {
        let planted = planted.get(&chf).copied();
        let as_planted = end.is_some_and(|end| ends_as(planted, end));
        if let Some(planted) = planted {
            let row = rows.entry(planted).or_default();
            row.0 += 1;
            row.1 += usize::from(as_planted);
        }
        if !as_planted {
            differences.push(Difference {
                chf_identifier: chf,
                planted: planted.map_or("nothing", |(kind, _)| kind.as_str()),
                ended: end.map_or_else(|| "open".to_owned(), |e| format!("{} {}", e.kind(), reasons(e).join(" "))),
            });
        }
    };
    for set in results.iter().filter_map(|r| r.set) {
        for result in overview.results(set) {
            let (chf, end) = result?;
            if untold.remove(&chf) {
                hold(chf, end.as_ref());
            }
        }
    }
    untold.into_iter().for_each(|chf| hold(chf, None));
    let row = |((kind, code), (planted, found)): ((PlantedKind, &'static str), (usize, usize))| PlantedRow {
        kind: kind.as_str(),
        expected: format!("{} {code}", kind.outcome()).trim_end().to_owned(),
        planted,
        found,
    };
    Ok((rows.into_iter().map(row).collect(), differences))
}

/// Whether an end is the one that its kind foresees, for its reason and no other.
fn ends_as(planted: Option<(PlantedKind, &str)>, end: &Outcome) -> bool {
    let why = reasons(end);
    let expected: Vec<&str> = planted.map(|(_, code)| code).filter(|code| !code.is_empty()).into_iter().collect();
    let outcome = planted.map_or(tern_model::OutcomeKind::Commissioned, |(kind, _)| kind.outcome());
    end.kind() == outcome && why == expected
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let mut lines = vec![String::new(), outcomes::table(&self.outcomes, look), String::new()];
        let row = |p: &PlantedRow| {
            let found = if p.found == p.planted { good_cell(p.found) } else { bad_cell(p.found) };
            vec![cell(p.kind), cell(&p.expected), count_cell(p.planted), found]
        };
        lines.push(look.table(&["planted", "to end as", "planted", "found"], 1, self.planted.iter().map(row)));
        lines.push(String::new());
        let (planted, found): (usize, usize) =
            self.planted.iter().fold((0, 0), |(p, f), row| (p + row.planted, f + row.found));
        if self.differences.is_empty() {
            lines.push(format!(
                "  {} planted {planted} = found {found}; every other installation is commissioned",
                look.good("✓")
            ));
        } else {
            lines.push(format!("  {} planted {planted}, found {found}:", look.bad("✗")));
            for d in self.differences.iter().take(20) {
                lines.push(format!("      CHF {}: planted {}, ended {}", d.chf_identifier, d.planted, d.ended));
            }
        }
        lines.push(String::new());
        lines.push(look.paragraph(&format!("evidence in {}: {}", self.dir.display(), self.evidence.join("  ")), 2));
        let reports = self.dir.join("reports");
        lines.push(look.paragraph(&format!("reports for a browser and a spreadsheet in {}", reports.display()), 2));
        let example = self.dir.join("sets").join("EA_1");
        lines.push(look.faint(&format!(
            "  next: `tern check {}`  ·  `tern status {}`  ·  `tern duties {}`  ·  `tern explain 5.10.10`",
            example.display(),
            self.dir.display(),
            self.dir.display()
        )));
        lines.join("\n")
    }
}
