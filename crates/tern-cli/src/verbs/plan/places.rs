//! `tern plan places`: what the plan answers to suppliers' demand files (PL13).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_model::facts::SourceRow;
use tern_model::supplier_file::{ConfirmedPlaces, Places};
use tern_plan::estate::AsOf;
use tern_plan::notices::{DemandFileKind, DemandFileName, SmsoName};
use tern_plan::plan::What;
use tern_service::plans::load_as_of;
use tern_service::plans::taking::demand_files;
use tern_wire::facts_csv;

use super::PlanName;
use crate::context::{Context, file_failure, make_dir, need_dir, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values::day;

/// Write the answers to suppliers' demand files: on which days the plan has places for them, and how many
///
/// One file for each demand file that `tern estate take` took, under its reference.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern plan places estate", "tern plan places estate --in plan --out answers"))]
pub struct Args {
    /// The estate's folder
    estate: PathBuf,
    /// The plan's folder
    #[arg(long = "in", value_name = "PLAN", default_value = "plan", value_parser = PlanName::parse)]
    plan: PlanName,
    /// The first day that is told, by which the files are named too; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// The folder for the files
    #[arg(long, value_name = "DIR", default_value = "places")]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct Written {
    from: Date,
    files: Vec<One>,
    #[serde(skip)]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct One {
    file: String,
    supplier: PartyId,
    days: usize,
    places: u64,
}

/// Places by supplier, SMSO and day.
type Taken = BTreeMap<(PartyId, SmsoName), BTreeMap<Date, u32>>;

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.estate, "name the folder with the estate's files")?;
        let configured = context.config_or_default(&self.estate)?;
        let from = self.from.unwrap_or_else(|| configured.clock().today());
        let asked = demand_files(&self.estate)?;
        if asked.is_empty() {
            let what = format!("no demand file was taken into {}", self.estate.display());
            return Err(Failure::new(what, "`tern estate take FILE --into ESTATE` takes them"));
        }
        let taken = self.taken(from)?;
        make_dir(&self.out)?;
        let none = BTreeMap::new();
        let mut files = Vec::new();
        for request in asked {
            let days = taken.get(&(request.supplier, request.smso.clone())).unwrap_or(&none);
            let place = |(day, places): (&Date, &u32)| {
                ConfirmedPlaces(Places { row: SourceRow(0), day: *day, places: *places })
            };
            let rows: Vec<ConfirmedPlaces> = days.iter().map(place).collect();
            let name = DemandFileName { kind: DemandFileKind::Confirmation, day: from, ..request };
            let path = self.out.join(name.to_string());
            fs::write(&path, facts_csv::write(&rows)).map_err(|error| file_failure("write", &path, &error))?;
            let places = days.values().map(|places| u64::from(*places)).sum();
            files.push(One { file: name.to_string(), supplier: name.supplier, days: rows.len(), places });
        }
        context.output.show(&Written { from, files, out: self.out })?;
        Ok(Exit::Clean)
    }

    /// The places of the plan's migrations, from a day on.
    fn taken(&self, from: Date) -> Result<Taken, Failure> {
        let view = self.plan.open()?;
        let stage = Stage::begin("reading estate and plan", None);
        let folder = load_as_of(&self.estate, AsOf::FirstDay(view.generation().made.period.first))?;
        view.in_force(&folder, from)?;
        let mut taken = Taken::new();
        let mut stories = view.stories();
        while let Some(story) = stories.next_story()? {
            let Some(at) = folder.estate.find_installation(story.chf) else { continue };
            let smso = SmsoName::of(folder.estate.catalogue().text(folder.estate.installation(at).smso));
            for line in story.lines.iter().filter(|line| line.day >= from) {
                if let What::Migration(supplier) = line.what {
                    let of = taken.entry((supplier, smso.clone())).or_default();
                    *of.entry(line.day).or_default() += 1;
                }
            }
        }
        drop(stage);
        Ok(taken)
    }
}

impl Report for Written {
    fn text(&self, look: &Look) -> String {
        let files = counted(self.files.len(), "answer");
        let head = format!("{files} from {} on, in {}", self.from, shown(&self.out).display());
        let rows = self.files.iter().map(|one| {
            let places = usize::try_from(one.places).unwrap_or(usize::MAX);
            vec![cell(&one.file), count_cell(one.days), count_cell(places)]
        });
        let table = look.table(&["file", "days", "places"], 0, rows);
        format!("  {}\n\n{table}", look.strong(&head))
    }
}
