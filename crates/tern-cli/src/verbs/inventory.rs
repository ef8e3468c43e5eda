//! `tern inventory`: what the Smart Metering Inventory holds. It only reads.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{CSP_REGION, ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Eui64, InventoryStatus, Mpxn, PartyId};
use tern_service::overview::Overview;
use tern_service::parties::inventory::{InventoryEntry, InventoryEvent};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, good_cell, unsure_cell};
use crate::output::Report;

/// Show what the Smart Metering Inventory holds: a hub with the devices behind it, or one device
///
/// Each device with its model, its status and since when it has it, its history, its S1SP and its CSP Region. Without an
/// identifier, how many devices of each kind there are.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern inventory --in tern-demo", "tern inventory 00-DB-12-53-80-00-00-01 --in tern-demo", "tern inventory 00-DB-12-53-80-00-00-01 --json"))]
pub struct Args {
    /// A hub or any other device
    #[arg(value_name = "CHF IDENTIFIER OR DEVICE ID")]
    device: Option<Eui64>,
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Serialize)]
struct Counts {
    kinds: Vec<KindRow>,
}

#[derive(Debug, Serialize)]
struct KindRow {
    kind: DeviceKind,
    in_inventory: usize,
    taken_out: usize,
}

#[derive(Debug, Serialize)]
struct Devices {
    devices: Vec<DeviceRow>,
}

#[derive(Debug, Serialize)]
struct DeviceRow {
    device: DeviceId,
    kind: DeviceKind,
    model: Option<DeviceModel>,
    /// Null of a device that was pre-notified and no more.
    chf_identifier: Option<ChfIdentifier>,
    /// Of a meter.
    mpxn: Option<Mpxn>,
    in_inventory: bool,
    /// Null where it was taken out, and of Type 2 devices.
    status: Option<InventoryStatus>,
    since: Option<Timestamp>,
    s1sp: Option<PartyId>,
    csp_region: &'static str,
    history: Vec<EventRow>,
}

#[derive(Debug, Serialize)]
struct EventRow {
    at: Option<Timestamp>,
    change: String,
    status: Option<InventoryStatus>,
    /// The set, or the RequestID.
    by: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let overview = Overview::open(&context.configured(&self.dir)?.config)?;
        let Some(device) = self.device else {
            let row = |(kind, count): (_, tern_service::overview::InventoryCount)| KindRow {
                kind,
                in_inventory: count.held,
                taken_out: count.taken_out,
            };
            context.output.show(&Counts { kinds: overview.inventory_counts()?.into_iter().map(row).collect() })?;
            return Ok(Exit::Clean);
        };
        let devices = overview.inventory(device)?;
        if devices.is_empty() {
            let what = format!("the inventory never held {device}");
            return Err(Failure::new(what, "`tern status --chf CHF` says how its migration stands"));
        }
        context.output.show(&Devices { devices: devices.iter().map(DeviceRow::of).collect() })?;
        Ok(Exit::Clean)
    }
}

impl DeviceRow {
    fn of(entry: &InventoryEntry) -> DeviceRow {
        let event = |(e, status): (&InventoryEvent, _)| EventRow {
            at: e.at,
            change: e.change.to_string(),
            status,
            by: e.by.to_string(),
        };
        DeviceRow {
            device: entry.device,
            kind: entry.kind,
            model: entry.model.clone(),
            chf_identifier: entry.chf,
            mpxn: entry.mpxn.clone(),
            in_inventory: entry.is_held(),
            status: entry.status(),
            since: entry.history.last().and_then(|e| e.at),
            s1sp: entry.s1sp,
            csp_region: CSP_REGION,
            history: entry.statuses().map(event).collect(),
        }
    }

    fn standing(&self) -> String {
        match (self.status, self.in_inventory) {
            (Some(status), _) => status.to_string(),
            (None, true) => "no status (Type 2)".to_owned(),
            (None, false) => "taken out".to_owned(),
        }
    }
}

impl Report for Counts {
    fn text(&self, look: &Look) -> String {
        if self.kinds.is_empty() {
            return format!("  no migration put anything in yet\n  {}", look.faint("next: `tern migrate DIR`"));
        }
        let row = |r: &KindRow| vec![cell(r.kind), count_cell(r.in_inventory), count_cell(r.taken_out)];
        look.table(&["kind", "in the inventory", "taken out again"], 0, self.kinds.iter().map(row))
    }
}

impl Report for Devices {
    fn text(&self, look: &Look) -> String {
        let row = |d: &DeviceRow| {
            let standing = d.standing();
            vec![
                cell(d.device),
                cell(d.kind),
                cell(d.model.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)),
                if d.in_inventory { good_cell(standing) } else { unsure_cell(standing) },
                cell(d.since.map_or_else(|| "-".to_owned(), minute)),
                cell(d.s1sp.map_or_else(|| "-".to_owned(), |s1sp| s1sp.to_string())),
                cell(d.csp_region),
            ]
        };
        let header = ["device", "type", "model", "status", "since (UTC)", "S1SP", "CSP Region"];
        let mut parts = vec![look.table(&header, 2, self.devices.iter().map(row)), String::new()];
        let happened = self.devices.iter().flat_map(|d| d.history.iter().map(move |e| (d, e)));
        let line = |(d, e): (&DeviceRow, &EventRow)| {
            let at = e.at.map_or_else(|| "-".to_owned(), minute);
            vec![cell(at), cell(d.device), cell(&e.change), cell(&e.by)]
        };
        parts.push(look.table(&["at (UTC)", "device", "history", "by"], 2, happened.map(line)));
        parts.join("\n")
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
