//! `tern dead-letters`: replies that their Users never took, and the way to send them again.

use std::path::PathBuf;

use serde::Serialize;
use tern_model::Role;
use tern_service::gateway::{Letter, dead_letters, send_letters_again};
use tern_service::overview::Overview;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;

/// List the replies that Users never took, show one, and send them again
///
/// A reply becomes a dead letter when its User does not take it in time (`gateway.reply_expires_hours`), or finds it invalid. It is
/// kept as it was signed, and goes out again byte for byte; the time that its User has begins anew. While `tern serve` runs, the
/// order goes to it, under the DSP's own certificate; else its next start sends them.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern dead-letters",
    "tern dead-letters 17 --raw > reply.xml",
    "tern dead-letters 17 --send-again",
    "tern dead-letters --all --send-again"
))]
pub struct Args {
    /// One letter, by its number
    number: Option<u64>,
    /// Send it again
    #[arg(long)]
    send_again: bool,
    /// Every letter
    #[arg(long, requires = "send_again", conflicts_with = "number")]
    all: bool,
    /// Print the reply as it was signed, and nothing else
    #[arg(long, requires = "number", conflicts_with = "send_again")]
    raw: bool,
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Serialize)]
struct Listed {
    dead_letters: Vec<Letter>,
}

#[derive(Debug, Serialize)]
struct Sent {
    /// The numbers of those that go again.
    sent_again: Vec<u64>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let config = context.configured(&self.dir)?.config;
        let overview = Overview::open(&config)?;
        let dsp = overview.stores().into_iter().find(|(role, _)| *role == Role::Dsp).and_then(|(_, store)| store);
        let mut letters = dsp.map(|store| dead_letters(store)).transpose()?.unwrap_or_default();
        if let Some(number) = self.number {
            letters.retain(|letter| letter.number == number);
            if letters.is_empty() {
                return Err(Failure::new(
                    format!("there is no dead letter {number}"),
                    "`tern dead-letters` lists those that there are",
                ));
            }
        }
        if self.send_again {
            if self.number.is_none() && !self.all {
                return Err(Failure::new("which letters?", "name one by its number, or say --all"));
            }
            let sent_again = send_letters_again(&config, self.number.map(|number| vec![number]))?;
            context.output.show(&Sent { sent_again })?;
            return Ok(Exit::Clean);
        }
        if self.raw {
            letters.iter().try_for_each(|letter| context.output.raw(letter.letter.reply.as_bytes()))?;
            return Ok(Exit::Clean);
        }
        context.output.show(&Listed { dead_letters: letters })?;
        Ok(Exit::Clean)
    }
}

impl Report for Listed {
    fn text(&self, look: &Look) -> String {
        if self.dead_letters.is_empty() {
            return format!("  {} there are no dead letters", look.good("✓"));
        }
        let rows = self.dead_letters.iter().map(|letter| {
            let request = letter.request.map_or_else(|| letter.letter.message.clone(), |key| key.id.to_string());
            let number = usize::try_from(letter.number).unwrap_or(usize::MAX);
            let given_up = letter.letter.given_up.strftime("%Y-%m-%d %H:%M");
            vec![count_cell(number), cell(given_up), cell(request), cell(&letter.letter.why)]
        });
        look.table(&["No.", "given up (UTC)", "request", "why"], 3, rows)
    }
}

impl Report for Sent {
    fn text(&self, look: &Look) -> String {
        format!("  {} {} on the way again", look.good("✓"), counted(self.sent_again.len(), "letter"))
    }
}
