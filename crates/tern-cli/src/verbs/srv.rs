//! `tern srv`: the registry of Service Reference Variants, all of them or one. All words come from the registry and the DMVES.

mod guidance;
mod one;
mod stages;

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::UserRole;
use tern_requests::registry::Handling;
use tern_requests::{ALL, Srv};
use tern_rules::nearest;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, counted, good_cell};
use crate::output::Report;
use crate::values::day;

/// List the Service Reference Variants, or tell all that is known of one
///
/// With a whole number (11.3) one variant: who may send it to what, how, and what Tern does with it, by cohort and day. Else a list,
/// of those whose number begins so (6.2) and that the options want.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern srv 11.3",
    "tern srv 11.3 --as-of 2020-10-01 --json",
    "tern srv --processed --critical",
    "tern srv --stages",
    "tern srv --guidance --as-of 2020-11-20",
    "tern srv 4. --role GT --target GPF"
))]
pub struct Args {
    /// For example 11.3, or 6.2 for all that begin so
    #[arg(value_name = "SRV")]
    number: Option<String>,
    /// What cohorts do otherwise as of that day
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// The stages through which a request goes, and why each refuses with which code
    #[arg(long, conflicts_with = "number")]
    stages: bool,
    /// What requests do other than one would expect, from which day on, for which groups
    #[arg(long, conflicts_with_all = ["number", "stages"])]
    guidance: bool,
    #[command(flatten)]
    wanted: Wanted,
}

/// Which of a list are wanted.
#[derive(Debug, clap::Args)]
struct Wanted {
    /// Only critical ones
    #[arg(long)]
    critical: bool,
    /// Only those that Tern processes for SMETS1
    #[arg(long)]
    processed: bool,
    /// Only those that Tern refuses
    #[arg(long, conflicts_with = "processed")]
    refused: bool,
    /// Only those that may be asked for a later moment
    #[arg(long)]
    future_dated: bool,
    /// Only those that a DSP schedule may hold
    #[arg(long)]
    scheduled: bool,
    /// Only those that a User may send in this role: IS, ES, GS, RSA, ED, GT, OU
    #[arg(long, value_name = "ROLE")]
    role: Option<UserRole>,
    /// Only those that may be sent to it: ESME, GSME, GPF, CHF, PPMID, DCC
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

impl Wanted {
    fn wants(&self, srv: &Srv) -> bool {
        let sent_to =
            |asked: &String| srv.targets().any(|allowed| allowed.target.to_string().eq_ignore_ascii_case(asked));
        (!self.critical || srv.critical)
            && (!self.processed || srv.handling == Handling::Processed)
            && (!self.refused || srv.handling != Handling::Processed)
            && (!self.future_dated || srv.future_dating.is_possible())
            && (!self.scheduled || srv.schedulable)
            && self.role.is_none_or(|role| srv.roles.contains(&role))
            && self.target.as_ref().is_none_or(sent_to)
    }
}

#[derive(Debug, Serialize)]
struct Listed {
    srvs: Vec<&'static Srv>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if self.stages {
            context.output.show(&stages::Stages::new())?;
            return Ok(Exit::Clean);
        }
        if self.guidance {
            let rulebook = context.config_or_default(Path::new("."))?.config.rulebook;
            context.output.show(&guidance::Guidance::of(&rulebook, self.as_of))?;
            return Ok(Exit::Clean);
        }
        let asked = self.number.as_deref().unwrap_or_default().trim();
        if let Some(srv) = tern_requests::find(asked) {
            let rulebook = context.config_or_default(Path::new("."))?.config.rulebook;
            context.output.show(&one::Told::of(srv, &rulebook, self.as_of))?;
            return Ok(Exit::Clean);
        }
        let begins = |srv: &&Srv| srv.number.starts_with(asked);
        if !ALL.iter().any(|srv| begins(&srv)) {
            return Err(unknown(asked));
        }
        let srvs: Vec<&'static Srv> = ALL.iter().filter(begins).filter(|srv| self.wanted.wants(srv)).collect();
        context.output.show(&Listed { srvs })?;
        Ok(Exit::Clean)
    }
}

fn unknown(asked: &str) -> Failure {
    let mut near = nearest(asked, ALL.iter().map(|srv| srv.number));
    near.truncate(3);
    let next = match near.as_slice() {
        [] => "`tern srv` lists all".to_owned(),
        near => format!("did you mean {}? `tern srv` lists all", near.join(", ")),
    };
    Failure::new(format!("no Service Reference Variant begins with {asked:?}"), next)
}

impl Report for Listed {
    fn text(&self, look: &Look) -> String {
        if self.srvs.is_empty() {
            return "  none is so; `tern srv` lists all".to_owned();
        }
        let rows = self.srvs.iter().map(|srv| {
            let handling = match srv.handling {
                Handling::Processed => good_cell(srv.handling.word()),
                _ => cell(srv.handling.word()),
            };
            let targets: Vec<String> = srv.targets().map(|allowed| allowed.target.to_string()).collect();
            let critical = if srv.critical { "C" } else { "" };
            vec![cell(srv.number), cell(srv.name), cell(critical), cell(targets.join(" ")), handling]
        });
        let table = look.table(&["SRV", "name", "", "to", "SMETS1"], 1, rows);
        let processed = self.srvs.iter().filter(|srv| srv.handling == Handling::Processed).count();
        let total = counted(self.srvs.len(), "Service Reference Variant");
        let note = format!("{total}, {processed} processed for SMETS1; C: critical. `tern srv NUMBER` says more.");
        format!("{table}\n\n{}", look.paragraph(&note, 2))
    }
}
