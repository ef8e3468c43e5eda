//! `tern stuck`: installations that are neither wholly with the SMSO nor wholly with the DCC, and what is known of each.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_flow::Keeper;
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::executor::InstallationRecord;
use tern_service::overview::Overview;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, counted};
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
        let stuck = overview.stuck_count()?;
        let mut out = context.output.stream();
        let look = out.look();
        out.open("{\"stuck\":[", "]}");
        out.text(|| vec![headline(stuck, &look)]);
        let mut told = 0;
        for record in overview.stuck() {
            let one = One::of(&record?);
            told += 1;
            out.item(&one)?;
            out.text(|| one.lines(&look));
        }
        if told > 0 {
            out.text(|| vec![String::new(), look.paragraph(NEXT, 2)]);
        }
        out.end()?;
        Ok(Exit::of_findings(told))
    }
}

const NEXT: &str = "next: mend the cause, then `tern resolve CHF` asks each device again and tries what is left; where a \
                    site visit settled it, `tern resolve CHF --close smso --evidence \"…\"`";

fn headline(stuck: usize, look: &Look) -> String {
    if stuck == 0 {
        return format!("  {} no installation is stuck", look.good("✓"));
    }
    format!("  {}", look.bad(&format!("{} stuck", counted(stuck, "installation"))))
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
        let name = |holder: Keeper| match (holder, self.gsme) {
            (Keeper::Esme, _) => format!("ESME {}", self.esme),
            (Keeper::Gsme, Some(gsme)) => format!("GSME {gsme}"),
            _ => holder.as_str().to_owned(),
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

    fn lines(&self, look: &Look) -> Vec<String> {
        let since = self.since.strftime("%Y-%m-%d %H:%M");
        let chf = look.strong(&format!("CHF {}", self.chf_identifier));
        let mut lines = vec![
            String::new(),
            format!("  {chf}  set {}, since {since} UTC", self.set),
            look.paragraph(&format!("turned back at {}", self.turned_back), 4),
            look.paragraph(&format!("keeps failing at {}", self.keeps_failing), 4),
        ];
        lines.extend(self.devices(look));
        lines
    }
}
