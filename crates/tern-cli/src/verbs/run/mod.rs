//! `tern run`: a plan carried out, a day at a time. What is done is `tern_service::execution`'s; here stand the clock that goes
//! from day to day, and what is told.

mod days;
mod outside;
mod told;

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use jiff::civil::Date;
use tern_service::execution::{Execution, Setup};

use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::values::day;
use days::Days;
use outside::Simulated;
use told::{Lines, Told};

/// Carry a plan out until a day: notices, firmware and configuration by the SMSOs, and migrations on their days
///
/// Where the clock is a virtual one ([clock] start in tern.toml), day follows day at once; under the machine's clock it does what
/// is due today and waits for the next day (midnight in London). What happens otherwise than planned becomes an event in the
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
            return self.tell(context, &execution, Vec::new(), false);
        };
        let until = within(until, &execution)?;
        let mut outside = Simulated::new(&corpus, &config, stop.clone());
        let days = Days::of(&config);
        let mut done = Vec::new();
        let (look, mut lines) = (context.output.look(), Lines::default());
        while execution.stands_at() <= until && !stop.load(Ordering::Acquire) {
            let Some(moment) = days.reach(&execution, &stop)? else { break };
            match execution.carry_out(&moment.config, moment.now, &mut outside)? {
                Ok(report) => {
                    lines.after(&report, &look).iter().try_for_each(|line| context.output.say(line))?;
                    done.push(report);
                }
                Err(_) => break,
            }
        }
        lines.rest(&look).iter().try_for_each(|line| context.output.say(line))?;
        let interrupted = execution.stands_at() <= until;
        self.tell(context, &execution, done, interrupted)
    }

    fn tell(
        &self,
        context: &Context,
        execution: &Execution,
        days: Vec<tern_service::execution::DayReport>,
        interrupted: bool,
    ) -> Result<Exit, Failure> {
        let told = Told::of(execution, &self.plan, days, interrupted)?;
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
    Err(Failure::new(what, "give --until a day of the plan; a longer plan is another one: `tern plan make --until`"))
}
