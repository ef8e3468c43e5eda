//! `tern trace`: a Service Request's whole story. It only reads.

use std::path::PathBuf;

use serde::Serialize;
use tern_model::Role;
use tern_requests::find;
use tern_service::overview::Overview;
use tern_service::story::{Line, Story, stories};
use tern_wire::duis::RequestId;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::values;

/// Tell the whole story of a Service Request: what came, what DSP and S1SP did, what its User was told
///
/// It is read from the journals of DSP and S1SP, while `tern serve` runs or not. What a device measured is not in them: that stands
/// in the signed messages alone, which `tern show` reads.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern trace 90-B3-D5-1F-30-02-00-06:00-DB-12-9E-30-00-00-03:1795271901045",
    "tern trace 90-B3-D5-1F-30-02-00-06:00-DB-12-9E-30-00-00-03:1795271901045 --json"
))]
pub struct Args {
    /// The RequestID: originator, target and counter, joined by colons
    #[arg(value_name = "REQUESTID")]
    request: RequestId,
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

/// The stories of one RequestID.
#[derive(Debug, Serialize)]
struct Told {
    request_id: String,
    /// One for each Command Variant.
    stories: Vec<Story>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        let stories = stories(&overview, self.request)?;
        if stories.is_empty() {
            return Err(Failure::new(
                format!("the DSP keeps nothing of a request {}", self.request),
                "one that was refused before its signature was believed uses no RequestID up; what `tern serve` prints names it",
            ));
        }
        context.output.show(&Told { request_id: self.request.to_string(), stories })?;
        Ok(Exit::Clean)
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        self.stories.iter().map(|story| text(story, look)).collect::<Vec<_>>().join("\n\n")
    }
}

fn text(story: &Story, look: &Look) -> String {
    let name = find(&story.service.to_string()).map_or("", |srv| srv.name);
    let mut lines = vec![
        look.strong(&format!("{} {name}", story.service)),
        format!("  RequestID {}, Command Variant {}", story.request.id, story.request.command_variant),
        format!("  SHA-256 {}", story.sha256),
    ];
    let mut day = None;
    for line in &story.lines {
        let today = line.at.strftime("%Y-%m-%d").to_string();
        if day.as_ref() != Some(&today) {
            lines.push(format!("  {}", look.faint(&today)));
            day = Some(today);
        }
        lines.push(told(line, look));
    }
    let codes: Vec<_> = story.told.iter().map(|told| told.code.as_str()).collect();
    lines.push(format!("  told {}", codes.join(", then ")));
    for letter in &story.dead_letters {
        let words = format!(
            "dead letter {}: {}; `tern dead-letters {} --send-again`",
            letter.number, letter.letter.why, letter.number
        );
        lines.push(format!("  {} {}", look.bad("✗"), look.hanging(&words, 4)));
    }
    lines.join("\n")
}

fn told(line: &Line, look: &Look) -> String {
    let party = if line.party == Role::Dsp { "DSP" } else { values::role_words(line.party.as_str()) };
    let at = line.at.strftime("%H:%M:%S%.3f");
    format!("    {at}  {party:<4}  {}", look.hanging(&line.says, 24))
}
