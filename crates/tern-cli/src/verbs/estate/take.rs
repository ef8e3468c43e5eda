//! `tern estate take`: what suppliers send, taken into an estate.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_service::execution::Carried;
use tern_service::plans::taking::{Became, TakenFile, Taking};
use tern_service::plans::{PlanView, load};

use crate::context::{Context, file_failure, need_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count_cell, counted, good_cell};
use crate::output::Report;
use crate::values::day;

/// Take what suppliers send into an estate: Migration Authorisations, certificates, demand
///
/// Files are told by their names. Each good row becomes an event, known today, or, where a plan of the estate is being carried
/// out, on the first day that is still to be carried out; a row that cannot be used is told, and the others are taken. Files and
/// events become durable together. A file that was taken before adds nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern estate take MA_CGI_90-B3-D5-1F-30-20-00-02_20210301_091500.csv --into estate",
    "tern estate take incoming/*.csv --into estate"
))]
pub struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The estate's folder
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The day on which they came; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<Date>,
    /// The folder of the plan that is being carried out, where one is
    #[arg(long = "in", value_name = "PLAN", default_value = "plan")]
    plan: PathBuf,
}

#[derive(Debug, Serialize)]
struct Taken {
    on: Date,
    /// The day on which they came, where the plan's execution is past it: it learns of them on the day above.
    came: Option<Date>,
    files: Vec<One>,
    events: usize,
    #[serde(skip)]
    into: PathBuf,
}

#[derive(Debug, Serialize)]
struct One {
    file: String,
    supplier: Option<PartyId>,
    became: Became,
    events: usize,
    /// What is wrong with it, row by row.
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Finding {
    row: u64,
    field: String,
    reason: String,
    suggestion: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.into, "name the folder with the estate's files")?;
        let configured = context.config_or_default(&self.into)?;
        let on = self.on.unwrap_or_else(|| configured.clock().today());
        let (came, on) = (on, self.learnt(on)?);
        let mut taking = Taking::open(&self.into, on)?;
        for path in &self.files {
            let name = name_of(path)?;
            let bytes = fs::read(path).map_err(|error| file_failure("read", path, &error))?;
            taking.take(name, bytes)?;
        }
        let files: Vec<One> = taking.finish()?.into_iter().map(One::of).collect();
        let wrong: usize = files.iter().map(|one| one.findings.len()).sum();
        let events = files.iter().map(|one| one.events).sum();
        let came = (came != on).then_some(came);
        context.output.show(&Taken { on, came, files, events, into: self.into })?;
        Ok(Exit::of_findings(wrong))
    }

    /// The day on which it is known what came on a day: the next one that is carried out, where that day was.
    fn learnt(&self, came: Date) -> Result<Date, Failure> {
        let Some(carried) = Carried::of(&self.plan)?.filter(|carried| carried.learns_from() > came) else {
            return Ok(came);
        };
        let view = PlanView::open(&self.plan, None)?;
        let its = |view: PlanView| Ok::<_, Failure>(view.generation().made.estate == load(&self.into)?.digest);
        let of_this_estate = view.map(its).transpose()?.unwrap_or_default();
        Ok(if of_this_estate { carried.learns_from() } else { came })
    }
}

fn name_of(path: &Path) -> Result<&str, Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| Failure::new(format!("{} is no name of a file", path.display()), "name files, not folders"))
}

impl One {
    fn of(taken: TakenFile) -> One {
        let TakenFile { file, supplier, became, events, faults } = taken;
        let finding = |fault: tern_wire::facts_csv::RowFault| Finding {
            row: fault.row,
            field: fault.field,
            reason: fault.reason,
            suggestion: fault.suggestion,
        };
        One { file, supplier, became, events, findings: faults.into_iter().map(finding).collect() }
    }
}

impl Report for Taken {
    fn text(&self, look: &Look) -> String {
        let head =
            format!("{} known on {}, in {}", counted(self.events, "event"), self.on, shown(&self.into).display());
        let mut lines = vec![format!("  {}", look.strong(&head))];
        if let Some(came) = self.came {
            lines.push(
                look.unsure(&format!("  {came} was carried out already: {} is the day that comes next", self.on)),
            );
        }
        lines.push(String::new());
        let became = |one: &One| match one.became {
            Became::Taken => good_cell("taken"),
            Became::Known => cell("was taken before"),
            Became::Refused => bad_cell("refused"),
        };
        let row =
            |one: &One| vec![cell(&one.file), became(one), count_cell(one.events), count_cell(one.findings.len())];
        lines.push(look.table(&["file", "became", "events", "findings"], 0, self.files.iter().map(row)));
        for one in self.files.iter().filter(|one| !one.findings.is_empty()) {
            lines.push(String::new());
            lines.push(format!("  {}", one.file));
            for finding in &one.findings {
                let place = match (finding.row, finding.field.as_str()) {
                    (0, _) => String::new(),
                    (row, "") => format!("row {row}: "),
                    (row, field) => format!("row {row}, {field}: "),
                };
                let words = format!("{place}{}; {}", finding.reason, finding.suggestion);
                lines.push(format!("    {}", look.hanging(&words, 4)));
            }
        }
        if self.events > 0 {
            lines.push(String::new());
            lines.push(look.faint("  next: `tern plan make` makes the plan's next generation"));
        }
        lines.join("\n")
    }
}
