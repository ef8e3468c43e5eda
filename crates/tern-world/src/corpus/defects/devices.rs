//! Defects of devices: lines of the fault script that fail an operation on the way forward, or on the way back.

use tern_model::{ChfIdentifier, GroupId};

use super::Defect;
use crate::devices::{Fault, FaultKind, FaultRow, Times};

/// What changes something on a device while it is secured (B6).
const SECURING: [&str; 4] =
    ["key-transfer", "master-key-transfer", "import-certificate/chf", "import-certificate/esme"];
/// What changes something on an ESME whose certificate stays as it is (A6).
const KEYS: [&str; 2] = ["key-transfer", "master-key-transfer"];
/// That the SMSO is not told that it is out (B6.7), so that what was done is taken back.
const NOT_SHUT_OUT: &str = "refuse-association";
/// Taking back the certificate of the ESME, then of the hub.
const CERTIFICATES: [&str; 2] = ["import-certificate/esme@2", "import-certificate/chf@2"];
const WHITELIST: &str = "set-whitelist";
/// Taking back the APN.
const APN_BACK: &str = "set-apn@2";
/// The hub's model is read once to reach it, and then for the Inventory (B5.1), which is tried three times.
const MODEL_ONCE_MORE: (&str, Times) = ("read-model/chf@2", Times::Count(3));

/// The lines of the fault script; none for a defect of the devices' state or of records.
pub(in crate::corpus) fn script((chf, group): (ChfIdentifier, GroupId), defect: Defect, nth: usize) -> Vec<Fault> {
    let always = |row| (row, Times::Always);
    let foc = group.is_foc();
    let rows = match defect {
        Defect::HubDetailsUnread => vec![MODEL_ONCE_MORE],
        Defect::WhitelistRefused => vec![always(WHITELIST)],
        Defect::SecuringFails if foc => vec![always(SECURING[nth % SECURING.len()])],
        Defect::SecuringFails => vec![always(KEYS[nth % KEYS.len()])],
        Defect::CertificateNotPutBack => {
            vec![always(NOT_SHUT_OUT), always(CERTIFICATES[nth % CERTIFICATES.len()])]
        }
        Defect::WanNotPutBack if foc => vec![always(WHITELIST), always(APN_BACK)],
        Defect::WanNotPutBack => vec![always(KEYS[nth % KEYS.len()]), always(APN_BACK)],
        _ => Vec::new(),
    };
    let fails = |(row, times): (&str, Times)| Fault { chf, kind: FaultKind::Fail, row: FaultRow::new(row), times };
    rows.into_iter().map(fails).collect()
}
