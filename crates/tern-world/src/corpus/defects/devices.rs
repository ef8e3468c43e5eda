//! Defects of devices: lines of the fault script that fail an operation on the way forward, or on the way back.
//!
//! Each stands twice: by operation, and by row for as long as devices are asked row by row. A line of the one kind strikes
//! nothing of the other.

use tern_model::ChfIdentifier;

use super::Defect;
use crate::devices::{Fault, FaultKind, FaultRow, Times};

/// What changes something on a device while it is secured (B6).
const SECURING: [[&str; 2]; 4] = [
    ["key-transfer", "B6.2/do"],
    ["master-key-transfer", "B6.4/do"],
    ["import-certificate/chf", "B6.5/do"],
    ["import-certificate/esme", "B6.6/do"],
];
/// That the SMSO is not told that it is out (B6.7), so that what was done is taken back.
const NOT_SHUT_OUT: [&str; 2] = ["refuse-association", "B6.7/do"];
/// Taking back the certificate of the ESME, then of the hub.
const CERTIFICATES: [[&str; 2]; 2] =
    [["import-certificate/esme@2", "B6.6/undo"], ["import-certificate/chf@2", "B6.5/undo"]];
const WHITELIST: [&str; 2] = ["set-whitelist", "15.11/do"];
/// Taking back the APN.
const APN_BACK: [&str; 2] = ["set-apn@2", "W2/undo"];
/// The hub's model is read once to reach it, and then for the Inventory (B5.1), which is tried three times.
const MODEL_ONCE_MORE: (&str, Times) = ("read-model/chf@2", Times::Count(3));

/// The lines of the fault script; none for a defect of the devices' state or of records.
pub(in crate::corpus) fn script(chf: ChfIdentifier, defect: Defect, nth: usize) -> Vec<Fault> {
    let always = |rows: &[&'static str]| rows.iter().map(|row| (*row, Times::Always)).collect::<Vec<_>>();
    let rows = match defect {
        Defect::HubDetailsUnread => vec![MODEL_ONCE_MORE, ("B5.1/do", Times::Always)],
        Defect::WhitelistRefused => always(&WHITELIST),
        Defect::SecuringFails => always(&SECURING[nth % SECURING.len()]),
        Defect::CertificateNotPutBack => always(&[NOT_SHUT_OUT, CERTIFICATES[nth % CERTIFICATES.len()]].concat()),
        Defect::WanNotPutBack => always(&[WHITELIST, APN_BACK].concat()),
        _ => Vec::new(),
    };
    let fails = |(row, times): (&str, Times)| Fault { chf, kind: FaultKind::Fail, row: FaultRow::new(row), times };
    rows.into_iter().map(fails).collect()
}
