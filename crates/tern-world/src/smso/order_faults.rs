//! The script of what goes wrong with orders to an SMSO: `order_faults.csv` beside its records. It need not be there.

use std::path::Path;

use tern_model::ChfIdentifier;

use super::orders::{Order, Task};
use crate::WorldError;
use crate::files;

/// The script's file in an SMSO's folder.
pub const ORDER_FAULTS_FILE: &str = "order_faults.csv";
const HEADER: &str = "chf_identifier,task,fault,times";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderFaultKind {
    /// The order is taken and fails: everything stays as it was.
    Fails,
    /// The order is taken, and nobody hears of it.
    LostAnswer,
    /// It takes five days more.
    Late,
}

/// A line of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFault {
    chf: ChfIdentifier,
    firmware: bool,
    kind: OrderFaultKind,
    left: u32,
}

impl OrderFault {
    pub(super) fn is_for(&self, order: &Order, kind: OrderFaultKind) -> bool {
        let firmware = matches!(order.task, Task::Firmware { .. });
        self.left > 0 && self.chf == order.chf && self.kind == kind && self.firmware == firmware
    }

    pub(super) fn struck(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

/// Reads the script of a folder.
///
/// # Errors
/// The file is there and cannot be read, or a row is no fault.
pub(super) fn read_order_faults(dir: &Path) -> Result<Vec<OrderFault>, WorldError> {
    let path = dir.join(ORDER_FAULTS_FILE);
    let Some(bytes) = files::read_optional(&path)? else { return Ok(Vec::new()) };
    let text = String::from_utf8(bytes).map_err(|_| WorldError::malformed(&path, 0, "expected UTF-8".to_owned()))?;
    let mut lines = (1..).zip(text.lines());
    if lines.next().map(|(_, header)| header.trim()) != Some(HEADER) {
        return Err(WorldError::malformed(&path, 1, format!("expected the header {HEADER}")));
    }
    let rows = lines.filter(|(_, line)| !line.trim().is_empty());
    rows.map(|(number, line)| fault(line).map_err(|reason| WorldError::malformed(&path, number, reason))).collect()
}

fn fault(line: &str) -> Result<OrderFault, String> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let [chf, task, fault, times] = cells[..] else { return Err(format!("expected four cells: {HEADER}")) };
    Ok(OrderFault {
        chf: chf.parse().map_err(|_| format!("`{chf}` is no EUI-64"))?,
        firmware: match task {
            "firmware" => true,
            "configure" => false,
            other => return Err(format!("`{other}`: expected firmware or configure")),
        },
        kind: match fault {
            "fails" => OrderFaultKind::Fails,
            "lost-answer" => OrderFaultKind::LostAnswer,
            "late" => OrderFaultKind::Late,
            other => return Err(format!("`{other}`: expected fails, lost-answer or late")),
        },
        left: times.parse().map_err(|_| format!("`{times}`: expected how often it strikes"))?,
    })
}
