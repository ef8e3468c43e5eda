//! `tern demo`: everything once, from keys to commissioned meters, in a folder of its own. Each stage is the very code of the
//! verb of its name.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, GroupId, Outcome, Role};
use tern_rules::Rulebook;
use tern_service::config::{Config, FILE_NAME};
use tern_service::migrate::SetResult;
use tern_service::overview::Overview;
use tern_service::reports::Period;
use tern_service::requesting_party::{self, Counters, ExportFile, NotBuilt, Recipients, Request, Settings};
use tern_service::results::{Tally, Tallying, reasons};
use tern_service::set_files::SetFolder;
use tern_service::{System, pki};
use tern_wire::xml::Limits;
use tern_world::corpus::{Corpus, PlantedKind};
use tern_world::files::{self, Readers};
use tern_world::smso::{ExportFile as Exported, ExportOrder, Keys, export};

use super::corpus::{Order, invent};
use super::migrate::migrate;
use super::report;
use crate::context::{Configured, Context, absolute, file_failure, make_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count_cell, counted, good_cell};
use crate::outcomes;
use crate::output::Report;
use crate::progress::Stage;
use crate::values;

/// Watch signed and encrypted file sets become commissioned meters
///
/// Makes a key infrastructure, invents installations with planted defects and failing devices, exports and builds the file sets,
/// migrates them, and holds what was found against what was planted. Everything stays in the folder, with a tern.toml, so that
/// every other verb can be tried there. A folder that an earlier demo made is made anew.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(working, "tern demo", "tern demo ./try --installations 200 --seed 7"))]
pub struct Args {
    /// The folder to make
    #[arg(default_value = "tern-demo")]
    dir: PathBuf,
    /// How many installations
    #[arg(long, short = 'n', value_name = "NUMBER", default_value = "1000", value_parser = values::at_least_one)]
    installations: usize,
    /// The same seed gives the same installations
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many have devices that fail
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    faults: usize,
}

/// Tells a folder that a demo made, and may make anew.
const MARK: &str = ".tern-demo";
/// 5 %.
const DEFECTS_PERMILLE: usize = 50;

/// What came of it.
#[derive(Debug, Serialize)]
struct Told {
    dir: PathBuf,
    day: Date,
    seconds: f64,
    migrated_per_second: f64,
    outcomes: Vec<Tally>,
    planted: Vec<PlantedRow>,
    differences: Vec<Difference>,
    interrupted: bool,
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
struct Difference {
    chf_identifier: ChfIdentifier,
    planted: &'static str,
    ended: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let since = Instant::now();
        prepare(&self.dir)?;
        let configured = write_config(&self.dir)?;
        let now = configured.clock().now();
        let day = configured.clock().today();
        // Mark, name and time stand beside it.
        let room = context.output.look().width.saturating_sub(36).min(46);
        let say = |name: &str, what: &str, took: Duration| {
            context.output.say(&format!("  ▸ {name:<22} {what:<room$} {:>5.1} s", took.as_secs_f64()))
        };

        let stage = Stage::begin("key infrastructure", None);
        let parties = pki::init(&self.dir.join("pki"), None, now)?;
        say("key infrastructure", &counted(parties.len(), "organisation"), stage.end())?;

        let began = Instant::now();
        let order = Order {
            group: vec![GroupId::EA],
            installations: self.installations,
            seed: self.seed,
            defects: DEFECTS_PERMILLE,
            kinds: Vec::new(),
            faults: self.faults.min(self.installations / 4),
            day: Some(day),
        };
        let corpus = invent(&order, &self.dir.join("pki"), day, now)?;
        corpus.write(&self.dir)?;
        let planted = format!(
            "{}, {} planted",
            counted(self.installations, "installation"),
            counted(corpus.planted.len(), "deviation")
        );
        say("corpus", &planted, began.elapsed())?;

        let stage = Stage::begin("smso export", Some(self.installations));
        let exports = export_all(&self.dir, &corpus, now, &stage)?;
        say(
            "smso export",
            &format!("{}, keys encrypted to S1SP and DCO", counted(exports.len(), "file")),
            stage.end(),
        )?;

        let stage = Stage::begin("build", None);
        let sets = build(&self.dir, &exports, day, now)?;
        say("build", &format!("{} of {} files, signed", counted(sets.len(), "set"), sets.len() * 3), stage.end())?;

        let began = Instant::now();
        let (results, _, interrupted) = migrate(configured.clone(), &sets)?;
        let took = began.elapsed();
        let ended: usize = results.iter().map(|r| r.ended.count() - r.ended.count_of(None)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = ended as f64 / took.as_secs_f64();
        say("migrate", &format!("{}, {rate:.0}/s", counted(ended, "installation")), took)?;

        let told = self.tell(configured, &corpus, &results, Ran { day, since, rate, interrupted })?;
        context.output.show(&told)?;
        Ok(if interrupted { Exit::Interrupted } else { Exit::of_findings(told.differences.len()) })
    }

    fn tell(&self, configured: Configured, corpus: &Corpus, results: &[SetResult], ran: Ran) -> Result<Told, Failure> {
        let mut ended = Tallying::default();
        results.iter().for_each(|result| ended.append(&result.ended));
        let evidence = leave_evidence(&self.dir, &configured)?;
        let (planted, differences) = compare(corpus, &Overview::open(&configured.config)?, results)?;
        Ok(Told {
            dir: absolute(&self.dir),
            day: ran.day,
            seconds: ran.since.elapsed().as_secs_f64(),
            migrated_per_second: ran.rate,
            outcomes: ended.rows(),
            planted,
            differences,
            interrupted: ran.interrupted,
            evidence,
        })
    }
}

/// How the run went.
struct Ran {
    day: Date,
    since: Instant,
    rate: f64,
    interrupted: bool,
}

/// An empty folder of that name. One that an earlier demo made is emptied; any other is left alone.
fn prepare(dir: &Path) -> Result<(), Failure> {
    let cannot = |e: std::io::Error| file_failure("make anew", dir, &e);
    if dir.join(MARK).exists() {
        std::fs::remove_dir_all(dir).map_err(cannot)?;
    } else if dir.exists() && dir.read_dir().map_err(cannot)?.next().is_some() {
        let what = format!("{} is there, and no demo made it", dir.display());
        return Err(Failure::new(what, "name another folder: tern demo ./try"));
    }
    make_dir(dir)?;
    Ok(files::write(&dir.join(MARK), b"made by tern demo, and made anew by it\n", Readers::Anyone)?)
}

/// The demo's `tern.toml`: keys, facts, stores and devices beside it. Every key that is not here has its default.
fn write_config(dir: &Path) -> Result<Configured, Failure> {
    const TEXT: &str = "# Written by `tern demo`. Paths are relative to this file; `tern show-config` prints every key.

[pki]
dir = \"pki\"

[facts]
dir = \"facts\"

[world]
dir = \"world\"

[commissioning]
# Simulated devices answer at once: an answer that is lost need not be waited for long.
answer_timeout_ms = 500
";
    let path = dir.join(FILE_NAME);
    files::write(&path, TEXT.as_bytes(), Readers::Anyone)?;
    let config = Config::load(&path)?;
    Ok(Configured { file: Some(path), config })
}

/// The SMSOs' step: only here are device keys read.
fn export_all(dir: &Path, corpus: &Corpus, now: jiff::Timestamp, stage: &Stage) -> Result<Vec<Exported>, Failure> {
    let trust = pki::load_trust(&dir.join("pki"))?;
    let of = |role, name| pki::recipient(&trust, role, name, now);
    let (s1sp, dco) = (of(Role::S1sp, "s1sp")?, of(Role::Dco, "dco")?);
    let mut exports = Vec::new();
    for (smso, records) in &corpus.smsos {
        let signer = pki::load_signer(&dir.join("pki"), smso)?;
        let order = ExportOrder {
            reference: &now.strftime("%Y%m%d-%H%M%S").to_string(),
            at: now,
            schema: tern_rules::schema_version(Rulebook::published().on(tern_model::london_day(now))),
            size: 1000,
            signer: &signer,
            keys: Keys::Encrypted { s1sp: &s1sp, dco: &dco },
        };
        exports.extend(export(records, &order, &dir.join("exports"), &|| stage.advance(1))?);
    }
    Ok(exports)
}

/// The Requesting Party's step: it never sees a key.
fn build(dir: &Path, exports: &[Exported], day: Date, now: jiff::Timestamp) -> Result<Vec<SetFolder>, Failure> {
    let facts = tern_service::facts::load(&dir.join("facts"))?.facts;
    let trust = pki::load_trust(&dir.join("pki"))?;
    let signer = pki::load_signer(&dir.join("pki"), "requesting-party")?;
    let names: Vec<String> = exports.iter().map(|export| export.name.to_string()).collect();
    let files: Vec<_> = names.iter().zip(exports).map(|(name, e)| ExportFile { name, path: &e.path }).collect();
    let (mut counters, rulebook) = (Counters::default(), Rulebook::published());
    let request = Request {
        exports: &files,
        facts: &facts,
        trust: &trust,
        signer: &signer,
        day,
        now,
        books: rulebook.on(tern_model::london_day(now)),
        limits: &Limits::STREAM,
        settings: Settings {
            installations_max: NonZeroUsize::new(250).unwrap_or(NonZeroUsize::MIN),
            ..Settings::default()
        },
        out: dir,
        recipients: Recipients { s1sp: "s1sp", dco: "dco" },
        progress: &|_| {},
    };
    let built = requesting_party::build(&request, &mut counters).map_err(|not| match not {
        NotBuilt::Fault(fault) => Failure::from(fault),
        NotBuilt::Export(findings) => {
            let told = findings.iter().map(|f| format!("{}: {}", f.clause, f.message)).collect::<Vec<_>>().join("; ");
            Failure::new(format!("an export cannot be believed: {told}"), "run the demo again; if it stays, report it")
        }
    })?;
    requesting_party::write(&built, &counters, dir)?;
    Ok(SetFolder::find(&dir.join("sets"))?)
}

/// The reports and the parties' audit.
fn leave_evidence(dir: &Path, configured: &Configured) -> Result<Vec<String>, Failure> {
    report::write(configured, Some(dir.join("reports")), Period::default())?;
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
