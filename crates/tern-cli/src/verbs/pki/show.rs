//! `tern pki show`

use std::path::Path;

use serde::Serialize;
use tern_service::pki::{self, Entry, Status};

use super::PkiDir;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Cell, Look, bad_cell, cell, counted, good_cell, unsure_cell};
use crate::output::Report;

/// List the certificates, and whether each may be used now
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern pki show", "tern pki show supplier --pki ./pki --json"))]
pub struct Args {
    /// Only those whose name or role begins so, with their serial numbers
    #[arg(value_name = "NAME|ROLE")]
    begins: Option<String>,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Serialize)]
struct Shown {
    certificates: Vec<Entry>,
    #[serde(skip)]
    serials: bool,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        let mut certificates = pki::show(&configured.pki_dir(self.pki.dir), configured.clock().now())?;
        if let Some(begins) = &self.begins {
            certificates.retain(|c| c.name.starts_with(begins) || c.role.as_str().starts_with(begins));
            if certificates.is_empty() {
                let what = format!("no party's name or role begins with {begins:?}");
                return Err(Failure::new(what, "`tern pki show` alone lists all"));
            }
        }
        context.output.show(&Shown { certificates, serials: self.begins.is_some() })?;
        Ok(Exit::Clean)
    }
}

impl Report for Shown {
    fn text(&self, look: &Look) -> String {
        let table = if self.serials {
            let rows = self
                .certificates
                .iter()
                .map(|c| vec![cell(&c.name), cell(c.usage), status(c.status), cell(day(c.not_after)), cell(&c.serial)]);
            look.table(&["name", "usage", "status", "valid until", "serial number"], 0, rows)
        } else {
            let rows = self.certificates.iter().map(|c| {
                let valid_until = cell(day(c.not_after));
                vec![cell(&c.name), cell(c.role), cell(c.party), cell(c.usage), status(c.status), valid_until]
            });
            look.table(&["name", "role", "party", "usage", "status", "valid until"], 0, rows)
        };
        format!("{table}\n\n{}", look.paragraph(&self.summary(), 2))
    }
}

impl Shown {
    fn summary(&self) -> String {
        let usable = self.certificates.iter().filter(|c| c.status == Status::InForce).count();
        let mut issuers: Vec<&str> = self.certificates.iter().map(|c| c.issuer.as_str()).collect();
        issuers.dedup();
        let certificates = counted(self.certificates.len(), "certificate");
        let more = if self.serials { "" } else { "; `tern pki show NAME` adds serial numbers" };
        format!("{certificates}, {usable} in force, issued by {}{more}", issuers.join(" and "))
    }
}

fn status(status: Status) -> Cell {
    match status {
        Status::InForce => good_cell(status.as_str()),
        Status::NotYetValid => unsure_cell(status.as_str()),
        Status::Expired | Status::Revoked | Status::Untrusted => bad_cell(status.as_str()),
    }
}

fn day(at: jiff::Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
