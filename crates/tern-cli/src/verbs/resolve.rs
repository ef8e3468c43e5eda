//! `tern resolve`: the way out of stuck.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use tern_flow::Closing;
use tern_model::{ChfIdentifier, Holder, Outcome, OutcomeKind};
use tern_service::System;
use tern_service::executor::InstallationRecord;
use tern_service::overview::Overview;
use tern_service::results::reasons;
use tern_service::roles::RunningS1sp;

use crate::context::{Configured, Context, Records};
use crate::devices::{self, Devices};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;

/// Take a stuck installation up again, or close it with evidence
///
/// Asks every device again what is in place and takes back what is, from the last row on. With --close nothing is asked: a person
/// says who holds the installation, and the evidence goes into the audit. Where the S1SP's role runs (`tern role s1sp`), the
/// decision goes to it, under the S1SP's own certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern resolve 00-DB-12-53-80-00-00-01",
    "tern resolve --all --in tern-demo",
    "tern resolve 00-DB-12-53-80-00-00-01 --close smso --evidence \"site visit 4711, hub replaced\""
))]
pub struct Args {
    /// The installation
    #[arg(required_unless_present = "all")]
    chf: Option<ChfIdentifier>,
    /// Every installation that is stuck
    #[arg(long, conflicts_with_all = ["chf", "close"])]
    all: bool,
    /// Close it: who holds the installation now
    #[arg(long, value_name = "HOLDER", value_enum, requires = "evidence")]
    close: Option<HeldBy>,
    /// What supports that
    #[arg(long, value_name = "TEXT", requires = "close")]
    evidence: Option<String>,
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum HeldBy {
    /// The SMETS1 SMSO
    Smso,
    /// The DCC
    Dcc,
}

/// What stands behind all of it.
#[derive(Debug, Serialize)]
struct Tail {
    /// Of fact records that could not be used.
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct One {
    migration: String,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        let mut stuck = Vec::new();
        for one in overview.stuck() {
            let record = one?;
            if self.chf.is_none_or(|chf| record.plan.chf == chf) {
                stuck.push(record);
            }
        }
        if let (Some(chf), true) = (self.chf, stuck.is_empty()) {
            return Err(Failure::new(format!("CHF {chf} is not stuck"), "`tern stuck` lists those that are"));
        }
        let closing = self.close.map(|held_by| Closing {
            held_by: match held_by {
                HeldBy::Smso => Holder::Smso,
                HeldBy::Dcc => Holder::Dcc,
            },
            evidence: self.evidence.unwrap_or_default(),
        });
        if closing.as_ref().is_some_and(|c| c.evidence.trim().is_empty()) {
            return Err(Failure::new(
                "the evidence is empty",
                "say what supports it, for example --evidence \"site visit 4711\"",
            ));
        }
        let (mut way, warnings) = Way::open(&configured)?;
        let mut out = context.output.stream();
        let look = out.look();
        out.text(|| look.warnings(&warnings));
        out.open("{\"resolved\":[", "]}");
        if stuck.is_empty() {
            out.text(|| vec![format!("  {} no installation is stuck", look.good("✓"))]);
        }
        let mut left = 0;
        for record in stuck {
            let outcome = way.resolve(&overview, &record, closing.clone())?;
            left += usize::from(outcome.kind() == OutcomeKind::Stuck);
            let one = One { migration: record.key(), outcome };
            out.item(&one)?;
            out.text(|| vec![one.line(&look)]);
        }
        out.close_object(&Tail { warnings })?;
        out.end()?;
        Ok(Exit::of_findings(left))
    }
}

/// Who carries a decision out.
enum Way {
    /// The S1SP's role, which runs.
    Role(Box<RunningS1sp>),
    /// This command, with every store and the devices to itself.
    Here(Box<(System, Devices)>),
}

impl Way {
    /// The way, and what is to be said of the fact records where this command itself goes by them.
    fn open(configured: &Configured) -> Result<(Way, Vec<String>), Failure> {
        let config = &configured.config;
        if let Some(running) = RunningS1sp::find(config)? {
            return Ok((Way::Role(Box::new(running)), Vec::new()));
        }
        let Records { facts, warnings } = configured.records()?;
        // The stores first: whoever holds them holds the devices too.
        let system = System::open(config.clone(), facts)?;
        let devices = devices::connect(config, &system.device_identity())?;
        Ok((Way::Here(Box::new((system, devices))), warnings))
    }

    fn resolve(
        &mut self,
        overview: &Overview,
        record: &InstallationRecord,
        closing: Option<Closing>,
    ) -> Result<Outcome, Failure> {
        Ok(match self {
            Way::Role(running) => running.resolve(overview, record, closing)?,
            Way::Here(all) => all.0.resolve(&record.key(), closing, &mut all.1.lines)?,
        })
    }
}

impl One {
    fn line(&self, look: &Look) -> String {
        match &self.outcome {
            outcome @ Outcome::Stuck { .. } => {
                let why = reasons(outcome).join(", ");
                format!("  {} {}  still stuck at {why}; `tern stuck` says what is known", look.bad("✗"), self.migration)
            }
            Outcome::RolledBack { .. } => {
                format!("  {} {}  wholly with the SMSO again", look.good("✓"), self.migration)
            }
            Outcome::Closed { held_by } => {
                format!("  {} {}  closed, held by {held_by}", look.good("✓"), self.migration)
            }
            other => format!("  {} {}  {}", look.good("✓"), self.migration, other.kind()),
        }
    }
}
