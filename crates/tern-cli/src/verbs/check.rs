//! `tern check`: what each role would say of a set, told as it is said: nothing is gathered. What it says is the rulebook's.

mod told;

use std::path::PathBuf;

use clap::ValueEnum;
use jiff::civil::Date;
use tern_model::Role;
use tern_service::check::{Checker, Heard};
use tern_service::set_files::SetFolder;

use crate::context::{Context, Records, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::progress::Stage;
use crate::values;
use told::Telling;

/// Check migration file sets against every rule, without taking them in
///
/// Without --as, three files are judged as the DSP; with the Migration Common Validation File also as the S1SP and as the DCO,
/// as far as their keys are configured. The DSP and the Requesting Party never decrypt. What this very set already put into
/// inventory and counters does not count against it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern check tern-demo/sets/EA_1",
    "tern check sets/EA_42 --as rp",
    "tern check sets/EA_42 --as-of 2020-06-01 --json"
))]
pub struct Args {
    /// A folder with a set's files, or with such folders
    dir: PathBuf,
    /// Judge as this role alone
    #[arg(long = "as", value_name = "ROLE", value_enum)]
    role: Option<AsRole>,
    /// The day that chooses the rule books and counts as planned migration day; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    as_of: Option<Date>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AsRole {
    /// The Requesting Party, before it sends
    Rp,
    /// The DCC's data service
    Dsp,
    /// The SMETS1 Service Provider
    S1sp,
    /// The Dual Control Organisation
    Dco,
}

impl From<AsRole> for Role {
    fn from(role: AsRole) -> Role {
        match role {
            AsRole::Rp => Role::RequestingParty,
            AsRole::Dsp => Role::Dsp,
            AsRole::S1sp => Role::S1sp,
            AsRole::Dco => Role::Dco,
        }
    }
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.dir, "name the folder that holds the set's files, or one with such folders")?;
        let configured = context.configured(&self.dir)?;
        let folders = SetFolder::find(&self.dir)?;
        let Records { facts, warnings } = configured.records()?;
        let now = configured.clock().now();
        let checker = Checker::new(configured.config, facts, now, self.as_of)?;
        // What stops every set stops before anything is told.
        checker.ready(self.role.map_or(Role::Dsp, Role::from))?;
        let stage = Stage::begin("check", Some(0));
        let mut telling = Telling::begin(context.output.stream(), &stage, checker.day(), warnings);
        for folder in &folders {
            self.check(&checker, folder, &stage, &mut telling)?;
        }
        let dirty = telling.end()?;
        Ok(Exit::of_findings(dirty))
    }

    fn check(
        &self,
        checker: &Checker,
        folder: &SetFolder,
        stage: &Stage,
        telling: &mut Telling<'_>,
    ) -> Result<(), Failure> {
        stage.note("verifying");
        let opened = checker.open(folder)?;
        stage.note("judging");
        let roles = self.role.map_or_else(|| checker.roles_for(&opened), |role| vec![role.into()]);
        stage.lengthen(opened.installations() * roles.len());
        let mut left = vec![Role::S1sp, Role::Dco];
        left.retain(|role| self.role.is_none() && opened.validation.file().is_some() && !roles.contains(role));
        telling.set(folder, &opened, &left)?;
        for role in roles {
            let mut wrong = Ok(());
            let verdicts = checker.check(&opened, role, &mut |heard| {
                if let Heard::Installation(_) = heard {
                    stage.advance(1);
                }
                if wrong.is_ok() {
                    wrong = telling.hear(heard);
                }
            })?;
            wrong?;
            telling.role_is_over(&verdicts)?;
        }
        telling.set_is_over()
    }
}
