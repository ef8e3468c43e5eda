//! `tern submit`: a Requesting Party hands sets in at a service over the network. What it does is `tern_service`'s.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use tern_service::serve::{Errand, Submitter};
use tern_service::set_files::SetFolder;

use super::migrate::{Counts, Migrated};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::{Asides, Stage};

/// Hand sets in at a service over the network, wait for them, and fetch what became of them
///
/// Goes to the `tern serve` at an address, under the Requesting Party's certificate for TLS. Uploads that are cut go on where
/// they were; the same command again takes up an interrupted one, and of a set that was handed in before it fetches the result.
/// The Common Validation File and `outcomes_SET.csv` are laid beside each set, or where --results says.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(working, "tern submit sets --to https://10.0.0.1:7443", "tern submit sets/EA_42 --to https://10.0.0.1:7443 --results answers", "tern submit sets/EA_42/*.xml --to https://10.0.0.1:7443 --json"))]
pub struct Args {
    /// Folders with a set's files, or with such folders; or the files themselves
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The service's address
    #[arg(long, value_name = "URL")]
    to: String,
    /// The Requesting Party, as the key infrastructure names it; by default that of `links.party`
    #[arg(long = "as", value_name = "PARTY")]
    party: Option<String>,
    /// The folder for what the service answers
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let near = self.paths.first().map_or(Path::new("."), PathBuf::as_path);
        let configured = context.configured(if near.is_dir() { near } else { folder_of(near) })?;
        let sets = found(&self.paths)?;
        let stop = interrupt::stop_flag()?;
        let stage = Stage::begin("submit", Some(0));
        let asides = Asides::of("submit", &stage);
        let say = |words: &str| asides.say(words);
        let laid = self.results.as_ref().map_or("beside each set".to_owned(), |dir| format!("in {}", dir.display()));
        let errand = Errand { to: &self.to, party: self.party.as_deref(), results: self.results, say: &say };
        let mut submitter = Submitter::open(&configured.config, errand, &stop)?;
        let mut counts = Counts::of(sets.len());
        let results = submitter.submit(&sets, &mut |progress| counts.show(&stage, &progress))?;
        drop(stage);
        let fetched = results.iter().any(|result| result.installations > 0);
        let report = Migrated::of(results, &sets, (stop.load(Ordering::Acquire), Vec::new()));
        context.output.show(&report)?;
        if fetched {
            let words = format!("  Common Validation Files and outcomes are laid {laid}");
            context.output.say(&format!("\n{}", context.output.look().faint(&words)))?;
        }
        Ok(report.exit())
    }
}

/// The sets of what was named; files that lie together and are of one set are one.
fn found(paths: &[PathBuf]) -> Result<Vec<SetFolder>, Failure> {
    let (mut sets, mut files) = (Vec::new(), BTreeMap::new());
    for path in paths {
        if path.is_dir() {
            sets.extend(SetFolder::find(path)?);
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let one = SetFolder { dir: folder_of(path).to_owned(), names: vec![name.clone()] };
        let set = one.named().filter(|_| path.is_file()).ok_or_else(|| {
            let next = "name a folder, or files as `tern build` names them";
            Failure::new(format!("{} is no file of a set", path.display()), next)
        })?;
        files.entry((set, one.dir.clone())).or_insert(SetFolder { names: Vec::new(), ..one }).names.push(name);
    }
    sets.extend(files.into_values());
    Ok(sets)
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
