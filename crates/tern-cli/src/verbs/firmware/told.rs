//! How a device's firmware stands, for people and as JSON.

use serde::Serialize;
use tern_model::DeviceKind;
use tern_service::firmware::{End, FirmwareRecord, Standing, Told};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// What came of a command about one device.
#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    record: FirmwareRecord,
    ended: Ended,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
    warnings: Vec<String>,
}

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Done,
    Interrupted,
    LineLost,
    Refused,
}

#[derive(Debug, Serialize)]
pub struct Refused {
    /// The number, where there is one.
    code: String,
    reason: String,
}

impl Refused {
    /// By its number and in words.
    pub fn new(code: String, reason: String) -> Refused {
        Refused { code, reason }
    }

    /// As one sentence.
    pub fn words(&self) -> String {
        if self.code.is_empty() { self.reason.clone() } else { format!("{}: {}", self.code, self.reason) }
    }
}

impl Shown {
    /// What was told, and what is to be said with it.
    pub fn of(Told { record, end }: Told, warnings: Vec<String>) -> Shown {
        let (ended, refused) = match end {
            End::Done => (Ended::Done, None),
            End::Interrupted => (Ended::Interrupted, None),
            End::LineLost => (Ended::LineLost, None),
            End::Refused { code, why } => (Ended::Refused, Some(Refused::new(code, why))),
        };
        Shown { record, ended, refused, warnings }
    }

    /// The command's exit code; a line that was lost is a failure.
    ///
    /// # Errors
    /// It was.
    pub fn exit(&self) -> Result<Exit, Failure> {
        match self.ended {
            Ended::Done => Ok(Exit::Clean),
            Ended::Interrupted => Ok(Exit::Interrupted),
            Ended::Refused => Ok(Exit::Findings),
            Ended::LineLost => {
                let what = format!("{} does not answer on the WAN", self.record.device);
                Err(Failure::new(what, "nothing is lost: the same command goes on where this one stopped"))
            }
        }
    }
}

impl Report for Shown {
    fn text(&self, look: &Look) -> String {
        let record = &self.record;
        let mark = match self.ended {
            Ended::Refused => look.bad("✗"),
            Ended::Done => look.good("✓"),
            Ended::Interrupted | Ended::LineLost => look.unsure("…"),
        };
        let standing = format!("{} {}: {}", record.kind, record.device, words(record));
        let mut lines = look.warnings(&self.warnings);
        lines.push(format!("  {mark} {}", look.hanging(&standing, 4)));
        lines.push(format!("    image {}, {} bytes", record.identifier, record.size));
        if let Some(refused) = self.refused.as_ref().filter(|refused| !standing.ends_with(&refused.reason)) {
            lines.push(look.paragraph(&refused.words(), 4));
        }
        lines.extend(next(record, self.ended).map(|next| look.faint(&look.paragraph(&format!("next: {next}"), 2))));
        lines.join("\n")
    }
}

/// How far an image is, in words.
pub fn words(record: &FirmwareRecord) -> String {
    match &record.standing {
        Standing::Sending if !record.begun => "not begun".to_owned(),
        Standing::Sending => format!("{} of {} blocks there", record.blocks_there, record.blocks),
        Standing::Verifying => "all blocks there, the device verifies them".to_owned(),
        Standing::Verified => "verified by the device".to_owned(),
        Standing::NotAccepted { why } => format!("not accepted: {why}"),
        Standing::Activating => "told to use it".to_owned(),
        Standing::InUse { version } => format!("in use, the device tells version {version}"),
    }
}

/// What comes next for people, if anything.
fn next(record: &FirmwareRecord, ended: Ended) -> Option<&'static str> {
    match (ended, &record.standing) {
        (Ended::Interrupted, _) => Some("the same command goes on where this one stopped"),
        (Ended::Done, Standing::Verified) if record.kind == DeviceKind::Gsme => {
            Some("a Service Request 11.3 of its Gas Supplier: `tern request 11.3`")
        }
        (Ended::Done, Standing::Verified) => {
            Some("`tern firmware activate` with the Electricity Supplier's signed instruction")
        }
        (Ended::Done, Standing::Verifying | Standing::Activating) => {
            Some("`tern firmware status --ask` asks the device how it stands")
        }
        (Ended::Done, Standing::Sending) => Some("`tern firmware send` sends the rest"),
        _ => None,
    }
}
