//! `tern report`: what became of all migrations, as tables for programs and pictures for people. It only reads the stores.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_service::reports::{Counts, End, Period, Reports};

use crate::context::{Configured, Context, Records, absolute, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count, count_cell, counted};
use crate::output::Report;
use crate::values;
use crate::verbs::plan::{PlanName, given, report as planned};

/// Write what became of all migrations as CSV tables and SVG pictures
///
/// Outcomes by day and by week, findings by clause, failures by code, Responsible Suppliers, SMSOs and Dormant Meters. Parties are
/// named by the directory of certificates. An installation that came in several sets stands where its newest set left it, or where it was
/// if it was held when it came again; in the tables over time it counts in each. With --plan the folder has what `tern plan report` writes
/// too, of Dormant Meters how many are enrolled already. The same stores give the same files.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern report",
    "tern report tern-demo --out ./report",
    "tern report --from 2026-11-02 --to 2026-11-08",
    "tern report --plan plan --estate estate"
))]
pub struct Args {
    /// The folder with tern.toml, or one below it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where the files go; by default the folder reports beside tern.toml
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// First day that is counted
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    from: Option<Date>,
    /// Last day that is counted: what came later is not known yet
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    to: Option<Date>,
    /// A plan's folder, with @ and a number one of its generations: what is planned is written too
    #[arg(long, value_name = "PLAN", value_parser = PlanName::parse, requires = "estate")]
    plan: Option<PlanName>,
    /// The folder of the estate from which the plan was made
    #[arg(long, value_name = "DIR", requires = "plan")]
    estate: Option<PathBuf>,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct Written {
    dir: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Date>,
    /// Where installations stand, each once.
    standing: Vec<Standing>,
    findings: u64,
    dormant_meters: u64,
    dormant_meters_enrolled: u64,
    files: Vec<String>,
    warnings: Vec<String>,
    /// What is planned, where a plan was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<planned::Written>,
}

#[derive(Debug, Serialize)]
struct Standing {
    end: &'static str,
    installations: u64,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Failure::new(format!("{to} comes before {from}"), "give --from the earlier day"));
        }
        let configured = context.configured(&self.dir)?;
        let period = Period { from: self.from, to: self.to };
        let plan = self.plan.as_ref().zip(self.estate.as_deref());
        context.output.show(&write(&configured, self.out, period, plan)?)?;
        Ok(Exit::Clean)
    }
}

/// Counts, and writes the files.
pub fn write(
    configured: &Configured,
    out: Option<PathBuf>,
    period: Period,
    plan: Option<(&PlanName, &Path)>,
) -> Result<Written, Failure> {
    let config = &configured.config;
    let Records { facts, warnings } = configured.records()?;
    let reports = Reports::gather(config, &facts, period)?;
    let dir = out.unwrap_or_else(|| config.path("reports".as_ref()));
    let ledger = &reports.ledger;
    // What is planned is counted first: where the plan does not fit, nothing is written.
    let enrolled = |chf| ledger.enrolled(chf);
    let until = period.to.unwrap_or_else(|| configured.clock().today());
    let given = plan.map(|(plan, _)| given::given(plan, &reports.names, until)).transpose()?.flatten();
    let plan = plan.map(|(plan, estate)| planned::gather(plan, estate, Some(&enrolled))).transpose()?;
    let files = reports.write(&dir)?;
    let written = |(plan, folder)| planned::write((&plan, given), &folder, &reports.names, &dir);
    let planned = plan.map(written).transpose()?;
    Ok(Written {
        dir: absolute(&dir),
        from: period.from,
        to: period.to,
        standing: standing(&ledger.standing),
        findings: ledger.clauses.values().map(|f| f.installations + f.sets).sum(),
        dormant_meters: ledger.dormant.values().map(|d| d.total()).sum(),
        dormant_meters_enrolled: ledger.dormant.values().map(|d| d.enrolled).sum(),
        files,
        warnings,
        planned,
    })
}

fn standing(counts: &Counts) -> Vec<Standing> {
    counts.each().map(|(end, installations)| Standing { end: End::words(end), installations }).collect()
}

impl Report for Written {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let row = |s: &Standing| vec![cell(s.end), count_cell(number(s.installations))];
        lines.push(look.table(&["installations stand", "number"], 0, self.standing.iter().map(row)));
        lines.push(String::new());
        lines.push(format!(
            "  {} by clauses; {} of {} enrolled",
            counted(number(self.findings), "refusal"),
            count(number(self.dormant_meters_enrolled)),
            counted(number(self.dormant_meters), "Dormant Meter")
        ));
        let of = |ending: &str| self.files.iter().filter(|f| f.ends_with(ending)).count();
        let (tables, pictures) = (counted(of(".csv"), "table"), counted(of(".svg"), "picture"));
        let words = format!("{tables} and {pictures} written to {}", shown(&self.dir).display());
        lines.push(look.paragraph(&words, 2));
        if let Some(planned) = &self.planned {
            lines.extend([String::new(), planned.text(look)]);
        } else {
            lines.push(look.faint("  next: open outcomes.svg in a browser, a table in a spreadsheet"));
        }
        lines.join("\n")
    }
}
