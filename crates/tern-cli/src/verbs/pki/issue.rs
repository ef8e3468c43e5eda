//! `tern pki issue`

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{PartyId, Role};
use tern_service::pki::{self, IssueOptions};

use super::PkiDir;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::values::{self, CertificateName};

/// Issue what a party needs: a new party's keys, or new ones for what is revoked or expired
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern pki issue supplier supplier-h",
    "tern pki issue dco dco --not-before 2021-01-01"
))]
pub struct Args {
    /// The party's role: supplier, network-operator, dsp, s1sp, dco, smso, requesting-party or commissioning-party
    role: Role,
    /// The party's name, which is its folder's
    name: String,
    /// Its EUI-64; by default the one that it has, or the role's next free one
    #[arg(long, value_name = "EUI")]
    party: Option<PartyId>,
    /// First day of validity; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    not_before: Option<Date>,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Serialize)]
struct Issued {
    name: String,
    role: Role,
    certificates: Vec<CertificateName>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let now = configured.clock().now();
        let options = IssueOptions { party: self.party, not_before: self.not_before };
        let certificates = pki::issue(&configured.pki_dir(self.pki.dir), self.role, &self.name, options, now)?;
        let certificates = certificates.iter().map(CertificateName::from).collect();
        context.output.show(&Issued { name: self.name, role: self.role, certificates })?;
        Ok(Exit::Clean)
    }
}

impl Report for Issued {
    fn text(&self, look: &Look) -> String {
        let lines = values::certificate_lines(&self.certificates);
        format!("{} to {} ({}){lines}", look.good("issued"), self.name, self.role)
    }
}
