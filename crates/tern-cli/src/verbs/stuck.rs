//! `tern stuck`: installations that are neither wholly with the SMSO nor wholly with the DCC, and what is known of each.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::executor::InstallationRecord;
use tern_service::overview::Overview;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, counted};
use crate::output::Report;
use crate::stuck_words::{Known, known, standing_rows};

/// List installations that are stuck, with what is known of each device
///
/// An installation is stuck when taking a step back keeps failing. Nothing more happens to it without a person.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(judging, "tern stuck", "tern stuck tern-demo --json"))]
pub struct Args {
    /// The folder with tern.toml, or one below it
    #[arg(default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Serialize)]
struct Stuck {
    stuck: Vec<One>,
}

#[derive(Debug, Serialize)]
struct One {
    chf_identifier: ChfIdentifier,
    set: String,
    since: Timestamp,
    /// Why it turned back.
    turned_back: String,
    /// What keeps failing.
    keeps_failing: String,
    esme: DeviceId,
    gsme: Option<DeviceId>,
    /// Whose each thing is.
    known: Vec<Known>,
    /// Rows that are, or may be, in place: everything else is as the SMSO left it.
    not_taken_back: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    row: &'static str,
    text: &'static str,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        let stuck = overview.stuck().map(|one| Ok(One::of(&one?))).collect::<Result<_, Failure>>()?;
        let report = Stuck { stuck };
        context.output.show(&report)?;
        Ok(Exit::of_findings(report.stuck.len()))
    }
}

impl One {
    fn of(record: &InstallationRecord) -> One {
        let words = |f: &Option<tern_flow::Failure>| {
            f.as_ref().map(|f| format!("{} ({}): {}", f.row, f.code, f.reason)).unwrap_or_default()
        };
        let plan = &record.plan;
        One {
            chf_identifier: plan.chf,
            set: plan.set.to_string(),
            since: record.updated,
            turned_back: words(&record.migration.failure),
            keeps_failing: words(&record.migration.undo_failure),
            esme: plan.esme.device,
            gsme: plan.gsme.as_ref().map(|g| g.expected.device),
            known: known(record),
            not_taken_back: standing_rows(record).into_iter().map(|s| Row { row: s.row, text: s.text }).collect(),
        }
    }
}

impl One {
    /// A line for each device: what of it is whose.
    fn devices(&self, look: &Look) -> Vec<String> {
        let name = |holder: &str| match (holder, self.gsme) {
            ("ESME", _) => format!("ESME {}", self.esme),
            ("GSME", Some(gsme)) => format!("GSME {gsme}"),
            _ => holder.to_owned(),
        };
        let mut lines = Vec::new();
        for of_one in self.known.chunk_by(|a, b| a.holder == b.holder) {
            let things: Vec<_> = of_one.iter().map(|k| format!("{} {}", k.thing, k.whose())).collect();
            let words = format!("{}: {}", name(of_one[0].holder), things.join(", "));
            let line = look.hanging(&words, 6);
            let standing = of_one.iter().any(|k| k.row.is_some());
            lines.push(format!("    {} {line}", if standing { look.unsure("?") } else { look.good("✓") }));
        }
        lines
    }
}

impl Report for Stuck {
    fn text(&self, look: &Look) -> String {
        if self.stuck.is_empty() {
            return format!("  {} no installation is stuck", look.good("✓"));
        }
        let mut lines =
            vec![format!("  {}", look.bad(&format!("{} stuck", counted(self.stuck.len(), "installation"))))];
        for one in &self.stuck {
            lines.push(String::new());
            let since = one.since.strftime("%Y-%m-%d %H:%M");
            lines.push(format!(
                "  {}  set {}, since {since} UTC",
                look.strong(&format!("CHF {}", one.chf_identifier)),
                one.set
            ));
            lines.push(look.paragraph(&format!("turned back at {}", one.turned_back), 4));
            lines.push(look.paragraph(&format!("keeps failing at {}", one.keeps_failing), 4));
            lines.extend(one.devices(look));
        }
        lines.push(String::new());
        lines.push(look.paragraph("next: mend the cause, then `tern resolve CHF` asks each device again and tries what is left; where a site visit settled it, `tern resolve CHF --close smso --evidence \"…\"`", 2));
        lines.join("\n")
    }
}
