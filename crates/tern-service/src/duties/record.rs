//! A broken duty, kept for good: the events that show it may be gone one day.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, Mpxn, PartyId};
use tern_rules::OverlayName;
use tern_rules::duties::Owed;
use tern_store::{AuditEntry, Batch, Expect, Store};

use super::MeterDuties;
use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of the store's records.
const KIND: &str = "duty-broken";

/// What is kept of a broken duty.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct BrokenDuty {
    clause: String,
    device: DeviceId,
    chf: ChfIdentifier,
    mpxn: Option<Mpxn>,
    supplier: Option<PartyId>,
    since: Date,
    on: Date,
    recorded: Timestamp,
}

/// Keeps a meter's duty that was broken in the DSP's store, with a line in its audit. True where it was not kept before.
///
/// # Errors
/// The store failed.
pub fn record(
    dsp: &mut dyn Store,
    duties: &MeterDuties,
    supplier: Option<PartyId>,
    (now, overlay): (Timestamp, Option<&OverlayName>),
) -> Result<bool, ServiceFault> {
    let Owed::Broken { on, since } = duties.credit_mode.owed else { return Ok(false) };
    let meter = &duties.meter;
    let key = format!("{}/{on}", meter.device);
    if dsp.get(KIND, &key)?.is_some() {
        return Ok(false);
    }
    let broken = BrokenDuty {
        clause: "4.49".to_owned(),
        device: meter.device,
        chf: meter.chf,
        mpxn: meter.mpxn.clone(),
        supplier,
        since,
        on,
        recorded: now,
    };
    let supplier = supplier.map_or_else(|| "not registered".to_owned(), |supplier| supplier.to_string());
    let words = format!("4.49: owed since {since}, not in Credit Mode on {on}; Responsible Supplier {supplier}");
    let audit = AuditEntry {
        at: now,
        actor: "DSP".to_owned(),
        action: "duty broken".to_owned(),
        subject: meter.device.to_string(),
        evidence: overlay.map_or(words.clone(), |overlay| overlay.mark(&words)),
    };
    let put = inbox::put(KIND, key, Expect::Absent, &broken)?;
    dsp.commit(&Batch { puts: vec![put], audit: vec![audit], ..Batch::default() })?;
    Ok(true)
}
