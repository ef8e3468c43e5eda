//! What every verb is given: where to print, which configuration holds, and what time it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tern_service::clock::Clock;
use tern_service::config::{Config, FILE_NAME};
use tern_service::facts::FactsIndex;
use tern_service::{ServiceFault, clock_of};

use crate::failure::Failure;
use crate::output::Output;

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where it prints.
    pub output: Output,
    /// `--config`
    pub config_file: Option<PathBuf>,
    /// `--overlay`
    pub overlay_file: Option<PathBuf>,
}

/// A configuration, and the file that it came from.
#[derive(Debug, Clone)]
pub struct Configured {
    /// None: there is no file, and every value is its default.
    pub file: Option<PathBuf>,
    /// The values.
    pub config: Config,
}

impl Context {
    /// The configuration of `--config`, else of the `tern.toml` in `near` or above it.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn configured(&self, near: &Path) -> Result<Configured, Failure> {
        let configured = self.config_or_default(near)?;
        if configured.file.is_some() {
            return Ok(configured);
        }
        let what = format!("no {FILE_NAME} in {} or above it", absolute(near).display());
        Err(Failure::new(
            what,
            "name one with --config; `tern show-config > tern.toml` writes one, `tern demo` leaves one",
        ))
    }

    /// As [`Context::configured`], with the defaults where there is no file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn config_or_default(&self, near: &Path) -> Result<Configured, Failure> {
        let near = if near.exists() { near } else { Path::new(".") };
        let file = self.config_file.clone().or_else(|| Config::find(near));
        let config = match (&file, &self.overlay_file) {
            (Some(path), None) => Config::load(path)?,
            (Some(path), Some(overlay)) => Config::without_overlay(path)?.under(overlay)?,
            (None, Some(overlay)) => Config::default().under(overlay)?,
            (None, None) => Config::default(),
        };
        self.output.name(config.rulebook.overlay_name());
        Ok(Configured { file, config })
    }
}

/// The DCC's records, as a verb goes by them.
#[derive(Debug)]
pub struct Records {
    /// Every good row.
    pub facts: FactsIndex,
    /// What is to be said of the others.
    pub warnings: Vec<String>,
}

impl Configured {
    /// The DCC's records.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn records(&self) -> Result<Records, Failure> {
        let loaded = tern_service::facts::load(&self.config.path(&self.config.facts.dir))?;
        let warnings = loaded.faults.iter().map(ToString::to_string).collect();
        Ok(Records { facts: loaded.facts, warnings })
    }

    /// The same configuration under the published rules.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn without_overlay(&self) -> Result<Config, Failure> {
        Ok(self.file.as_deref().map(Config::without_overlay).transpose()?.unwrap_or_default())
    }

    /// The folder of the key infrastructure: what was given, else what is configured.
    pub fn pki_dir(&self, given: Option<PathBuf>) -> PathBuf {
        self.dir(given, &self.config.pki.dir)
    }

    /// A folder that was given, else the one that is configured; the latter is relative to the file.
    pub fn dir(&self, given: Option<PathBuf>, configured: &Path) -> PathBuf {
        given.unwrap_or_else(|| self.config.path(configured))
    }

    /// The clock, real or virtual.
    pub fn clock(&self) -> Arc<dyn Clock> {
        clock_of(&self.config)
    }
}

/// Makes a folder and those above it.
pub fn make_dir(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|error| file_failure("make the folder", dir, &error))
}

/// Refuses a folder that is not there; `next` says what makes it.
pub fn need_dir(dir: &Path, next: &str) -> Result<(), Failure> {
    if dir.is_dir() { Ok(()) } else { Err(Failure::new(format!("{} is no folder", dir.display()), next)) }
}

/// A file that the system refuses.
pub fn file_failure(doing: &'static str, path: &Path, error: &std::io::Error) -> Failure {
    ServiceFault::file(doing, path, error).into()
}

/// A path as a reader here would type it.
pub fn shown(path: &Path) -> &Path {
    match path.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest,
        _ => path,
    }
}

/// A path as a reader elsewhere would need it.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
