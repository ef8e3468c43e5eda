//! `tern migrate`: takes sets in and commissions their installations. What it does is `tern_service`'s.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{Finding, OutcomeKind, Role};
use tern_service::System;
use tern_service::check::Checker;
use tern_service::migrate::{Progress, SetResult};
use tern_service::results::{Tally, Tallying};
use tern_service::roles::HandIn;
use tern_service::set_files::SetFolder;

use crate::context::{Configured, Context, Records, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count, counted};
use crate::output::Report;
use crate::progress::{Asides, Stage};
use crate::values::day;
use crate::{devices, findings, interrupt, outcomes};

/// Migrate installations: take file sets in, judge them, and commission what S1SP and DCO both find viable
///
/// Any number of sets, in the order of their counters. A set that was taken in before goes on where it stopped, or prints its
/// result. The Migration Common Validation File is laid beside each set. Ctrl-C finishes what is in flight and stops.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(working, "tern migrate tern-demo/sets", "tern migrate sets/EA_42 --dry-run", "tern migrate sets --as-of 2020-12-14", "tern migrate sets --roles", "tern migrate sets --json"))]
pub struct Args {
    /// A folder with a set's files, or with such folders
    dir: PathBuf,
    /// Judge as the DSP, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Hand the sets to roles that run as processes (`tern role`), and wait for them; devices are the S1SP's affair
    #[arg(long, conflicts_with = "dry_run")]
    roles: bool,
    /// The day that chooses the rule books and counts as planned migration day; by default today
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "roles")]
    as_of: Option<Date>,
}

/// What was migrated.
#[derive(Debug, Serialize)]
pub struct Migrated {
    sets: Vec<MigratedSet>,
    /// Where it was interrupted.
    not_begun: Vec<NotBegun>,
    /// Installations that this command did not see commissioned.
    #[serde(skip)]
    bad: usize,
    outcomes: Vec<Tally>,
    /// How often an installation is counted that an earlier set had brought.
    counted_again: usize,
    interrupted: bool,
    warnings: Vec<String>,
}

/// A set that an interrupted command left alone.
#[derive(Debug, Serialize)]
struct NotBegun {
    dir: PathBuf,
    set: Option<String>,
}

#[derive(Debug, Serialize)]
struct MigratedSet {
    dir: PathBuf,
    set: Option<String>,
    /// A set of this name was taken in before. Where this one is refused, that one stands.
    known: bool,
    /// There was nothing left to do: the result is told once more, and says nothing of this command.
    repeated: bool,
    /// Why the set as a whole was refused.
    refused: Vec<Finding>,
    installations: usize,
    /// Of them so many have not come to an end.
    open: usize,
    remarks: Vec<String>,
}

/// What a dry run says.
#[derive(Debug, Serialize)]
struct Judged {
    sets: Vec<JudgedSet>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct JudgedSet {
    dir: PathBuf,
    set: Option<String>,
    refused: Vec<Finding>,
    go_on: usize,
    refused_installations: usize,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.dir, "name the folder that holds the set's files, or one with such folders")?;
        let mut configured = context.configured(&self.dir)?;
        configured.config.as_of = self.as_of;
        if self.roles && context.overlay_file.is_some() {
            let what = "the roles judge under the overlay of their own tern.toml, and not under --overlay";
            return Err(Failure::new(what, "name it there as [rules] overlay, or give --overlay to each `tern role`"));
        }
        let sets = SetFolder::find(&self.dir)?;
        if self.dry_run {
            return dry_run(context, configured, &sets);
        }
        let (results, warnings, interrupted) =
            if self.roles { hand_in(&configured, &sets)? } else { migrate(configured, &sets)? };
        let report = Migrated::of(results, &sets, (interrupted, warnings));
        context.output.show(&report)?;
        Ok(report.exit())
    }
}

/// Migrates sets on a configured system, with a bar; also whether it was interrupted, and what the reader should know.
///
/// # Errors
/// The world failed.
pub fn migrate(configured: Configured, sets: &[SetFolder]) -> Result<(Vec<SetResult>, Vec<String>, bool), Failure> {
    let Records { facts, warnings } = configured.records()?;
    let stop = interrupt::stop_flag()?;
    // The stores first: whoever holds them holds the devices too.
    let mut system = System::open(configured.config.clone(), facts)?;
    let mut devices = devices::connect(&configured.config, &system.device_identity())?;
    let stage = Stage::begin("migrate", Some(0));
    let mut counts = Counts::of(sets.len());
    let results = system.migrate(sets, &mut devices.lines, &stop, &mut |progress| counts.show(&stage, &progress))?;
    let interrupted = stop.load(Ordering::Acquire);
    Ok((results, warnings, interrupted))
}

/// Hands sets to roles that run as processes, with a bar; also whether it was interrupted.
fn hand_in(configured: &Configured, sets: &[SetFolder]) -> Result<(Vec<SetResult>, Vec<String>, bool), Failure> {
    let stop = interrupt::stop_flag()?;
    let stage = Stage::begin("migrate", Some(0));
    let asides = Asides::of("migrate", &stage);
    let say = |words: &str| asides.say(words);
    let mut roles = HandIn::open(&configured.config, &say)?;
    let mut counts = Counts::of(sets.len());
    let results = roles.migrate(sets, &stop, &mut |progress| counts.show(&stage, &progress))?;
    Ok((results, Vec::new(), stop.load(Ordering::Acquire)))
}

/// What has been counted so far, for the bar.
#[derive(Default)]
pub struct Counts {
    /// Sets of this command, and how many of them are done with.
    sets: (usize, usize),
    installations: usize,
    refused: usize,
    rolled_back: usize,
    stuck: usize,
}

impl Counts {
    /// For so many sets.
    pub fn of(sets: usize) -> Counts {
        Counts { sets: (sets, 0), ..Counts::default() }
    }

    /// Counts what goes on, and shows it.
    pub fn show(&mut self, stage: &Stage, progress: &Progress<'_>) {
        let (mut done, mut rolled_back, mut stuck) = (self.installations, self.rolled_back, self.stuck);
        match progress {
            Progress::Judging(_) => {}
            Progress::TakenIn(installations) => stage.lengthen(*installations),
            Progress::Commissioning(running) => {
                let of = |kind| running.ended.get(&kind).copied().unwrap_or_default();
                done += running.ended.values().sum::<usize>();
                rolled_back += of(OutcomeKind::RolledBack);
                stuck += of(OutcomeKind::Stuck);
            }
            Progress::Done(result) => {
                self.sets.1 += 1;
                let of = |kind| result.ended.count_of(Some(kind));
                self.installations += result.ended.count();
                self.refused += of(OutcomeKind::Refused);
                self.rolled_back += of(OutcomeKind::RolledBack);
                self.stuck += of(OutcomeKind::Stuck);
                (done, rolled_back, stuck) = (self.installations, self.rolled_back, self.stuck);
            }
        }
        let beside = outcomes::beside_bar(self.refused, rolled_back, stuck);
        stage.reach(done);
        let (sets, done) = self.sets;
        let at = if sets > 1 { format!("set {} of {sets}  ", sets.min(done + 1)) } else { String::new() };
        stage.note(format!("{at}{beside}"));
    }
}

fn dry_run(context: &Context, configured: Configured, sets: &[SetFolder]) -> Result<Exit, Failure> {
    let Records { facts, warnings } = configured.records()?;
    let now = configured.clock().now();
    let checker = Checker::new(configured.config.clone(), facts, now, configured.config.as_of)?;
    let mut judged = Judged { sets: Vec::new(), warnings };
    for files in sets {
        let opened = checker.open(files)?;
        let verdicts = checker.check(&opened, Role::Dsp, &mut |_| {})?;
        let clean = if verdicts.set_is_clean() { verdicts.installations.clean() } else { 0 };
        judged.sets.push(JudgedSet {
            dir: files.dir.clone(),
            set: files.named().map(|s| s.to_string()),
            refused: verdicts.refusals(),
            go_on: clean,
            refused_installations: verdicts.installations.judged - clean,
        });
    }
    let bad: usize = judged.sets.iter().map(|s| s.refused.len() + s.refused_installations).sum();
    context.output.show(&judged)?;
    Ok(Exit::of_findings(bad))
}

impl From<SetResult> for MigratedSet {
    fn from(result: SetResult) -> MigratedSet {
        MigratedSet {
            dir: result.dir,
            set: result.set.map(|s| s.to_string()),
            known: result.known,
            repeated: result.repeated,
            refused: result.refused,
            installations: result.installations,
            open: result.ended.count_of(None),
            remarks: result.remarks,
        }
    }
}

impl Migrated {
    /// Of so many sets; those that were not begun are named.
    pub fn of(results: Vec<SetResult>, sets: &[SetFolder], (interrupted, warnings): (bool, Vec<String>)) -> Migrated {
        let not_begun = sets.iter().skip(results.len()).map(NotBegun::of).collect();
        // A set that lies in two folders is one set.
        let mut counted = BTreeSet::new();
        let results: Vec<_> = results
            .into_iter()
            .filter(|r| !r.refused.is_empty() || r.set.is_none_or(|set| counted.insert(set)))
            .collect();
        let mut ended = Tallying::default();
        let (mut bad, mut counted_again) = (0, 0);
        for result in &results {
            ended.append(&result.ended);
            counted_again += result.again;
            if !result.repeated {
                bad += result.ended.count() - result.ended.count_of(Some(OutcomeKind::Commissioned));
            }
        }
        Migrated {
            outcomes: ended.rows(),
            bad,
            counted_again,
            not_begun,
            sets: results.into_iter().map(MigratedSet::from).collect(),
            interrupted,
            warnings,
        }
    }

    /// How a command ends that says this.
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        Exit::of_findings(self.bad + self.sets.iter().map(|s| s.refused.len()).sum::<usize>())
    }
}

impl NotBegun {
    fn of(folder: &SetFolder) -> NotBegun {
        NotBegun { dir: folder.dir.clone(), set: folder.named().map(|set| set.to_string()) }
    }
}

/// As many sets that were not begun as a reader looks at; `--json` names all.
const NOT_BEGUN_SHOWN: usize = 5;

impl Report for Migrated {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        self.sets.iter().for_each(|set| lines.extend(set.lines(look)));
        let not_begun = self.not_begun.iter().take(NOT_BEGUN_SHOWN);
        lines.extend(not_begun.map(|left| format!("  · {}  not begun", named(left.set.as_deref(), &left.dir))));
        if let Some(more @ 1..) = self.not_begun.len().checked_sub(NOT_BEGUN_SHOWN) {
            lines.push(format!("  · and {} more, not begun", counted(more, "set")));
        }
        lines.push(String::new());
        lines.push(outcomes::table(&self.outcomes, look));
        let counts = self.outcomes.iter().map(|row| row.installations).sum();
        lines.extend(outcomes::several_sets(counts, self.counted_again, look));
        if outcomes::of(&self.outcomes, OutcomeKind::Stuck) > 0 {
            lines.push(format!("\n  {}", look.faint("`tern stuck` says what is known of those that are stuck")));
        }
        if self.interrupted {
            lines.push(format!("\n  {}", look.unsure("interrupted; the same command goes on where this one stopped")));
        }
        lines.join("\n")
    }
}

impl MigratedSet {
    /// What became of it, and why.
    fn lines(&self, look: &Look) -> Vec<String> {
        let name = named(self.set.as_deref(), &self.dir);
        let beside =
            |mark: &str, words: &str| format!("  {mark} {name}  {}", look.hanging(words, 6 + name.chars().count()));
        if !self.refused.is_empty() {
            let words = if self.known {
                format!(
                    "this copy in {} is refused; the set was taken in before and stands as it was",
                    self.dir.display()
                )
            } else {
                "the set is refused".to_owned()
            };
            let head = beside(&look.bad("✗"), &words);
            return std::iter::once(head).chain(self.refused.iter().map(|f| findings::text(f, look))).collect();
        }
        let mut words = counted(self.installations, "installation");
        match (self.repeated, self.known) {
            (true, _) => words.push_str(", migrated before: its result again"),
            (false, true) => words.push_str(", taken in before"),
            (false, false) => {}
        }
        let mark = if self.open > 0 {
            words.push_str(&format!(", {} of them open", count(self.open)));
            look.unsure("…")
        } else {
            look.good("✓")
        };
        let remarks = self.remarks.iter().map(|r| format!("    {} {}", look.unsure("!"), look.hanging(r, 6)));
        std::iter::once(beside(&mark, &words)).chain(remarks).collect()
    }
}

/// A set's name; its folder where its files do not say it.
fn named(set: Option<&str>, dir: &Path) -> String {
    set.map_or_else(|| dir.display().to_string(), str::to_owned)
}

impl Report for Judged {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        for set in &self.sets {
            let name = named(set.set.as_deref(), &set.dir);
            if set.refused.is_empty() {
                let (go, no) = (count(set.go_on), count(set.refused_installations));
                lines.push(format!(
                    "  {} {name}  {go} would go on to S1SP and DCO, {no} would be refused",
                    look.good("✓")
                ));
            } else {
                lines.push(format!("  {} {name}  the set would be refused", look.bad("✗")));
                lines.extend(set.refused.iter().map(|f| findings::text(f, look)));
            }
        }
        lines.push(format!(
            "\n  {}",
            look.faint("judged as the DSP, nothing was changed; `tern check DIR` says more of each")
        ));
        lines.join("\n")
    }
}
