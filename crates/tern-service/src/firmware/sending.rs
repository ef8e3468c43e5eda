//! An image on its way: in blocks, over as many connections as it takes, and no block twice.
//!
//! That any of it may be at the device is durable before the first block leaves, so that whoever goes on, after Ctrl-C, a
//! crash or a lost line, asks the device how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tern_cohorts::{FirmwareError, FirmwareStage, Keys};
use tern_model::DeviceId;
use tern_store::Batch;
use tern_wire::migration::ImageIdentifier;

use super::desk::{End, FirmwareDesk, Told, firmware_of, note, numbers_for};
use super::image::Image;
use super::record::{FirmwareRecord, Standing};
use super::target::Target;
use crate::fault::ServiceFault;

/// What is to be sent, and where to.
#[derive(Debug)]
pub struct Sending<'a> {
    /// The device.
    pub device: DeviceId,
    /// What the image is called.
    pub identifier: ImageIdentifier,
    /// The image.
    pub image: &'a Image,
    /// Whether another image that is on its way is given up for it.
    pub instead: bool,
}

/// So many blocks may be at the device and not be noted yet: the device says better.
const BLOCKS_UNNOTED: u32 = 256;

impl FirmwareDesk<'_> {
    /// Sends what is left of an image, and has the device verify it; `watch` hears how it goes.
    ///
    /// # Errors
    /// The device is none that this S1SP may send firmware to, another image is on its way, or a store failed.
    pub fn send(
        &mut self,
        sending: &Sending<'_>,
        watch: &mut dyn FnMut(&FirmwareRecord),
    ) -> Result<Told, ServiceFault> {
        let (mut target, keys, kept) = self.open(sending.device)?;
        let mut record = match kept {
            Some(kept) if is_same(&kept, sending) && !matches!(kept.standing, Standing::NotAccepted { .. }) => kept,
            Some(other) if other.is_under_way() && !sending.instead => return Err(another(&other)),
            _ => self.new_record(&target, sending)?,
        };
        let mut fruitless = 0;
        while matches!(record.standing, Standing::Sending | Standing::Verifying) {
            if self.way.is_to_stop() {
                return Ok(Told { record, end: End::Interrupted });
            }
            let before = (record.begun, record.blocks_there);
            let outcome = self.converse((&mut target, &keys), &mut record, sending.image, watch)?;
            match outcome {
                Ok(FirmwareStage::Verifying) => {
                    self.keep(&mut record, None)?;
                    break;
                }
                Ok(FirmwareStage::Verified) => self.keep(&mut record, Some("firmware verified by the device"))?,
                Ok(_) => {
                    // It knows of no transfer: whatever it had of the image is gone.
                    (record.begun, record.blocks_there, fruitless) = (false, 0, fruitless + 1);
                }
                Err(error) if error.may_pass() => {
                    let got_on = (record.begun, record.blocks_there) != before;
                    fruitless = if got_on { 0 } else { fruitless + 1 };
                }
                Err(error) => return self.refused(record, &error),
            }
            if fruitless >= self.attempts.max(1) {
                return Ok(Told { record, end: End::LineLost });
            }
        }
        watch(&record);
        Ok(Told { record, end: End::Done })
    }

    fn new_record(&mut self, target: &Target, sending: &Sending<'_>) -> Result<FirmwareRecord, ServiceFault> {
        let mut record = FirmwareRecord {
            device: target.device,
            kind: target.kind,
            chf: target.installation.plan.chf,
            set: target.installation.plan.set,
            identifier: sending.identifier.to_string(),
            size: sending.image.size(),
            digest: sending.image.digest(),
            begun: false,
            blocks_there: 0,
            blocks: 0,
            standing: Standing::Sending,
            updated: self.clock.now(),
        };
        self.keep(&mut record, Some("firmware sending begins"))?;
        Ok(record)
    }

    /// One connection, for as long as it holds.
    fn converse(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &mut FirmwareRecord,
        image: &Image,
        watch: &mut dyn FnMut(&FirmwareRecord),
    ) -> Result<Result<FirmwareStage, FirmwareError>, ServiceFault> {
        let numbers = self.reserve(target, numbers_for(record))?;
        let (cohort, to, stop) = (tern_cohorts::cohort(record.set.group), target.to, Arc::<AtomicBool>::default());
        let sent = record.clone();
        let mut firmware = firmware_of(&sent, image.bytes());
        let (store, clock, way) = (&mut *self.store, self.clock, self.way);
        let mut failed = None;
        let mut noted = record.blocks_there;
        let outcome = way.at((target, keys), numbers, &stop, |site| {
            cohort.send_firmware(&mut firmware, to, site, &mut |stage| {
                let first = !std::mem::replace(&mut record.begun, true);
                note(record, stage);
                if first || record.blocks_there >= noted.saturating_add(BLOCKS_UNNOTED) {
                    (noted, record.updated) = (record.blocks_there, clock.now());
                    let kept =
                        record.put().and_then(|put| Ok(store.commit(&Batch { puts: vec![put], ..Batch::default() })?));
                    if let Err(fault) = kept {
                        failed = Some(fault);
                        stop.store(true, Ordering::Release);
                    }
                }
                watch(record);
            })
        });
        if let Some(fault) = failed {
            return Err(fault);
        }
        self.keep(record, None)?;
        Ok(outcome)
    }

    /// The device, or whoever stands before it, says no.
    fn refused(&mut self, mut record: FirmwareRecord, error: &FirmwareError) -> Result<Told, ServiceFault> {
        let why = error.to_string();
        if error.is_about_the_image() {
            record.standing = Standing::NotAccepted { why: why.clone() };
            self.keep(&mut record, Some("firmware not accepted by the device"))?;
        }
        Ok(Told { record, end: End::Refused { code: String::new(), why } })
    }
}

fn is_same(record: &FirmwareRecord, sending: &Sending<'_>) -> bool {
    record.identifier == sending.identifier.as_str() && record.digest == sending.image.digest()
}

fn another(other: &FirmwareRecord) -> ServiceFault {
    ServiceFault::Refused {
        what: format!("{} is being sent another image, {} (SHA-256 {})", other.device, other.identifier, other.digest),
        suggestion: "send that one to its end, or give it up with --instead".to_owned(),
    }
}
