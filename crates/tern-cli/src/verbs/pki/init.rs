//! `tern pki init`

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tern_service::pki;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, counted};
use crate::output::Report;
use crate::values;

/// Make a root, an issuing authority and a party for every role
///
/// One party each for DSP, S1SP, DCO, SMSO, Requesting Party and Commissioning Party, seven suppliers and five network
/// operators. S1SP and DCO get an RSA-2048 encryption certificate too, and all but the SMSO one for TLS. Key
/// files can be read by their owner alone.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern pki init ./pki", "tern pki init ./pki --not-before 2020-06-01"))]
pub struct Args {
    /// The folder to make; it must not exist, or be empty
    dir: PathBuf,
    /// First day of every certificate's validity; by default today. For clocks that show another day
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    not_before: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Made {
    dir: PathBuf,
    parties: Vec<String>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let parties = pki::init(&self.dir, self.not_before, Timestamp::now())?;
        context.output.show(&Made { dir: self.dir, parties })?;
        Ok(Exit::Clean)
    }
}

impl Report for Made {
    fn text(&self, look: &Look) -> String {
        let dir = self.dir.display();
        let parties = counted(self.parties.len(), "organisation");
        format!(
            "{} key infrastructure in {dir}: root, issuing authority, {parties}\n{}",
            look.good("made"),
            look.paragraph(&format!("`tern pki show --pki {dir}` lists them; keys are below {dir}/parties/"), 2)
        )
    }
}
