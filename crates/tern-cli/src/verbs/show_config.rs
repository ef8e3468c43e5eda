//! `tern show-config`: every key of the configuration with the value that is in force.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_service::config::{Config, FILE_NAME, REFERENCE};

use crate::context::{Configured, Context, absolute};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// Print every key of the configuration, with the value in force and what it is for
///
/// The output is a tern.toml. What differs from the default says so.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern show-config", "tern show-config tern-demo", "tern show-config > tern.toml"))]
pub struct Args {
    /// The folder worked on: the tern.toml in it, or in one above it
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// The configuration, and where it comes from.
#[derive(Debug, Serialize)]
struct InForce {
    /// None: every value is its default.
    file: Option<PathBuf>,
    /// The file says nothing.
    #[serde(skip)]
    empty: bool,
    config: Config,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if !self.dir.exists() {
            let what = format!("{} is not there", self.dir.display());
            return Err(Failure::new(what, "name a folder, or a file with --config"));
        }
        let Configured { file, config } = context.config_or_default(Path::new(&self.dir))?;
        let empty = file.as_deref().is_some_and(|path| path.metadata().is_ok_and(|about| about.len() == 0));
        context.output.show(&InForce { file: file.as_deref().map(absolute), empty, config })?;
        Ok(Exit::Clean)
    }
}

impl Report for InForce {
    /// What is printed is a tern.toml.
    const NOTE: &'static str = "# ";

    fn text(&self, look: &Look) -> String {
        let from = match &self.file {
            // `tern show-config > tern.toml`: the shell made the file, empty, before it was read.
            Some(_) if self.empty => "# Every value is its default.".to_owned(),
            Some(file) => format!("# In force, from {}", file.display()),
            None => format!("# There is no {FILE_NAME} here or above: every value is its default."),
        };
        format!("{}\n{}", look.faint(&from), annotated(&self.config, look))
    }
}

/// The reference with the values in force in the defaults' places.
fn annotated(config: &Config, look: &Look) -> String {
    let values = |config: &Config| toml::Table::try_from(config).unwrap_or_default();
    let (mut in_force, defaults) = (values(config), values(&Config::default()));
    let (mut lines, mut table) = (Vec::new(), Vec::new());
    for line in REFERENCE.trim_end().lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            leftovers(&mut lines, &mut in_force, &table, look);
            table = name.split('.').map(str::to_owned).collect();
            lines.push(look.strong(line));
        } else if let Some(key) = key_of(line) {
            lines.push(match take(&mut in_force, &table, key) {
                Some(value) => set(key, &value, find(&defaults, &table, key), look),
                None => look.faint(line),
            });
        } else {
            lines.push(look.faint(&comment(line, look)));
        }
    }
    leftovers(&mut lines, &mut in_force, &table, look);
    lines.join("\n")
}

/// Keys that the reference shows in another table only, such as a role's `seal`, go where the table ends.
fn leftovers(lines: &mut Vec<String>, in_force: &mut toml::Table, table: &[String], look: &Look) {
    let Some(rest) = table_of(in_force, table) else { return };
    let keys: Vec<String> = rest.iter().filter(|(_, value)| !value.is_table()).map(|(key, _)| key.clone()).collect();
    let blank = lines.iter().rposition(|line| line.contains('=')).map_or(lines.len(), |at| at + 1);
    for key in keys {
        if let Some(value) = take(in_force, table, &key) {
            lines.insert(blank, set(&key, &value, None, look));
        }
    }
}

/// A comment that is too long goes on below as one.
fn comment(line: &str, look: &Look) -> String {
    match line.strip_prefix("# ") {
        Some(words) if !look.fits(line) => format!("# {}", look.hanging(words, 2).replace("\n  ", "\n# ")),
        _ => line.to_owned(),
    }
}

/// The key of `key = value`, and of `# key = value`, an optional key's example.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.strip_prefix("# ").unwrap_or(line).split_once(" = ")?;
    key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_').then_some(key)
}

fn set(key: &str, value: &toml::Value, default: Option<&toml::Value>, look: &Look) -> String {
    match default {
        Some(default) if default == value => format!("{key} = {value}"),
        Some(default) => format!("{}  # default: {default}", look.strong(&format!("{key} = {value}"))),
        None => look.strong(&format!("{key} = {value}")),
    }
}

fn table_of<'a>(root: &'a mut toml::Table, path: &[String]) -> Option<&'a mut toml::Table> {
    path.iter().try_fold(root, |table, name| table.get_mut(name)?.as_table_mut())
}

fn take(root: &mut toml::Table, path: &[String], key: &str) -> Option<toml::Value> {
    table_of(root, path)?.remove(key)
}

fn find<'a>(root: &'a toml::Table, path: &[String], key: &str) -> Option<&'a toml::Value> {
    path.iter().try_fold(root, |table, name| table.get(name)?.as_table())?.get(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(changes: &str, expect: &[&str]) {
        let config: Config = toml::from_str(changes).expect("a configuration");
        let text = annotated(&config, &Look::plain());
        let back: Config = toml::from_str(&text).expect("what is printed is a tern.toml");
        assert_eq!(toml::to_string(&back).expect("writes"), toml::to_string(&config).expect("writes"), "{text}");
        for line in expect {
            assert!(text.lines().any(|l| l == *line), "{line} in:\n{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back_as_what_is_in_force() {
        check("", &["attempts = 3", "# start = \"2021-03-02T08:00:00Z\""]);
        check("[commissioning]\nattempts = 5\n", &["attempts = 5  # default: 3"]);
        check("[clock]\nstart = \"2020-12-01T08:00:00Z\"\n", &["start = \"2020-12-01T08:00:00Z\""]);
        check(
            "[roles.dsp]\nparty = \"dsp\"\nstore = \"a.sqlite\"\nseal = \"a.seal\"\n[rules]\nconstraints_kept = [\"x\"]\n",
            &["store = \"a.sqlite\"  # default: \"stores/dsp.sqlite\"", "seal = \"a.seal\""],
        );
    }
}
