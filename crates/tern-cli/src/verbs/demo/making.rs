//! From an empty folder to commissioned meters, in stages, each the very code of the verb of its name.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use tern_model::Role;
use tern_rules::Rulebook;
use tern_service::config::{Config, FILE_NAME};
use tern_service::migrate::SetResult;
use tern_service::pki;
use tern_service::requesting_party::{self, Counters, ExportFile, NotBuilt, Recipients, Request, Settings};
use tern_service::set_files::SetFolder;
use tern_wire::xml::Limits;
use tern_world::corpus::Corpus;
use tern_world::files::{self, Readers};
use tern_world::smso::{ExportFile as Exported, ExportOrder, Keys, export};

use super::super::corpus::{Order, invent};
use super::super::migrate::migrate;
use crate::context::{Configured, Context, file_failure, make_dir};
use crate::failure::Failure;
use crate::look::counted;
use crate::progress::Stage;

/// Tells a folder that a demo made, and may make anew.
const MARK: &str = ".tern-demo";

/// What was made.
pub(super) struct Made {
    pub(super) configured: Configured,
    pub(super) corpus: Corpus,
    pub(super) results: Vec<SetResult>,
    pub(super) interrupted: bool,
    pub(super) day: Date,
    /// Installations a second, as far as they came to an end.
    pub(super) rate: f64,
}

/// Makes a folder with everything in it; `more` stands at the end of its `tern.toml`.
///
/// # Errors
/// The folder is not a demo's, or a stage failed.
pub(super) fn make(context: &Context, dir: &Path, order: Order, more: &str) -> Result<Made, Failure> {
    prepare(dir)?;
    let configured = write_config(dir, more)?;
    let now = configured.clock().now();
    let day = configured.clock().today();
    let installations = order.installations;
    // Mark, name and time stand beside it.
    let room = context.output.look().width.saturating_sub(36).min(46);
    let say = |name: &str, what: &str, took: Duration| {
        context.output.say(&format!("  ▸ {name:<22} {what:<room$} {:>5.1} s", took.as_secs_f64()))
    };

    let stage = Stage::begin("key infrastructure", None);
    let parties = pki::init(&dir.join("pki"), None, now)?;
    say("key infrastructure", &counted(parties.len(), "organisation"), stage.end())?;

    let began = Instant::now();
    let corpus = invent(&Order { day: Some(day), ..order }, &dir.join("pki"), day, now)?;
    corpus.write(dir)?;
    let planted =
        format!("{}, {} planted", counted(installations, "installation"), counted(corpus.planted.len(), "deviation"));
    say("corpus", &planted, began.elapsed())?;

    let stage = Stage::begin("smso export", Some(installations));
    let exports = export_all(dir, &corpus, now, &stage)?;
    say("smso export", &format!("{}, keys encrypted to S1SP and DCO", counted(exports.len(), "file")), stage.end())?;

    let stage = Stage::begin("build", None);
    let sets = build(dir, &exports, day, now)?;
    say("build", &format!("{} of {} files, signed", counted(sets.len(), "set"), sets.len() * 3), stage.end())?;

    let began = Instant::now();
    let (results, _, interrupted) = migrate(configured.clone(), &sets)?;
    let took = began.elapsed();
    let ended: usize = results.iter().map(|r| r.ended.count() - r.ended.count_of(None)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = ended as f64 / took.as_secs_f64();
    say("migrate", &format!("{}, {rate:.0}/s", counted(ended, "installation")), took)?;
    Ok(Made { configured, corpus, results, interrupted, day, rate })
}

/// An empty folder of that name. One that an earlier demo made is emptied; any other is left alone.
fn prepare(dir: &Path) -> Result<(), Failure> {
    let cannot = |e: std::io::Error| file_failure("make anew", dir, &e);
    if dir.join(super::sandbox::MARK).exists() {
        let what = format!("{} is a sandbox, and what was done in it would be gone", dir.display());
        return Err(Failure::new(
            what,
            "go on with it: `tern demo --serve`; or name another folder: `tern demo ./try`",
        ));
    }
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
fn write_config(dir: &Path, more: &str) -> Result<Configured, Failure> {
    const TEXT: &str = "# Written by `tern demo`. Paths are relative to this file; `tern show-config` prints every key.

[pki]
dir = \"pki\"

[facts]
dir = \"facts\"

[world]
dir = \"world\"
";
    let path = dir.join(FILE_NAME);
    files::write(&path, format!("{TEXT}{more}").as_bytes(), Readers::Anyone)?;
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
