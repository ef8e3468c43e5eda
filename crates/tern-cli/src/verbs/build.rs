//! `tern build`: the Requesting Party's step. What it does is `tern_service::requesting_party`'s.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::civil::Date;
use serde::Serialize;
use tern_model::Finding;
use tern_service::pki;
use tern_service::requesting_party::{
    self, Built, Counters, ExportFile, NotBuilt, Progress, Recipients, Request, Settings, WithoutCertificate,
};
use tern_wire::migration::FileName;
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;

use super::pki::PkiDir;
use crate::context::{Context, file_failure, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::findings;
use crate::look::{Look, cell, count, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values;

/// Build migration file sets from SMSO exports, as the Requesting Party
///
/// Verifies the exports, adds the certificate IDs of the suppliers and network operators that are registered on the planned
/// day, and signs a Migration Common File, a Migration Group File and a Migration Group Encrypted File for each set. It passes
/// the encrypted keys on unopened and judges nothing. Keys in the clear, which EB and EC alone may be exported with (11.1), it
/// encrypts to the S1SP and to the DCO as it reads them; such an export must be its owner's alone to read. An installation that stands in several exports is put forward as the
/// newest has it. Counters rise from run to run: requesting-party-counters.json keeps the highest, beside tern.toml, or in the
/// folder of --out where there is no tern.toml.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern build",
    "tern build work/exports --facts work/facts --out work --day 2021-03-02 --pki pki"
))]
pub struct Args {
    /// Exports, or folders with exports
    #[arg(default_value = "exports")]
    exports: Vec<PathBuf>,
    /// The folder below which sets/ is written
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The planned migration day; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    day: Option<Date>,
    /// The most installations that one set holds
    #[arg(long, value_name = "NUMBER", default_value = "250")]
    size: NonZeroUsize,
    /// The first set's counter; by default the one after the highest that was used
    #[arg(long, value_name = "NUMBER")]
    counter: Option<std::num::NonZeroU64>,
    /// What becomes of an installation whose registered supplier has no certificate
    #[arg(long, value_name = "WHAT", value_enum, default_value = "null")]
    without_certificate: Lacking,
    /// The Requesting Party's name in the key infrastructure
    #[arg(long = "as", value_name = "NAME", default_value = "requesting-party")]
    party: String,
    /// The folder with the fact records; by default tern.toml's, or ./facts
    #[arg(long, value_name = "DIR")]
    facts: Option<PathBuf>,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lacking {
    /// Its meter bears the Null Certificate ID
    Null,
    /// It is left out, for another time
    LeaveOut,
}

/// A file with its name.
struct Export {
    name: String,
    path: PathBuf,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let exports = read(&self.exports)?;
        let (pki_dir, clock) = (configured.pki_dir(self.pki.dir.clone()), configured.clock());
        let facts = tern_service::facts::load(&configured.dir(self.facts.clone(), &configured.config.facts.dir))?;
        let (trust, signer) = (pki::load_trust(&pki_dir)?, pki::load_signer(&pki_dir, &self.party)?);
        // They are the Requesting Party's, wherever its sets go.
        let counters_dir = if configured.file.is_some() { &configured.config.root } else { &self.out };
        let used = self.used(counters_dir)?;
        let mut counters = self.counters(&used, &exports, &signer);
        let files: Vec<_> = exports.iter().map(|e| ExportFile { name: &e.name, path: &e.path }).collect();
        let without_certificate = match self.without_certificate {
            Lacking::Null => WithoutCertificate::NullCertificateId,
            Lacking::LeaveOut => WithoutCertificate::LeaveOut,
        };
        let roles = &configured.config.roles;
        let told = Told::begin(files.len());
        let request = Request {
            exports: &files,
            facts: &facts.facts,
            trust: &trust,
            signer: &signer,
            day: self.day.unwrap_or_else(|| clock.today()),
            now: clock.now(),
            books: configured.config.rulebook.on(clock.today()),
            limits: &Limits::STREAM,
            settings: Settings { installations_max: self.size, without_certificate },
            out: &self.out,
            recipients: Recipients { s1sp: &roles.s1sp.party, dco: &roles.dco.party },
            progress: &|progress| told.hear(progress),
        };
        let built = requesting_party::build(&request, &mut counters);
        drop(told);
        match built {
            Err(NotBuilt::Fault(fault)) => Err(fault.into()),
            Err(NotBuilt::Export(findings)) => {
                context.output.show(&Refused { findings })?;
                Ok(Exit::Findings)
            }
            Ok(built) => {
                counters.raise(&used);
                let folders = requesting_party::write(&built, &counters, counters_dir)?;
                let fact_faults = facts.faults.iter().map(ToString::to_string).collect();
                let mut sets = Sets::of(&built, folders, fact_faults);
                sets.keep_remarks(&self.out)?;
                context.output.show(&sets)?;
                Ok(Exit::Clean)
            }
        }
    }

    /// The counters used so far, in `--out` too: a configuration may have come later than the first sets.
    fn used(&self, dir: &Path) -> Result<Counters, Failure> {
        let mut used = Counters::load(dir)?;
        used.raise(&Counters::load(&self.out)?);
        Ok(used)
    }

    fn counters(&self, used: &Counters, exports: &[Export], signer: &Signer) -> Counters {
        let mut counters = used.clone();
        if let Some(counter) = self.counter {
            for export in exports {
                if let Ok(FileName::Export { group, .. }) = export.name.parse() {
                    counters.set_next(signer.certificate().party(), group, counter.get());
                }
            }
        }
        counters
    }
}

/// Every file that was named, and every XML file of a folder that was, by name.
fn read(paths: &[PathBuf]) -> Result<Vec<Export>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|error| file_failure("read the folder", path, &error))?;
            let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            found.retain(|file| file.extension().is_some_and(|extension| extension == "xml"));
            found.sort();
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let what =
            format!("no export in {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "));
        return Err(Failure::new(what, "`tern smso export` makes them"));
    }
    let one = |path: PathBuf| {
        std::fs::File::open(&path).map_err(|error| file_failure("read the export", &path, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Export { name, path })
    };
    files.into_iter().map(one).collect()
}

/// Two stages: the exports are verified, then their installations are put into sets.
struct Told {
    stage: RefCell<Stage>,
    exports: Cell<usize>,
    installations: Cell<usize>,
}

impl Told {
    fn begin(exports: usize) -> Told {
        let stage = RefCell::new(Stage::begin("verify exports", Some(exports)));
        Told { stage, exports: Cell::new(exports), installations: Cell::new(0) }
    }

    fn hear(&self, progress: Progress) {
        match progress {
            Progress::Verified(installations) => {
                self.stage.borrow().advance(1);
                self.exports.set(self.exports.get().saturating_sub(1));
                self.installations.set(self.installations.get() + installations);
                if self.exports.get() == 0 {
                    self.stage.replace(Stage::begin("build", Some(self.installations.get())));
                }
            }
            Progress::Done(installations) => self.stage.borrow().advance(installations),
        }
    }
}

/// Exports that cannot be believed.
#[derive(Debug, Serialize)]
struct Refused {
    findings: Vec<Finding>,
}

impl Report for Refused {
    fn text(&self, look: &Look) -> String {
        let mut parts: Vec<String> = self.findings.iter().map(|finding| findings::text(finding, look)).collect();
        parts.push(format!("  nothing was built: {} in the exports", counted(self.findings.len(), "finding")));
        parts.join("\n\n")
    }
}

#[derive(Debug, Serialize)]
struct Sets {
    sets: Vec<Set>,
    remarks: Vec<Remark>,
    /// Rows of fact records that were not used.
    fact_faults: Vec<String>,
    /// Where all remarks and faults are kept, where the text does not tell them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks_file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Set {
    folder: PathBuf,
    counter: u64,
    installations: usize,
}

#[derive(Debug, Serialize)]
struct Remark {
    /// None: an export is spoken of.
    chf: Option<tern_model::ChfIdentifier>,
    text: String,
}

impl Remark {
    fn line(&self) -> String {
        match self.chf {
            Some(chf) => format!("CHF {chf}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

impl Sets {
    fn of(built: &Built, folders: Vec<PathBuf>, fact_faults: Vec<String>) -> Sets {
        let set = |(set, folder): (&requesting_party::BuiltSet, PathBuf)| Set {
            folder: shown(&folder).to_owned(),
            counter: set.id.counter,
            installations: set.installations,
        };
        let remark = |remark: &requesting_party::Remark| Remark { chf: remark.chf, text: remark.text.clone() };
        Sets {
            sets: built.sets.iter().zip(folders).map(set).collect(),
            remarks: built.remarks.iter().map(remark).collect(),
            fact_faults,
            remarks_file: None,
        }
    }

    /// Writes every remark into a file, a line each, where there are more than are shown: to build once more would make other
    /// sets. Its name is the first set's, so that the next build leaves it alone.
    fn keep_remarks(&mut self, out: &Path) -> Result<(), Failure> {
        if self.remarks.len().max(self.fact_faults.len()) <= REMARKS_SHOWN {
            return Ok(());
        }
        let first = self.sets.first().and_then(|set| set.folder.file_name());
        let name = first.map_or_else(|| "none".into(), |name| name.to_string_lossy());
        let path = out.join(format!("build-remarks-{name}.txt"));
        let remarks = self.remarks.iter().map(|remark| format!("{}\n", remark.line()));
        let faults = self.fact_faults.iter().map(|fault| format!("{NOT_USED}{fault}\n"));
        let text: String = remarks.chain(faults).collect();
        std::fs::write(&path, text).map_err(|error| file_failure("write the remarks", &path, &error))?;
        self.remarks_file = Some(shown(&path).to_owned());
        Ok(())
    }
}

/// As many remarks of a kind as a reader looks at.
const REMARKS_SHOWN: usize = 5;

/// What stands before the row of a fact record.
const NOT_USED: &str = "fact record not used: ";

impl Report for Sets {
    fn text(&self, look: &Look) -> String {
        let installations = self.sets.iter().map(|set| set.installations).sum();
        let (sets, installations) = (counted(self.sets.len(), "set"), counted(installations, "installation"));
        let rows = self.sets.iter().map(|set| vec![cell(set.folder.display()), count_cell(set.installations)]);
        let mut parts = vec![format!("{} {sets} with {installations}", look.good("built"))];
        parts.push(look.table(&["set", "installations"], 0, rows));
        let remarks: Vec<String> = self.remarks.iter().map(Remark::line).collect();
        parts.extend(self.notes("", &remarks, look));
        parts.extend(self.notes(NOT_USED, &self.fact_faults, look));
        if let Some(set) = self.sets.first() {
            let (one, all) = (set.folder.display(), set.folder.parent().unwrap_or(Path::new(".")).display());
            let next = format!("next: `tern check {one}` judges a set, `tern migrate {all}` migrates all");
            parts.extend([String::new(), look.faint(&look.paragraph(&next, 2))]);
        }
        parts.join("\n")
    }
}

impl Sets {
    /// The first few lines of a list, and where the others are.
    fn notes(&self, what: &str, lines: &[String], look: &Look) -> Vec<String> {
        let line = |line: &String| format!("  {} {}", look.unsure("!"), look.hanging(&format!("{what}{line}"), 4));
        let mut parts: Vec<String> = lines.iter().take(REMARKS_SHOWN).map(line).collect();
        if !lines.is_empty() {
            parts.insert(0, String::new());
        }
        if let (Some(more @ 1..), Some(file)) = (lines.len().checked_sub(REMARKS_SHOWN), &self.remarks_file) {
            parts.push(look.paragraph(&format!("and {} more: {} has all", count(more), file.display()), 4));
        }
        parts
    }
}
