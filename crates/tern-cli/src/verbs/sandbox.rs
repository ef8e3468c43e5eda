//! `tern sandbox`: a User plays with a sandbox that runs: faults, reset, clock. What it does is `tern_service`'s.

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use jiff::{SignedDuration, Span, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tern_model::DeviceId;
use tern_service::sandbox::Player;
use tern_wire::duis::RequestId;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell};
use crate::output::Report;

/// Play with the sandbox that `tern demo --serve` runs: order faults for your devices, set them back, step the clock
///
/// Orders go to the gateway under the User's certificate. A User's devices are those for which it is registered today; no other
/// obeys. Software of your own orders the same: docs/guide/service-requests.md says how.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern sandbox devices --as supplier-a",
    "tern sandbox fault no-wan 00-DB-12-53-80-00-00-02 --as supplier-a --times 3",
    "tern sandbox fault none 00-DB-12-53-80-00-00-02 --as supplier-a",
    "tern sandbox reset --as supplier-a",
    "tern sandbox clock --as supplier-a --step 1d"
))]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// The User, as the key infrastructure names it
    #[arg(long = "as", value_name = "PARTY", global = true, default_value = "supplier-a")]
    party: String,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List your devices, by cohort
    #[command(after_help = after_help!(working, "tern sandbox devices --as supplier-a"))]
    Devices,
    /// Have a device fail, or end its faults
    #[command(after_help = after_help!(
        working,
        "tern sandbox fault no-wan 00-DB-12-53-80-00-00-02 --as supplier-a --times 3",
        "tern sandbox fault none 00-DB-12-53-80-00-00-02 --as supplier-a"
    ))]
    Fault {
        /// How
        fault: Fault,
        /// Which device
        #[arg(value_name = "DEVICE ID")]
        device: DeviceId,
        /// So many times; without it until the faults are ended
        #[arg(long, value_name = "NUMBER")]
        times: Option<u32>,
    },
    /// Take your devices back to what they were after migration, and end what is held for them
    #[command(after_help = after_help!(
        working,
        "tern sandbox reset --as supplier-a",
        "tern sandbox reset 00-DB-12-53-80-00-00-02 --as supplier-a"
    ))]
    Reset {
        /// Those of this device's installation alone
        #[arg(value_name = "DEVICE ID")]
        device: Option<DeviceId>,
    },
    /// Tell the time there, or step it forward for everybody
    #[command(after_help = after_help!(
        working,
        "tern sandbox clock --as supplier-a",
        "tern sandbox clock --as supplier-a --step 1d"
    ))]
    Clock {
        /// By so much: 90m, 12h, 3d
        #[arg(long, value_name = "SPAN", value_parser = span, conflicts_with = "to")]
        step: Option<u32>,
        /// To a moment: 2026-12-24T00:00:00Z
        #[arg(long, value_name = "MOMENT")]
        to: Option<Timestamp>,
    },
    /// List the replies to you that lie there, or print one as it was signed
    #[command(after_help = after_help!(
        working,
        "tern sandbox replies --as supplier-a",
        "tern sandbox replies 1795290780822 --as supplier-a > reply.xml"
    ))]
    Replies {
        /// The reply to this request alone: its RequestID, or its counter
        #[arg(value_name = "REQUESTID|COUNTER", value_parser = request)]
        request: Option<String>,
    },
}

/// How a device fails.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Fault {
    /// Nobody behind the hub is reached
    NoWan,
    /// Each answer of the device comes a second late
    Slow,
    /// The device obeys, and nobody can believe its answer
    WrongAnswer,
    /// The device refuses to verify and to activate firmware
    FirmwareRefused,
    /// No fault any more
    None,
}

/// Seconds of a span of days, hours, minutes and seconds.
fn span(text: &str) -> Result<u32, String> {
    let wrong = || "write a span such as 90m, 12h or 3d".to_owned();
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    u32::try_from(length.as_secs()).ok().filter(|_| length > SignedDuration::ZERO).ok_or_else(wrong)
}

/// A RequestID or a counter, as it stands in a path.
fn request(text: &str) -> Result<String, String> {
    let is_one = text.parse::<u64>().is_ok() || text.parse::<RequestId>().is_ok();
    if is_one { Ok(text.to_owned()) } else { Err("write a RequestID, or its counter".to_owned()) }
}

/// What the sandbox answered.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Told {
    answer: Value,
    #[serde(skip)]
    of: Kind,
}

#[derive(Debug)]
enum Kind {
    Devices,
    Fault,
    Reset,
    Clock,
    Replies,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(Path::new("."))?;
        let mut player = Player::open(&configured.config, &self.party)?;
        let (answer, of) = match self.what {
            What::Devices => (player.devices()?, Kind::Devices),
            What::Fault { fault, device, times } => {
                let name = fault.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
                (player.fault(device, &name, times)?, Kind::Fault)
            }
            What::Reset { device } => (player.reset(device)?, Kind::Reset),
            What::Clock { step: Some(seconds), .. } => (player.step(&json!({ "seconds": seconds }))?, Kind::Clock),
            What::Clock { to: Some(to), .. } => (player.step(&json!({ "to": to }))?, Kind::Clock),
            What::Clock { .. } => (player.time()?, Kind::Clock),
            What::Replies { request: Some(request) } => {
                context.output.raw(player.reply_of(&request)?.as_bytes())?;
                return Ok(Exit::Clean);
            }
            What::Replies { request: None } => (player.replies()?, Kind::Replies),
        };
        context.output.show(&Told { answer, of })?;
        Ok(Exit::Clean)
    }
}

/// A text of an answer; a list of texts with commas.
fn text(of: &Value) -> String {
    match of {
        // Nobody reads billionths of a second.
        Value::String(text) => text.parse::<Timestamp>().map_or_else(|_| text.clone(), |at| format!("{at:.0}")),
        Value::Array(texts) => texts.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl Told {
    fn rows(&self, keys: &[&str], look: &Look) -> String {
        let rows = self.answer.as_array().into_iter().flatten();
        let row = |entry: &Value| keys.iter().map(|key| cell(text(&entry[*key]))).collect::<Vec<_>>();
        let heads: Vec<String> = keys.iter().map(|key| key.replace('_', " ")).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        look.table(&heads, 0, rows.map(row))
    }
}

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let answer = &self.answer;
        match self.of {
            Kind::Devices => self.rows(&["cohort", "group", "device", "kind", "roles", "faults"], look),
            Kind::Replies => self.rows(&["at", "request_id"], look),
            Kind::Fault => {
                let faults = text(&answer["faults"]);
                let faults = if faults.is_empty() { look.good("no fault") } else { look.unsure(&faults) };
                format!("{}: {faults}", text(&answer["device"]))
            }
            Kind::Reset => {
                let (devices, held) =
                    (answer["devices"].as_array().map_or(0, Vec::len), &answer["held_requests_ended"]);
                format!("{devices} devices are what they were after migration; held requests ended: {held}")
            }
            Kind::Clock => match answer["stops"].as_u64().unwrap_or(0) {
                0 => format!("it is {}", text(&answer["now"])),
                stops => {
                    format!("it is {}; on the way {stops} moments at which something was due", text(&answer["now"]))
                }
            },
        }
    }
}
