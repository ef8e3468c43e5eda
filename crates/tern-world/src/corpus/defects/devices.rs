//! Defects of devices: lines of the fault script that fail a row on the way forward, or on the way back.

use tern_model::ChfIdentifier;

use super::Defect;
use crate::devices::{Fault, FaultKind, FaultRow, Times};

/// Rows of B6 that change something on a device.
const SECURING: [&str; 4] = ["B6.2/do", "B6.4/do", "B6.5/do", "B6.6/do"];
/// Undoing the certificate of the ESME, then of the hub.
const CERTIFICATES: [&str; 2] = ["B6.6/undo", "B6.5/undo"];

/// The lines of the fault script; none for a defect of the devices' state or of records.
pub(in crate::corpus) fn script(chf: ChfIdentifier, defect: Defect, nth: usize) -> Vec<Fault> {
    let rows: &[&str] = match defect {
        Defect::HubDetailsUnread => &["B5.1/do"],
        Defect::WhitelistRefused => &["15.11/do"],
        Defect::SecuringFails => &[SECURING[nth % SECURING.len()]],
        Defect::CertificateNotPutBack => &["B6.7/do", CERTIFICATES[nth % CERTIFICATES.len()]],
        Defect::WanNotPutBack => &["15.11/do", "W2/undo"],
        _ => &[],
    };
    let fails = |row: &&str| Fault { chf, kind: FaultKind::Fail, row: FaultRow::new(row), times: Times::Always };
    rows.iter().map(fails).collect()
}
