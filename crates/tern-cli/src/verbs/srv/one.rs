//! One Service Reference Variant with all that is known of it.

use jiff::civil::Date;
use serde::Serialize;
use tern_requests::Srv;
use tern_requests::command_variant::CommandVariantRow;
use tern_requests::registry::{AllowedTarget, FutureDating, Handling};
use tern_rules::Rulebook;
use tern_rules::dmves::{ROWS, ToldRow};

use crate::look::Look;
use crate::output::Report;
use crate::verbs::explain::dmves;

/// Where the facts begin.
const INDENT: usize = 16;

/// A variant as it is told.
#[derive(Debug, Serialize)]
pub struct Told {
    #[serde(flatten)]
    srv: &'static Srv,
    reference: &'static str,
    targets: Vec<AllowedTarget>,
    command_variants: Vec<&'static CommandVariantRow>,
    response_body: Option<String>,
    first_seen: &'static str,
    /// What cohorts do other than the Equivalent Steps say; with a day, what holds then.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    dmves: Vec<ToldRow>,
}

impl Told {
    pub fn of(srv: &'static Srv, rulebook: &Rulebook, as_of: Option<Date>) -> Told {
        let rows = ROWS.iter().filter(|row| row.srvs.contains(&srv.number));
        Told {
            srv,
            reference: srv.reference(),
            targets: srv.targets().collect(),
            command_variants: srv.command_variants().collect(),
            response_body: srv.response_body(),
            first_seen: srv.first_seen().words(),
            as_of,
            dmves: rows.map(|row| row.told(rulebook, as_of)).collect(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let srv = self.srv;
        let roles: Vec<String> = srv.roles.iter().map(|role| format!("{} ({role})", role.words())).collect();
        let to: Vec<String> = self.targets.iter().map(told_target).collect();
        let answer = self.response_body.as_deref().map_or_else(String::new, |body| format!(", answered by {body}"));
        let evidence = srv.evidence;
        let from =
            if roles.is_empty() { "no User Role: the DCC's matrix names none".to_owned() } else { roles.join(", ") };
        let to = if to.is_empty() { "no device that SMETS1 has".to_owned() } else { to.join(", ") };
        let mut facts = vec![("from", from), ("to", to)];
        facts.extend(self.ways().into_iter().enumerate().map(|(at, way)| (if at == 0 { "sent as" } else { "" }, way)));
        facts.extend([
            ("when", self.when()),
            ("body", format!("{}{answer}", srv.body)),
            ("in DUIS", self.first_seen.to_owned()),
            ("evidence", format!("{}: {} · {}", evidence.mark(), evidence.words(), evidence.grade())),
        ]);
        facts
    }

    fn ways(&self) -> Vec<String> {
        let way = |row: &&CommandVariantRow| format!("CV {} to {}: {}", row.number, row.service, row.words);
        self.command_variants.iter().map(way).collect()
    }

    fn when(&self) -> String {
        let mut said = Vec::new();
        if self.srv.is_non_device() {
            said.push("answered at once");
        }
        if self.srv.on_demand {
            said.push("on demand");
        }
        match self.srv.future_dating {
            FutureDating::Never => {}
            FutureDating::ByDsp => said.push("or later: held by the DSP until it is due"),
            FutureDating::ByDevice => said.push("or later: a SMETS2 device would hold it, for SMETS1 the DSP does (P)"),
            FutureDating::ByBoth => said.push("or later: DSP and device would hold it, for SMETS1 the DSP does (P)"),
        }
        if self.srv.schedulable {
            said.push("or by a DSP schedule");
        }
        if said.is_empty() {
            "neither on demand nor later: the service was withdrawn".to_owned()
        } else {
            said.join(", ")
        }
    }
}

/// A target, with its grade and reason where the public templates do not show it.
fn told_target(allowed: &AllowedTarget) -> String {
    match allowed.grade {
        tern_model::Grade::Reading if allowed.target.device().is_some() && allowed.why.contains("templates") => {
            allowed.target.to_string()
        }
        _ if allowed.target.device().is_none() => "the DCC itself".to_owned(),
        grade => format!("{} ({grade}: {})", allowed.target, allowed.why),
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let srv = self.srv;
        let critical = if srv.critical { " · critical: through the DCO" } else { "" };
        let handling = match srv.handling {
            Handling::Processed => look.good(srv.handling.words()),
            _ => look.unsure(srv.handling.words()),
        };
        let head = look.hanging(&format!("{}{critical}", srv.name), 5 + srv.number.len());
        let mut lines = vec![format!("  {} · {head}", look.strong(srv.number)), String::new()];
        lines.push(fact(look, "for SMETS1", &handling));
        lines.extend(self.facts().iter().map(|(name, words)| fact(look, name, words)));
        if !self.dmves.is_empty() {
            let day = self.as_of.map_or_else(String::new, |day| format!(" On {day}:"));
            let note = format!("By cohort and day the DMVES says otherwise.{day}");
            lines.extend([String::new(), look.paragraph(&note, 2), String::new()]);
            let rows: Vec<String> = self.dmves.iter().map(|row| dmves::told(row, look)).collect();
            lines.push(rows.join("\n\n"));
        }
        lines.join("\n")
    }
}

fn fact(look: &Look, name: &str, words: &str) -> String {
    let blanks = INDENT - 2 - name.len();
    format!("  {}{:blanks$}{}", look.faint(name), "", look.hanging(words, INDENT))
}
