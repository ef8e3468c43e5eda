//! `tern pki revoke`

use std::path::Path;

use serde::Serialize;
use tern_service::pki;

use super::PkiDir;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::values::{self, CertificateName};

/// Revoke a party's certificates, or one by its serial number
///
/// Whoever reads the trust folder from now on refuses it, whatever day the document was signed on.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern pki revoke supplier-c", "tern pki revoke 137438953481"))]
pub struct Args {
    /// A party's name, or a serial number in decimal
    #[arg(value_name = "NAME|SERIAL")]
    which: String,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Serialize)]
struct Revoked {
    revoked: Vec<CertificateName>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let revoked = pki::revoke(&configured.pki_dir(self.pki.dir), &self.which, configured.clock().now())?;
        let revoked = revoked.iter().map(CertificateName::from).collect();
        context.output.show(&Revoked { revoked })?;
        Ok(Exit::Clean)
    }
}

impl Report for Revoked {
    fn text(&self, look: &Look) -> String {
        format!("{}{}", look.good("revoked"), values::certificate_lines(&self.revoked))
    }
}
