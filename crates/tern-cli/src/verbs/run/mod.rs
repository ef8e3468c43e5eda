//! `tern run`: a plan carried out, a day at a time. What is done is `tern_service::execution`'s; here stand the clock that goes
//! from day to day, and what is told.

mod days;
mod outside;
mod told;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;
use tern_service::config::Config;
use tern_service::execution::{Execution, Setup};

use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::values::day;
use days::{Days, Reached};
use outside::Simulated;
use told::{Lines, Progress, Told};

/// Carry a plan out until a day: notices, firmware and configuration by the SMSOs, and migrations on their days
///
/// Where the clock is a virtual one ([clock] start in tern.toml), day follows day at once; under the machine's clock it does what
/// is due today and waits for the next day (midnight in London). Where days went by without it, what was due on them is planned
/// again from today on. What happens otherwise than planned becomes an event in the
/// estate's events.csv and makes the plan's next generation. Stopped or killed at any moment, the same command goes on where it
/// was, and does nothing twice. SMSOs and devices are those of a corpus that `tern corpus --to-plan` made.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern run estate --until 2021-01-15",
    "tern run estate --in plan --until 2021-01-15 --json",
    "tern run estate --status"
))]
pub struct Args {
    /// The estate's folder
    estate: PathBuf,
    /// The plan's folder
    #[arg(long = "in", value_name = "PLAN", default_value = "plan")]
    plan: PathBuf,
    /// The last day to carry out
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present = "status")]
    until: Option<Date>,
    /// Say where the execution stands, and do nothing
    #[arg(long, conflicts_with = "until")]
    status: bool,
    /// The folder with the SMSOs' folders (smso/); by default that of tern.toml
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.estate, "name the folder with the estate's files")?;
        let configured = context.configured(&self.estate)?;
        let config = configured.config.clone();
        let stop = interrupt::stop_flag()?;
        let corpus = self.corpus.clone().unwrap_or_else(|| config.root.clone());
        let setup = Setup { estate: self.estate.clone(), plan: self.plan.clone(), config: config.clone() };
        let mut execution = Execution::open(setup)?;
        let Some(until) = self.until else {
            return self.tell(context, &execution, Progress::default(), false);
        };
        let until = within(until, &execution)?;
        let mut outside = Simulated::new(&corpus, &config, stop.clone());
        let mut told = Progress::default();
        self.go_through(context, (&config, &stop), (&mut execution, until), (&mut outside, &mut told))?;
        let interrupted = execution.stands_at() <= until;
        self.tell(context, &execution, told, interrupted)
    }

    /// Day after day, until the last one or until it is stopped; a line is told of each.
    fn go_through(
        &self,
        context: &Context,
        (config, stop): (&Config, &AtomicBool),
        (execution, until): (&mut Execution, Date),
        (outside, told): (&mut Simulated, &mut Progress),
    ) -> Result<(), Failure> {
        let days = Days::of(config);
        let (look, mut lines) = (context.output.look(), Lines::default());
        while execution.stands_at() <= until && !stop.load(Ordering::Acquire) {
            let of_day = match days.reach(execution, stop)? {
                Reached::Stopped => break,
                Reached::Later(today, moment) => {
                    let Ok(missed) = execution.go_on_today((&moment.config, moment.now), today, outside)? else {
                        break;
                    };
                    let of_day = lines.after_missed(&missed, execution.last(), &look);
                    told.missed.push(missed);
                    of_day
                }
                Reached::Day(moment) => {
                    let Ok(report) = execution.carry_out(&moment.config, moment.now, outside)? else { break };
                    let of_day = lines.after(&report, &look);
                    told.days.push(report);
                    of_day
                }
            };
            of_day.iter().try_for_each(|line| context.output.say(line))?;
        }
        lines.rest(&look).iter().try_for_each(|line| context.output.say(line))
    }

    fn tell(
        &self,
        context: &Context,
        execution: &Execution,
        progress: Progress,
        interrupted: bool,
    ) -> Result<Exit, Failure> {
        let told = Told::of(execution, &self.plan, progress, interrupted)?;
        context.output.show(&told)?;
        Ok(if interrupted { Exit::Interrupted } else { Exit::of_findings(told.failed_now()) })
    }
}

/// A day that the plan has.
fn within(until: Date, execution: &Execution) -> Result<Date, Failure> {
    let last = execution.last();
    if until <= last {
        return Ok(until);
    }
    let what = format!("{until} is after the plan's last day, {last}");
    Err(Failure::new(
        what,
        "give --until a day of the plan, or make its next generation: `tern plan make ESTATE --until DATE`",
    ))
}
