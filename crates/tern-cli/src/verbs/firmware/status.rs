//! `tern firmware status`: how each device's image stands.

use serde::Serialize;
use tern_model::DeviceId;
use tern_service::firmware::{End, FirmwareRecord, Standing};
use tern_service::overview::Overview;

use super::told::{self, Refused};
use super::{Place, at_desk};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, good_cell, unsure_cell};
use crate::output::Report;

/// Show how the firmware image of each device stands that one was sent to
///
/// It tells what was last heard. With --ask the devices are asked anew that are in the middle of something, or the one that is named; what
/// they run goes into the inventory.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern firmware status",
    "tern firmware status --ask",
    "tern firmware status --device 00-DB-12-53-80-00-00-03 --json"
))]
pub struct Args {
    /// This device alone
    #[arg(long, value_name = "DEVICE ID")]
    device: Option<DeviceId>,
    /// Ask the devices
    #[arg(long)]
    ask: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Serialize)]
struct Firmware {
    devices: Vec<FirmwareRecord>,
    /// Devices that were asked and did not answer.
    silent: Vec<DeviceId>,
    /// What it was that could not be told of a device that was asked.
    refused: Vec<NotTold>,
    interrupted: bool,
    warnings: Vec<String>,
}

/// Why it could not be told how a device stands.
#[derive(Debug, Serialize)]
struct NotTold {
    device: DeviceId,
    #[serde(flatten)]
    why: Refused,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.place.dir)?;
        let known = |overview: &Overview| -> Result<Vec<FirmwareRecord>, Failure> {
            let all = overview.firmware()?;
            Ok(all.into_iter().filter(|record| self.device.is_none_or(|device| record.device == device)).collect())
        };
        let mut devices = known(&Overview::open(&configured.config)?)?;
        if let (Some(device), true) = (self.device, devices.is_empty()) {
            let what = format!("no firmware was sent to {device}");
            return Err(Failure::new(what, "`tern firmware send` sends an image"));
        }
        let (mut silent, mut refused, mut interrupted, mut warnings) = (Vec::new(), Vec::new(), false, Vec::new());
        if self.ask {
            let asked = devices.iter().filter(|record| self.device.is_some() || record.is_under_way());
            let asked: Vec<DeviceId> = asked.map(|record| record.device).collect();
            ((), warnings) = at_desk(context, &self.place, |desk| {
                for device in asked {
                    match desk.ask_device(device)?.end {
                        End::Interrupted => {
                            interrupted = true;
                            break;
                        }
                        End::LineLost => silent.push(device),
                        End::Refused { code, why } => refused.push(NotTold { device, why: Refused::new(code, why) }),
                        End::Done => {}
                    }
                }
                Ok(())
            })?;
            devices = known(&Overview::open(&configured.config)?)?;
        }
        let findings = devices.iter().filter(|d| matches!(d.standing, Standing::NotAccepted { .. })).count();
        let found = findings + silent.len() + refused.len();
        context.output.show(&Firmware { devices, silent, refused, interrupted, warnings })?;
        Ok(if interrupted { Exit::Interrupted } else { Exit::of_findings(found) })
    }
}

impl Report for Firmware {
    fn text(&self, look: &Look) -> String {
        let mut lines = look.warnings(&self.warnings);
        if self.devices.is_empty() {
            lines.push(format!("  {} no firmware was sent to any device", look.good("✓")));
            return lines.join("\n");
        }
        let row = |record: &FirmwareRecord| {
            let words = told::words(record);
            vec![
                cell(record.device),
                cell(record.kind),
                cell(&record.identifier),
                match &record.standing {
                    _ if self.silent.contains(&record.device) => unsure_cell(format!("{words}; it does not answer")),
                    Standing::InUse { .. } | Standing::Verified => good_cell(words),
                    Standing::NotAccepted { .. } => bad_cell(words),
                    _ => unsure_cell(words),
                },
                cell(record.updated.strftime("%Y-%m-%d %H:%M")),
            ]
        };
        let heads = ["device", "type", "image", "standing", "heard (UTC)"];
        lines.push(look.table(&heads, 3, self.devices.iter().map(row)));
        let words = |NotTold { device, why }: &NotTold| look.hanging(&format!("{device}: {}", why.words()), 4);
        lines.extend(self.refused.iter().map(|one| format!("  {} {}", look.bad("✗"), words(one))));
        if self.interrupted {
            lines.push(format!("  {}", look.unsure("interrupted; the same command asks the others")));
        }
        lines.join("\n")
    }
}
