//! `tern what-if`: what a change of the rules would do to an estate, before anyone makes it (PL9).

mod figures;
mod files;
mod needs;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::Input;
use tern_plan::estate::AsOf;
use tern_plan::plan::Plan;
use tern_plan::what_if::{Change, Comparison, Expected, Figure as Expectation, Population, Sensitivity, Share, Sides};
use tern_rules::Rulebook;
use tern_service::config::Config;
use tern_service::plans::{self, EstateFolder};

use crate::assumed;
use crate::context::{Context, absolute, shown};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values;
use figures::{Figure, figures};
use needs::{Need, needs};

/// Compare what two versions of the rules would do to an estate
///
/// One estate and one list of events are planned twice: under the baseline, and under the rules as published, or as --overlay has them.
/// The baseline is the published rulebook, or --before an overlay, or the published rulebook --without a change that is in it. Every
/// figure says what was counted, and among how many; what the sources expect stands beside ours, with what would have to be for
/// it to hold here.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern what-if estate --without recently-dormant",
    "tern what-if estate --without early-firmware",
    "tern what-if estate --without recently-dormant --from 2020-11-30 --until 2021-09-30",
    "tern what-if estate --overlay two-weeks-later.toml"
))]
pub struct Args {
    /// The folder with the estate's files
    estate: PathBuf,
    /// The baseline: the published rules without this change
    #[arg(long, value_name = "CHANGE", conflicts_with = "before")]
    without: Option<Change>,
    /// The baseline: an overlay
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// The first day to plan; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    from: Option<Date>,
    /// The last day to plan; by default two years later
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    until: Option<Date>,
    /// What is assumed where no source says it, as TOML; by default what the answer prints
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Where the table and the picture go
    #[arg(long, value_name = "DIR", default_value = "what-if")]
    out: PathBuf,
}

/// What is told.
#[derive(Debug, Serialize)]
struct Answer {
    /// What is compared with what.
    rules: Sides<String>,
    from: Date,
    until: Date,
    assumptions: Assumptions,
    #[serde(flatten)]
    comparison: Comparison,
    sources: Vec<Expected>,
    dir: PathBuf,
    files: Vec<&'static str>,
    warnings: Vec<String>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let period = assumed::period(self.from.unwrap_or_else(|| configured.clock().today()), self.until)?;
        let after = configured.config.rulebook;
        let before = self.baseline(&after)?;
        let assumptions = self.assumptions.as_deref().map(assumed::read).transpose()?.unwrap_or_default();
        let EstateFolder { estate, events, findings, .. } =
            plans::load_as_of(&self.estate, AsOf::FirstDay(period.first))?;
        let input = |rulebook| Input {
            estate: &estate,
            events: &events,
            rulebook,
            assumptions: &assumptions,
            period,
            still: &[],
        };
        let plans = Sides { before: planned("baseline", &input(&before)), after: planned("rules", &input(&after)) };
        let comparison = Comparison::of(&input(&after), &plans.before, &plans.after);
        drop(plans);
        let sources =
            self.expected(Sensitivity::of(input(&after), Sides { before: &before, after: &after }), &comparison);
        let mut answer = Answer {
            rules: Sides { before: self.baseline_name(&before), after: named(&after) },
            from: period.first,
            until: period.last,
            sources,
            comparison,
            assumptions,
            dir: absolute(&self.out),
            files: Vec::new(),
            warnings: findings.list().iter().map(|finding| finding.fault.to_string()).collect(),
        };
        answer.files = files::write(&answer)?;
        context.output.show(&answer)?;
        Ok(Exit::Clean)
    }

    /// The sources' figures about the change that is asked for; without one, all of them.
    fn expected(&self, sensitivity: Sensitivity<'_>, told: &Comparison) -> Vec<Expected> {
        let stage = Stage::begin("the sources' figures", None);
        sensitivity.expected(told, self.without.map_or(&Expectation::ALL, Change::figures), || stage.advance(1))
    }

    fn baseline_name(&self, before: &Rulebook) -> String {
        self.without.map_or_else(|| named(before), |change| format!("the published rules without {}", change.as_str()))
    }

    /// The rulebook that is compared with.
    fn baseline(&self, after: &Rulebook) -> Result<Rulebook, Failure> {
        match (self.without, &self.before) {
            (Some(change), _) => change.baseline().map_err(|faults| {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                Failure::new(faults.join("\n"), "this is a fault of tern: please tell its makers")
            }),
            (None, Some(overlay)) => Ok(Config::default().under(overlay)?.rulebook),
            (None, None) if after.overlay().is_some() => Ok(Rulebook::published()),
            (None, None) => {
                let known = Change::ALL.map(|change| format!("--without {}", change.as_str())).join(", ");
                Err(Failure::new(
                    "both rulebooks are the published one",
                    format!("give {known}, --before FILE or --overlay FILE"),
                ))
            }
        }
    }
}

fn planned(stage: &str, input: &Input<'_>) -> Plan {
    let days = (input.period.last - input.period.first).get_days() + 1;
    let stage = Stage::begin(stage, usize::try_from(days).ok());
    input.plan(|_| stage.advance(1))
}

fn named(rulebook: &Rulebook) -> String {
    rulebook.overlay_name().map_or_else(|| "the published rules".to_owned(), ToString::to_string)
}

/// Of more entries than these the table in the file alone tells.
const ENTRIES_SHOWN: usize = 6;

/// A source's figure beside ours.
fn sentence(expected: &Expected) -> String {
    let Expected { source, ours, .. } = expected;
    let said = format!("{}: {}", source.item, source.figure);
    ours.map_or_else(
        || format!("{said}; here there is nothing to count"),
        |ours| format!("{said}; here {ours:.1} {}", source.unit),
    )
}

/// What estate and events describe.
fn population(told: &Comparison) -> String {
    let Population { active, mixed, dormant, meters, suppliers, foc } = told.population;
    let number = |count: u64, noun| counted(usize::try_from(count).unwrap_or(usize::MAX), noun);
    let of = |share: Share| share.percent().map_or_else(|| "-".to_owned(), |percent| format!("{percent:.1} %"));
    format!(
        "{} Active, {} Mixed and {} Dormant on the first day, {} FOC; {} of {}; {:.1} changes of \
         supplier a year for 100 meters",
        of(active),
        of(mixed),
        of(dormant),
        of(foc),
        number(meters, "meter"),
        number(suppliers, "supplier"),
        told.changes_a_year().unwrap_or(0.0)
    )
}

impl Answer {
    fn figures(&self) -> Vec<Figure> {
        figures(&self.comparison)
    }

    /// The sources' figures, with what would have to be for each of them to hold.
    fn expectations(&self, look: &Look) -> Vec<String> {
        let mut lines = vec!["  the sources' figures:".to_owned()];
        lines.extend(self.sources.iter().map(|expected| format!("    {}", look.hanging(&sentence(expected), 4))));
        let needs: Vec<Need> = needs(&self.sources);
        let sample = self.sources.first().map_or(0, |expected| usize::try_from(expected.sample).unwrap_or(usize::MAX));
        let planned = format!("what would have to be, by planning {} again:", counted(sample, "installation"));
        lines.extend([String::new(), look.paragraph(&planned, 2)]);
        let row = |need: Need| need.cells().map(cell).to_vec();
        lines.push(look.table(&Need::HEADER, 1, needs.into_iter().map(row)));
        lines
    }
}

impl Report for Answer {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        lines.push(look.paragraph(&format!("baseline: {}", self.rules.before), 2));
        lines.push(look.paragraph(&format!("compared: {}", self.rules.after), 2));
        let installations = usize::try_from(self.comparison.installations).unwrap_or(usize::MAX);
        let planned = format!("{}, {} to {}", counted(installations, "installation"), self.from, self.until);
        lines.extend([format!("  {planned}"), String::new()]);
        let all = self.figures();
        let entries = self.comparison.entries.len();
        let left_out = if entries > ENTRIES_SHOWN { entries } else { 0 };
        let told = all.len() - left_out;
        let row =
            |figure: Figure| vec![cell(figure.name), cell(figure.before), cell(figure.after), cell(figure.counted)];
        lines.push(look.table(&["", "baseline", "compared", "counted"], 3, all.into_iter().take(told).map(row)));
        if left_out > 0 {
            let words = format!("weeks from tests to migration of {left_out} entries: in what-if.csv");
            lines.push(look.faint(&format!("  {words}")));
        }
        lines.push(String::new());
        lines.extend(self.expectations(look));
        lines.push(String::new());
        lines.push("  the population:".to_owned());
        lines.push(format!("    {}", look.hanging(&population(&self.comparison), 4)));
        lines.extend(assumed::told(&self.assumptions, look));
        let files = format!("{} written to {}", self.files.join(", "), shown(&self.dir).display());
        lines.extend([String::new(), look.paragraph(&files, 2)]);
        lines.join("\n")
    }
}
