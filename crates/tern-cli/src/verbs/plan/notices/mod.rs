//! `tern plan notices`: the files that tell Responsible Suppliers what is planned.

pub(super) mod send;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_plan::estate::AsOf;
use tern_plan::notices::{NotSent, SupplierFile};
use tern_service::plans::load_as_of;

use super::PlanName;
use crate::context::{Context, file_failure, make_dir, need_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;

/// Write or send the notices that a plan has go out on a day, a file for each supplier, SMSO and kind
///
/// The newest generation of the plan counts, and the estate must be as it was made from. The same day gives the
/// same files. With --send each goes by the ways that [notices] in tern.toml names, every attempt is recorded beside
/// the plan, and what was not delivered before is tried again; what was delivered is never sent again.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern plan notices estate --on 2021-03-01",
    "tern plan notices estate --in plan --on 2021-03-01 --out notices",
    "tern plan notices estate --send"
))]
pub struct Args {
    /// The estate's folder
    estate: PathBuf,
    /// The plan's folder
    #[arg(long = "in", value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
    /// The day of the notices; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<Date>,
    /// The folder for the files
    #[arg(long, value_name = "DIR", default_value = "notices", conflicts_with = "send")]
    out: PathBuf,
    /// Send them, and what is open from earlier days
    #[arg(long)]
    send: bool,
}

#[derive(Debug, Serialize)]
struct Written {
    on: Date,
    files: Vec<One>,
    /// Notices that would break 4.29 or 4.30.
    not_sent: Vec<String>,
    #[serde(skip)]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct One {
    file: String,
    supplier: PartyId,
    meters: usize,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.estate, "name the folder with the estate's files")?;
        let configured = context.config_or_default(&self.estate)?;
        let on = self.on.unwrap_or_else(|| configured.clock().today());
        let view = self.plan.open()?;
        let stage = Stage::begin("reading the estate", None);
        let folder = load_as_of(&self.estate, AsOf::FirstDay(view.generation().made.period.first))?;
        drop(stage);
        let due = view.due_notices(&folder, on.at(0, 0, 0, 0))?;
        if self.send {
            let (posted, wrong) = send::send((&self.plan.dir, view.generation().made.period), &configured, on, due)?;
            context.output.show(&posted)?;
            return Ok(Exit::of_findings(wrong));
        }
        if !due.files.is_empty() {
            make_dir(&self.out)?;
        }
        due.files.iter().try_for_each(|file| lay_down(&self.out, file))?;
        let one =
            |file: &SupplierFile| One { file: file.name.to_string(), supplier: file.name.supplier, meters: file.rows };
        let not_sent: Vec<String> = due.not_sent.iter().map(words).collect();
        let wrong = not_sent.len();
        let files = due.files.iter().map(one).collect();
        context.output.show(&Written { on, files, not_sent, out: self.out })?;
        Ok(Exit::of_findings(wrong))
    }
}

/// Writes a file whole, or leaves the one that is there, which must be the same.
fn lay_down(dir: &Path, file: &SupplierFile) -> Result<(), Failure> {
    let path = dir.join(file.name.to_string());
    match fs::read(&path) {
        Ok(there) if there == file.text.as_bytes() => return Ok(()),
        Ok(_) => {
            let what = format!("{} is there already, and says something else", path.display());
            return Err(Failure::new(what, "a notice is never altered: give --out another folder"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(file_failure("read", &path, &error)),
    }
    let draft = path.with_extension("part");
    let written = fs::write(&draft, &file.text).and_then(|()| fs::rename(&draft, &path));
    written.map_err(|error| file_failure("write", &path, &error))
}

fn words(not_sent: &NotSent) -> String {
    format!("CHF {} to {}: {}", not_sent.chf, not_sent.to, not_sent.why)
}

impl Report for Written {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.not_sent);
        if self.files.is_empty() {
            lines.push(format!("  no notice goes out on {}", self.on));
            return lines.join("\n");
        }
        let files = counted(self.files.len(), "file");
        let head = format!("{files} for {} in {}", self.on, shown(&self.out).display());
        lines.push(format!("  {}", look.strong(&head)));
        lines.push(String::new());
        let rows = self.files.iter().map(|one| vec![cell(&one.file), count_cell(one.meters)]);
        lines.push(look.table(&["file", "meters"], 0, rows));
        lines.join("\n")
    }
}
